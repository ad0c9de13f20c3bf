"""Reads why runs failed, from their spans and messages, for `flowtui runs`, `run`, `failures` and `brief`.

A run takes one request, and a second one if its spans do not tell: for the newest messages of its thread, once a thread.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from flowtui.errors import ApiError, NotFoundError
from flowtui.formatting import plural
from flowtui.headless.one_shot import print_error, stops_all
from flowtui.headless.retry import Found, Requester
from flowtui.model.query.query import Query
from flowtui.model.query.unread_values import uses_reasons
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.source.http.client import Client
from flowtui.source.read.tracing import LAST_MESSAGES, fetch_why, span_query
from flowtui.source.read.unexplained import Unexplained

MAX_REQUESTS: Final = 300
"""Most requests for reasons of one command."""

_AT_ONCE: Final = 5  # parallel requests, as many as the client has connections


@dataclass(slots=True)
class ReasonReading:
    """What was read of why some runs failed.

    `wanted`: the keys of the runs. `reasons`: what was found. `requests`: how many were made for it.
    `error`: why evidence could not be read; None if all could. `cut`: whether a limit of this module ended the reading.
    """

    wanted: Collection[RunKey] = ()
    reasons: dict[RunKey, Reason] = field(default_factory=dict)
    error: ApiError | None = None
    cut: bool = False
    requests: int = 0

    @property
    def unknown(self) -> int:
        """The number of wanted runs whose reason is not known."""
        return sum(key not in self.reasons for key in self.wanted)

    @property
    def whole(self) -> bool:
        """Whether every request was answered. Evidence may still not tell why a run failed."""
        return self.error is None and not self.cut

    @property
    def refused(self) -> bool:
        """Whether further requests make no sense: the key is refused, or the server has no spans."""
        return stops_all(self.error) or isinstance(self.error, NotFoundError)


def asks_reasons(columns: Iterable[str], query: Query | None) -> bool:
    """Whether a command needs reasons: for a column to show or to sort by, or for its filter."""
    return "reason" in columns or (query is not None and uses_reasons(query.tree))


async def read_reasons(
    source: Client, requester: Requester, runs: Iterable[Run], *, redact: bool
) -> ReasonReading:
    """Read why these runs failed, those of agents with many failures and the newest first, until a limit is reached."""
    waiting = Unexplained(runs)
    reading = ReasonReading(waiting.keys)
    messages: dict[str, asyncio.Task[Found]] = {}

    async def work() -> None:
        while not reading.refused and (run := waiting.next()) is not None:
            if reading.requests >= MAX_REQUESTS:
                reading.cut = True
                return
            waiting.remove(run)
            asking = _Tracing(source, requester, run, reading, messages)
            found = await fetch_why(asking, run.key, redact=redact)
            if found is not None:
                reading.reasons[run.key] = found.folded
            requester.progress.step()

    with requester.progress.reading("why runs failed", "run", len(reading.wanted)):
        await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return reading


class _Tracing:
    """Fetches spans and messages of one run, with the retries of a one-shot command. Errors are noted in the reading.

    `messages`: thread → the request for its newest messages, which is made once for all its runs.
    """

    def __init__(
        self,
        source: Client,
        requester: Requester,
        run: Run,
        reading: ReasonReading,
        messages: dict[str, asyncio.Task[Found]],
    ) -> None:
        self._source, self._requester, self._run = source, requester, run
        self._reading, self._messages = reading, messages

    async def fetch_spans(self, key: RunKey, offset: int = 0, *, oldest_first: bool = False) -> list[Any]:
        """Return a page of the raw spans of the run. Raises ApiError."""
        query = span_query(key, self._run, offset, oldest_first=oldest_first)
        return self._value(await self._ask(partial(self._source.spans, query)))

    async def fetch_messages(self, key: RunKey) -> list[Any]:
        """Return the raw newest messages of the run's thread. Raises ApiError."""
        if key[0] not in self._messages:
            call = partial(self._source.messages, key[0], limit=LAST_MESSAGES)
            self._messages[key[0]] = asyncio.create_task(self._ask(call))
        return self._value(await self._messages[key[0]])

    async def _ask(self, call: Callable[[], Awaitable[Any]]) -> Found:
        self._reading.requests += 1
        return await self._requester.elements(call)

    def _value(self, found: Found) -> list[Any]:
        if found.error is not None:
            self._reading.error = found.error
            if not found.value:
                raise found.error
        return list(found.value)


def report_reasons(reading: ReasonReading) -> bool:
    """Print on stderr of how many runs no reason is known, and why; return whether the server answered whole."""
    if reading.unknown:
        them = "it" if reading.unknown == 1 else "they"
        why = f": neither spans nor messages say why {them} failed" if reading.whole else ""
        sys.stderr.write(f"flowtui: {plural(reading.unknown, 'failed run')} without a known reason{why}\n")
    if reading.error is not None:
        print_error(reading.error, "reasons")
    elif reading.cut:
        sys.stderr.write(f"flowtui: reasons: at most {MAX_REQUESTS} requests are made\n")
    return reading.whole
