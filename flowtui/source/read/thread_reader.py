"""Reads what is new of one thread's runs with as few requests as possible: usually one.

Decides which requests an observation needs, and parses bodies into rows. An error ends the observation; the result holds
it, and the rows that were read before it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from flowtui import errors
from flowtui.model.run.fingerprint import fingerprint, fingerprints, page_extras
from flowtui.model.run.parsing import ParsedRuns, parse_detail, parse_run, parse_runs
from flowtui.model.run.raw_paths import Extras, extras_of
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.source.read import paging
from flowtui.source.read.before import Before
from flowtui.source.read.budgeted_calls import Calls, Charge, fetch_pages
from flowtui.source.read.page_cache import PageCache
from flowtui.source.read.paging import PageRequest, Sweep, SweepEnd
from flowtui.text import short_id

HEAD_PAGE: Final = 20
"""Runs requested per observation; the API's default. If more runs are new, they are read page by page."""

LOAD_PAGE: Final = 100
"""Runs or threads per page when many are to be read. The API documents no maximum, and servers may send fewer."""

MAX_GAP: Final = 5_000
"""Most new runs read in one observation: enough after any outage, and a limit if the server invents ids."""

_ROOM = 5  # how many runs may be created before the next page no longer shows the oldest active run
_DEEP = 2  # active runs per observation that are requested one by one, because no page shows them


@dataclass(slots=True)
class Reading:
    """The result of one observation that began at `at` (UTC epoch seconds).

    `rows`: the rows of the pages, in the server's order.
    `singles`: runs that were requested by their ids.
    `gone`: raw ids of requested runs that the server no longer knows.
    `configs`: the fingerprints of configurations that were not known before, by raw id of the run.
    `extras`: the values at the wanted paths, by raw id of the run.
    `whole`: whether `rows` are all runs of the thread.
    `same`: whether only one page was read, and it equals the newest page of the last observation.
    `checked`: whether the rows that may be wrong were read again (see `rereads.py`).
    `error`: why the observation is incomplete; None if it is complete.
    """

    at: float
    rows: list[Run] = field(default_factory=list)
    singles: list[Run] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    configs: dict[str, str] = field(default_factory=dict)
    extras: dict[str, Extras] = field(default_factory=dict)
    whole: bool = False
    same: bool = False
    checked: bool = False
    error: errors.ApiError | None = None

    @property
    def unchanged(self) -> bool:
        """Whether the reading brought nothing new, unless one of `singles` has changed."""
        return self.same and not (self.gone or self.configs or self.extras)

    def observations(self) -> list[list[Run]]:
        """Return a list of all rows as they were read first; if rows changed while they were read, also a list as of the end.

        Rows may be read more than once while the list changes. Single runs come first: each list must end with the oldest
        row of the pages, which shows how far back they reach.
        """
        first: dict[str, Run] = {}
        last: dict[str, Run] = {}
        for row in self.rows:
            first.setdefault(row.raw_id, row)
            # an unreadable element never replaces a readable one
            if row.unreadable is None or row.raw_id not in last:
                last[row.raw_id] = row
        return [self.singles + list(one.values()) for one in ([first] if first == last else [first, last])]


class RunReader:
    """Reads runs. Remembers the newest page of each thread, to compare the next page with it; and runs that are gone.

    `history`: how many runs of a thread are wanted.
    `cheap`: whether the first observation of a thread is one page only.
    `paths`: paths into raw runs; their values are read into `Reading.extras`. After a change, all history is read once more.
    `back_to`: takes a raw thread id, and returns how far back its runs are wanted at first (UTC epoch seconds of their
    creation); None: all are.
    `short`: the threads whose first observation may have left out older wanted runs; an observation with `deepen` reads them.
    """

    def __init__(self, calls: Calls, history: int, *, cheap: bool = False) -> None:
        self.short: set[str] = set()
        self._calls = calls
        self._history = history
        self._cheap = cheap
        self._longest = 0  # rows of the longest page that the server has sent
        self._pages = PageCache()
        self._anchors: dict[str, Mapping[str, Run]] = {}
        self._gone: set[RunKey] = set()
        self._asked: dict[str, str] = {}
        self.paths: tuple[str, ...] = ()
        self.back_to: Callable[[str], float | None] = lambda _: None
        self._read_for: dict[str, tuple[str, ...]] = {}

    def forget_extras(self) -> None:
        """Read the values at the paths again, even from history that was read for the same paths."""
        self._read_for.clear()

    def resume(self, state: ThreadState) -> None:
        """Go on reading a thread whose runs come from the history, without reading these runs again."""
        if not state.whole and len(state.runs) < self._history:
            self.short.add(state.key)

    def _behind(self, key: str) -> bool:
        """Whether the values at the current paths are still to be read from a thread's history."""
        return bool(self.paths) and self._read_for.get(key) != self.paths

    async def read(
        self, state: ThreadState, charge: Charge, *, deepen: bool = False, floor: float | None = None
    ) -> Reading:
        """Observe the runs of a thread. Errors of the server are returned in `Reading.error`, never raised.

        `deepen`: whether to read all of the wanted history, even if the newest runs are known.
        `floor`: read again at least the known runs that were created at this time or later (UTC epoch seconds of the
        server); None: no known runs need be read again.
        """
        reading, paths = Reading(self._calls.clock.now()), self.paths
        try:
            if deepen or state.observed is None or self._behind(state.key):
                end = await self._first(state, charge, reading)
            elif floor is not None:
                end = await self._down_to(floor, state, charge, reading)
                reading.checked = True
            else:
                end = await self._head(state, charge, reading)
            reading.whole = end.complete and end.reason != paging.KNOWN
            await self._read_deep(state, charge, reading)
        except errors.ApiError as error:
            reading.error = error
            if reading.rows:
                # The rows of this reading must not count as known: else the rows after them would never be requested.
                self._anchors.setdefault(state.key, state.runs)
                self._pages.drop(state.key)
        else:
            self._anchors.pop(state.key, None)
            if paths and paths == self.paths:
                self._read_for[state.key] = paths
        return reading

    async def _first(self, state: ThreadState, charge: Charge, reading: Reading) -> SweepEnd:
        """Read the wanted history, or only one page of it in cheap mode if no row is known yet."""
        if not self._cheap or state.runs:
            wanted: Container[str] = (
                () if (floor := self.back_to(state.key)) is None else Before(floor, reading.rows)
            )
            plan = paging.sweep(limit=LOAD_PAGE, max_rows=self._history, known=wanted)
            end = await self._sweep(state, charge, reading, plan)
            self.short.discard(state.key)
            return end
        limit = min(LOAD_PAGE, self._history) or LOAD_PAGE
        end = await self._sweep(state, charge, reading, paging.first_page(limit=limit, full=self._longest))
        if not end.complete and len(reading.rows) < self._history:
            self.short.add(state.key)
        return end

    async def _down_to(self, floor: float, state: ThreadState, charge: Charge, reading: Reading) -> SweepEnd:
        """Read new runs, and read again the known ones that were created since `floor` or at an unknown time."""
        doubted = [run.raw_id for run in state.runs.values() if run.created is None or run.created >= floor]
        rows = min(len(doubted) + HEAD_PAGE, MAX_GAP)
        there = frozenset(doubted) - state.not_seen
        plan = paging.sweep(limit=LOAD_PAGE, max_rows=rows, known=state.runs, must_see=there)
        return await self._sweep(state, charge, reading, plan)

    async def _head(self, state: ThreadState, charge: Charge, reading: Reading) -> SweepEnd:
        """Read the newest runs down to a known one. The page is long enough to show all active runs, if `LOAD_PAGE` allows."""
        known = self._anchors.get(state.key, state.runs)
        deepest = max((place for place, _ in self._active(state)), default=0)
        limit = min(max(HEAD_PAGE, deepest + _ROOM), LOAD_PAGE)
        end = await self._sweep(
            state, charge, reading, paging.sweep(limit=limit, max_rows=limit, known=known)
        )
        if end.reason != paging.MAX_ROWS:
            return end
        gap = paging.sweep(limit=LOAD_PAGE, max_rows=MAX_GAP, known=known)
        return await self._sweep(state, charge, reading, gap)

    async def _sweep(self, state: ThreadState, charge: Charge, reading: Reading, plan: Sweep) -> SweepEnd:
        pages: list[bool] = []

        async def fetch(request: PageRequest) -> Sequence[str]:
            call = partial(self._calls.client.runs, state.key, limit=request.limit, offset=request.offset)
            # The body is not assigned to a variable: the frames of an error would keep its megabytes in memory.
            parsed, same = self._take(state, request.offset, await self._calls.body(charge, call), reading)
            pages.append(same)
            if parsed.error is not None:
                raise errors.UnreadableError(f"Runs of {short_id(state.id)}: the server sent {parsed.error}")
            return paging.ids_of(
                ("" if row.placeholder else row.raw_id for row in parsed.rows), request.offset
            )

        end = await fetch_pages(plan, fetch)
        reading.same = pages == [True]
        return end

    def _take(
        self, state: ThreadState, offset: int, body: bytes, reading: Reading
    ) -> tuple[ParsedRuns, bool]:
        """Add a page to the reading. Return its rows, and whether it equals the newest page of the last observation."""
        known = self._pages.rows_of(state.key, body) if offset == 0 else None  # other pages are not compared
        same, parsed = known is not None, known or parse_runs(body, state.key)
        if offset == 0 and not same:
            self._pages.keep(state.key, body, parsed)
        reading.rows += _once(parsed.rows)
        self._longest = max(self._longest, len(parsed.rows))
        if not same:
            reading.configs |= _new_configs(body, parsed.rows, state, reading)
        if not same or self._behind(state.key):
            reading.extras |= page_extras(body, self.paths)
        return parsed, same

    async def _read_deep(self, state: ThreadState, charge: Charge, reading: Reading) -> None:
        """Request single active runs that no page of this observation has shown, a few per observation, in turn.

        An active run may be older than all runs on the newest page.
        """
        seen = {row.raw_id for row in reading.rows}
        if self._gone:
            self._gone.difference_update((state.key, raw_id) for raw_id in seen)
        missed = [run.raw_id for _, run in self._active(state) if run.raw_id not in seen]
        last = self._asked.get(state.key)
        turn = missed.index(last) + 1 if last in missed else 0
        for raw_id in (missed[turn:] + missed[:turn])[:_DEEP]:
            self._asked[state.key] = raw_id
            await self._read_one(state, raw_id, charge, reading)

    async def _read_one(self, state: ThreadState, raw_id: str, charge: Charge, reading: Reading) -> None:
        key = state.key
        try:
            body = await self._calls.body(charge, partial(self._calls.client.run, key, raw_id))
            raw = parse_detail(body)
            run = parse_run(raw, key)
        except (errors.NotFoundError, errors.RejectedError):  # servers use either for an unknown id
            self._gone.add((key, raw_id))
            reading.gone.append(raw_id)
        except errors.UsageError:
            self._gone.add((key, raw_id))  # no URL path can hold this id
        except (errors.AuthError, errors.RateLimitedError, errors.TransportError):
            raise  # these concern the server or the key, not this run
        except errors.ApiError:
            return  # the other runs can be read, and this one is requested again later
        else:
            if run.raw_id == raw_id:
                reading.singles.append(run)
                if raw_id not in state.configs:
                    reading.configs[raw_id] = fingerprint(raw)
                if self.paths:
                    reading.extras[raw_id] = extras_of(raw, self.paths)

    def _active(self, state: ThreadState) -> Iterator[tuple[int, Run]]:
        """Yield the runs that may still change, with their places in the list."""
        return (
            (place, run)
            for place, run in enumerate(state.runs.values())
            if run.active and run.key not in self._gone
        )


def _once(rows: list[Run]) -> list[Run]:
    """Return the rows of a page without repeated ids: of the rows with the same id, the first stays."""
    seen: dict[str, Run] = {}
    for row in rows:
        seen.setdefault(row.raw_id, row)
    return rows if len(seen) == len(rows) else list(seen.values())


def _new_configs(body: bytes, rows: list[Run], state: ThreadState, reading: Reading) -> dict[str, str]:
    """Return the fingerprints of the runs on a page whose fingerprint is not known yet; usually all are known."""
    new = {row.raw_id for row in rows} - state.configs.keys() - reading.configs.keys()
    if new:  # a run without an id cannot be requested, so its configuration is not needed
        new.difference_update(row.raw_id for row in rows if row.placeholder)
    return fingerprints(body, new) if new else {}
