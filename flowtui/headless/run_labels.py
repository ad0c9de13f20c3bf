"""Reads the groups and labels of runs from their spans, for `flowtui runs`. Only a command that asks for labels does so.

Each thread is asked for its spans since its oldest run, page by page, until each run was named by a span or pages end.
"""

from __future__ import annotations

import asyncio
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from flowtui.errors import ApiError, NotFoundError
from flowtui.formatting import iso_time
from flowtui.headless.one_shot import print_error, stops_all
from flowtui.headless.retry import Requester
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.query.query import Query
from flowtui.model.query.unread_values import uses_labels
from flowtui.model.run.labels import label_of
from flowtui.model.run.row import QUEUED, Run, RunKey
from flowtui.model.run.span_facts import SpanFacts
from flowtui.source.http.client import Client
from flowtui.source.read.span_ledger import SpanLedger

MAX_PAGES: Final = 5
"""Most pages of spans that are read of one thread."""

MAX_REQUESTS: Final = 300
"""Most requests for spans of one command."""

PAGE: Final = 500
"""Spans per page. The API documents no maximum, and servers may send fewer."""

_EARLIER: Final = 60.0  # seconds before the oldest run: spans may be stamped by a clock that is behind
_EARLIEST: Final = 86_400.0
_AT_ONCE: Final = 5  # parallel requests, as many as the client has connections


@dataclass(slots=True)
class LabelReading:
    """What was read of the labels of some runs.

    `wanted`: the keys of the runs.
    `facts`: what spans say about runs, by key.
    `error`: why spans could not be read; None if all could. `cut`: whether a limit of this module ended the reading.
    """

    wanted: Collection[RunKey] = ()
    facts: dict[RunKey, SpanFacts] = field(default_factory=dict)
    error: ApiError | None = None
    cut: bool = False
    requests: int = 0

    @property
    def unread(self) -> int:
        """The number of wanted runs that no span named."""
        return sum(key not in self.facts for key in self.wanted)

    @property
    def whole(self) -> bool:
        """Whether every request was answered. The server may still have no spans of some runs."""
        return self.error is None and not self.cut


def asks_labels(columns: Iterable[str], query: Query | None) -> bool:
    """Whether a command needs labels: for one of the columns to show or to sort by, or for its filter."""
    named = any(name in ("group", "labels") or (name not in COLUMNS and label_of(name)) for name in columns)
    return bool(named) or (query is not None and uses_labels(query.tree))


async def read_labels(source: Client, requester: Requester, runs: Iterable[Run]) -> LabelReading:
    """Read spans of these runs until each run was named by one, or a limit is reached."""
    by_thread: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        if not run.placeholder:
            by_thread[run.thread_key].append(run)
    reading = LabelReading({run.key for some in by_thread.values() for run in some})
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(thread: str, some: list[Run]) -> None:
        async with free:
            await _read_thread(source, requester, thread, some, reading)
        requester.progress.step()

    with requester.progress.reading("labels", "thread", len(by_thread)):
        await asyncio.gather(*(one(thread, some) for thread, some in by_thread.items()))
    return reading


async def _read_thread(
    source: Client, requester: Requester, thread: str, runs: list[Run], reading: LabelReading
) -> None:
    query: dict[str, str | int] = {
        "thread_id": thread,
        "min_start_datetime": _since(runs),
        "order": "desc",
        "limit": PAGE,
    }
    # A queued run has done nothing that could be traced.
    missing = {run.key for run in runs if run.status_class != QUEUED}
    ledger, offset = SpanLedger(), 0
    seen: set[str] = set()
    if not missing:
        return
    for _ in range(MAX_PAGES):
        if reading.requests >= MAX_REQUESTS:
            break
        if stops_all(reading.error) or isinstance(reading.error, NotFoundError):
            return  # the key is refused for spans, or the server has none
        reading.requests += 1
        found = await requester.elements(partial(source.spans, {**query, "offset": offset}))
        facts = ledger.take(found.value)
        reading.facts.update(facts)
        missing -= facts.keys()
        if found.error is not None:
            reading.error = found.error
            return
        offset += len(found.value)
        fresh = _span_ids(found.value) - seen
        seen |= fresh
        if not missing or not fresh:  # a server that ignores `offset` repeats the same spans for ever
            return
    reading.cut = True


def _span_ids(values: Iterable[Any]) -> set[str]:
    return {str(raw["span_id"]) for raw in values if isinstance(raw, dict) and raw.get("span_id")}


def _since(runs: Iterable[Run]) -> str:
    """Return the start of the oldest run as the API writes times; without it the server returns only the last 15 minutes."""
    created = [run.created for run in runs]
    known = [at for at in created if at is not None]
    oldest = min(known) - _EARLIER if known and len(known) == len(created) else _EARLIEST
    return iso_time(max(oldest, _EARLIEST)) or str(iso_time(_EARLIEST))


def report_labels(reading: LabelReading) -> bool:
    """Print on stderr for how many runs labels could not be read, and why; return whether the server answered whole."""
    if reading.unread:
        runs, them = ("1 run", "it") if reading.unread == 1 else (f"{reading.unread:,} runs", "them")
        why = f": no span names {them}" if reading.whole else ""
        sys.stderr.write(f"flowtui: labels of {runs} could not be read{why}\n")
    if reading.error is not None:
        print_error(reading.error, "spans")
    elif reading.cut:
        sys.stderr.write(
            f"flowtui: spans: at most {MAX_PAGES} pages of a thread and {MAX_REQUESTS} in all are read\n"
        )
    return reading.whole
