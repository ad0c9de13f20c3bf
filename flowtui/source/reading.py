"""Reads what is new of one thread's runs, with as few requests as that takes: usually one.

Decides which requests a look needs and turns bodies into rows; what they mean for what is known is not its business.
An error ends a reading and stands in it, beside the rows that came before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from flowtui.errors import (
    ApiError,
    AuthError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    TransportError,
    UnreadableError,
    UsageError,
)
from flowtui.model.parsing import ParsedRuns, parse_detail, parse_run, parse_runs
from flowtui.model.run import Run, RunKey
from flowtui.model.store import ThreadState
from flowtui.source.calls import Calls, Charge, Sweep, follow
from flowtui.source.paging import KNOWN, MAX_ROWS, PageRequest, SweepEnd, sweep

HEAD_PAGE: Final = 20
"""Runs asked for at a look; the API's own default. A longer gap since the last look is read page by page."""

LOAD_PAGE: Final = 100
"""Runs, or threads, asked for at a time when much is to be read. The API documents no maximum; fewer is fine too."""

MAX_GAP: Final = 5_000
"""New runs read at one look: enough for any outage, and an end where a server makes ids up."""

_ROOM = 5  # new runs that may come before a longer page does not show the deepest active run any more
_DEEP = 2  # active runs a look asks for one by one, because no page that it reads shows them


@dataclass(slots=True)
class Reading:
    """What one look brought, at `at` (UTC epoch seconds, before its first request).

    `rows` in the server's order; `singles` are runs that were asked for one by one, `gone` raw ids of runs that the
    server does not know any more. `whole`: `rows` are all there are; `same`: the one page equals the last one.
    """

    at: float
    rows: list[Run] = field(default_factory=list)
    singles: list[Run] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    whole: bool = False
    same: bool = False
    error: ApiError | None = None


class RunReader:
    """Reads runs. Keeps, per thread, the last first page to compare with, and what it must not ask for again."""

    def __init__(self, calls: Calls, history: int) -> None:
        self._calls = calls
        self._history = history
        self._heads: dict[str, tuple[bytes, ParsedRuns]] = {}
        self._anchors: dict[str, Mapping[str, Run]] = {}
        self._gone: set[RunKey] = set()
        self._asked: dict[str, str] = {}

    async def read(self, state: ThreadState, charge: Charge) -> Reading:
        """Look at the runs of a thread. Never raises for what the server does: see `Reading.error`."""
        reading = Reading(self._calls.clock.now())
        try:
            if state.observed is None:
                plan = sweep(limit=LOAD_PAGE, max_rows=self._history)
                end = await self._sweep(state, charge, reading, plan)
            else:
                end = await self._head(state, charge, reading)
            reading.whole = end.complete and end.reason != KNOWN
            await self._read_deep(state, charge, reading)
        except ApiError as error:
            reading.error = error
            if reading.rows:
                # What is saved now must not pass for what was read: the rows between would never be asked for.
                self._anchors.setdefault(state.key, state.runs)
                self._heads.pop(state.key, None)
        else:
            self._anchors.pop(state.key, None)
        return reading

    async def _head(self, state: ThreadState, charge: Charge, reading: Reading) -> SweepEnd:
        """Read the newest runs, down to one that is known; a longer page where that shows all that may still move."""
        known = self._anchors.get(state.key, state.runs)
        deepest = max((place for place, _ in self._active(state)), default=0)
        limit = min(max(HEAD_PAGE, deepest + _ROOM), LOAD_PAGE)
        end = await self._sweep(state, charge, reading, sweep(limit=limit, max_rows=limit, known=known))
        if end.reason != MAX_ROWS:
            return end
        gap = sweep(limit=LOAD_PAGE, max_rows=MAX_GAP, known=known)
        return await self._sweep(state, charge, reading, gap)

    async def _sweep(self, state: ThreadState, charge: Charge, reading: Reading, plan: Sweep) -> SweepEnd:
        pages: list[bool] = []

        async def fetch(request: PageRequest) -> Sequence[str]:
            call = partial(self._calls.source.runs, state.key, limit=request.limit, offset=request.offset)
            body = await self._calls.body(charge, call)
            parsed, same = self._parse(state.key, request.offset, body)
            pages.append(same)
            reading.rows += parsed.rows
            if parsed.error is not None:
                raise UnreadableError(f"Runs of {state.id}: the server sent {parsed.error}")
            return [row.raw_id for row in parsed.rows]

        end = await follow(plan, fetch)
        reading.same = pages == [True]
        return end

    def _parse(self, key: str, offset: int, body: bytes) -> tuple[ParsedRuns, bool]:
        """Return the rows of a page, and whether it equals the last one. Only first pages are worth keeping."""
        head = self._heads.get(key)
        if offset == 0 and head is not None and head[0] == body:
            return head[1], True
        parsed = parse_runs(body, key)
        if offset == 0:
            self._heads[key] = (body, parsed)
        return parsed, False

    async def _read_deep(self, state: ThreadState, charge: Charge, reading: Reading) -> None:
        """Ask one by one for active runs that should have come up and did not, a few at each look, in turn.

        An active run may lie deeper than any page that is worth reading every two seconds.
        """
        seen = {row.raw_id for row in reading.rows}
        if self._gone:
            self._gone.difference_update((state.key, raw_id) for raw_id in seen)
        missed = [run.raw_id for _, run in self._active(state) if run.raw_id not in seen]
        last = self._asked.get(state.key)
        turn = missed.index(last) + 1 if last in missed else 0
        for raw_id in (missed[turn:] + missed[:turn])[:_DEEP]:
            self._asked[state.key] = raw_id
            await self._read_one(state.key, raw_id, charge, reading)

    async def _read_one(self, key: str, raw_id: str, charge: Charge, reading: Reading) -> None:
        try:
            body = await self._calls.body(charge, partial(self._calls.source.run, key, raw_id))
            run = parse_run(parse_detail(body), key)
        except (NotFoundError, RejectedError):  # an unknown id may be either
            self._gone.add((key, raw_id))
            reading.gone.append(raw_id)
        except UsageError:
            self._gone.add((key, raw_id))  # an id that no path can name
        except (AuthError, RateLimitedError, TransportError):
            raise  # not this run's own trouble
        except ApiError:
            return  # the others are fine, and its turn comes again
        else:
            if run.raw_id == raw_id:
                reading.singles.append(run)

    def _active(self, state: ThreadState) -> Iterator[tuple[int, Run]]:
        """Yield the runs that may still move, with their places in the list."""
        return (
            (place, run)
            for place, run in enumerate(state.runs.values())
            if run.active and run.key not in self._gone
        )
