"""Plans the requests for spans that tell the labels of runs. Pure.

First the spans of runs with the wanted group and labels are requested: few requests find all of them. A run that these
answers do not name may have other labels, or its spans have not arrived yet. So from the next reading on, its spans are
requested whatever its labels are: run by run while few are left, else all spans of their time. A run that is not named
then either is asked for again after a pause, which grows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flowtui.formatting import iso_time
from flowtui.model.run.element import parse_time
from flowtui.model.run.label_terms import LabelTerms
from flowtui.model.run.row import Run, RunKey

PAGE: Final = 100
"""Spans per page for a few runs; the API's default. A server may send fewer."""

LONG_PAGE: Final = 1000
"""Spans per page for many runs. No maximum is documented."""

EARLIER: Final = 60.0
"""Seconds before the first run was created: spans may be stamped by a clock that is behind."""

_BY_RUN: Final = 10  # about so many spans of each run are expected
_PAGES: Final = 3  # of one query in one reading
_SHARED: Final = 10  # spans that two pages have in common, as new spans push the others down
_FEW: Final = 3  # so many runs are asked for one by one
_OF_ONE_RUN: Final = 10  # spans that are requested of one run: enough, as each is expected to have the labels
_AGAIN: Final = 3.0  # seconds until a run that no span named is asked for again; doubled each time
_LONGEST: Final = 30.0
_LONG_AGO: Final = "1970-01-02T00:00:00Z"  # without a start the server searches only the last 15 minutes

Query = dict[str, Any]
"""The body of a request for spans, the API's SpanQuery."""

Plan = Generator[Query, Sequence[Any], None]
"""Yields the queries to send; the caller sends back the elements of each answer, after they were taken in."""


@dataclass(slots=True)
class _Tries:
    """How often a run was asked for in vain, whatever its labels are; and when it may be asked for again, monotonic seconds."""

    count: int = 0
    due: float = 0.0


class LabelQueries:
    """Plans readings."""

    def __init__(self) -> None:
        self._narrows = True
        self._longest = LONG_PAGE
        self._tries: dict[RunKey, _Tries] = {}
        self._one_by_one = False

    def keep(self, keys: Iterable[RunKey]) -> None:
        """Forget all runs but these."""
        self._tries = {key: self._tries[key] for key in keys if key in self._tries}

    def hasten(self, tick: float) -> None:
        """Let all runs be asked for again at `tick` (monotonic seconds)."""
        for tries in self._tries.values():
            tries.due = min(tries.due, tick)

    def refused(self, query: Query) -> bool:
        """Note that the server refused a query; return whether other queries will be sent instead."""
        if query["limit"] > PAGE:
            self._longest = PAGE
            return True
        narrow = "group" in query or "metadata" in query
        self._narrows = self._narrows and not narrow  # without narrow queries, labels cost more requests
        return narrow

    def vain(self, key: RunKey) -> bool:
        """Whether a run was asked for, whatever its labels are, and no answer named it."""
        return key in self._tries and self._tries[key].count > 0

    def wait(self, keys: Iterable[RunKey], tick: float) -> float:
        """Return in how many seconds the next of these runs may be asked for; 0: now. `tick`: now, in monotonic seconds."""
        dues = [self._tries[key].due if key in self._tries else tick for key in keys]
        return max(0.0, min(dues, default=tick) - tick)

    def plan(
        self, terms: LabelTerms, runs: Sequence[Run], read: Callable[[RunKey], bool], tick: float
    ) -> Plan:
        """Plan one reading, of at most six requests.

        `runs`: those of which no span was read yet.
        `read`: whether a span of a run was read meanwhile.
        `tick`: now, in monotonic seconds.
        """
        new = [run for run in runs if run.key not in self._tries]
        self._tries.update((run.key, _Tries(due=tick)) for run in new)
        due = [run for run in runs if self._tries[run.key].due <= tick]
        if self._narrows and terms.given:
            # A run whose spans were asked for in vain is looked for again, as they may have come meanwhile.
            yield from self._matching(terms, [*new, *(run for run in due if self.vain(run.key))], read)
            fresh = {run.key for run in new}
            due = [run for run in due if run.key not in fresh and not read(run.key)]
        if due and (self._one_by_one or len(due) <= _FEW):
            self._one_by_one = False
            yield from self._each(due[:_FEW], read, tick)
        elif due:
            yield from self._all_of_their_time(due, read, tick)

    def _matching(self, terms: LabelTerms, runs: Sequence[Run], read: Callable[[RunKey], bool]) -> Plan:
        """Request the spans of those of the runs that have the wanted group and labels."""
        if not runs:
            return
        limit = self._limit(runs)
        query = {**terms.query(), **_shared(runs), **_since(runs), "order": "desc", "limit": limit}
        yield from self._pages(query, lambda values: len(values) < limit or _all(read, runs))

    def _each(self, due: Sequence[Run], read: Callable[[RunKey], bool], tick: float) -> Plan:
        for run in due:
            yield {"run_id": run.raw_id, **_since([run]), "order": "asc", "limit": _OF_ONE_RUN}
            self._asked([run], read, tick)

    def _all_of_their_time(self, due: list[Run], read: Callable[[RunKey], bool], tick: float) -> Plan:
        """Request all spans from the start of the first of these runs on, as far as a few pages go."""
        due.sort(key=_begin)
        query = {**_shared(due), **_since(due), "order": "asc", "limit": self._limit(due)}
        reached = float("-inf")

        def enough(values: Sequence[Any]) -> bool:
            nonlocal reached
            reached = max([reached, *_starts(values)]) if values else float("inf")
            return _all(read, due)

        yield from self._pages(query, enough)
        # A run is asked for only if the spans were read beyond its start.
        asked = [run for run in due if _begin(run) < reached]
        self._asked(asked, read, tick)
        # Otherwise many spans of other runs may keep this query from ever getting further.
        self._one_by_one = not asked and not any(read(run.key) for run in due)

    def _asked(self, runs: Iterable[Run], read: Callable[[RunKey], bool], tick: float) -> None:
        for run in runs:
            tries = self._tries.get(run.key)
            if tries is not None and not read(run.key):
                tries.due = tick + min(_LONGEST, _AGAIN * 2.0 ** min(tries.count, 10))
                tries.count += 1

    def _limit(self, runs: Sequence[Run]) -> int:
        return max(PAGE, min(self._longest, len(runs) * _BY_RUN))

    def _pages(self, query: Query, enough: Callable[[Sequence[Any]], bool]) -> Plan:
        """Request the pages of a query until one is empty, brings nothing new or is `enough`."""
        offset, known = 0, set[str]()
        for _ in range(_PAGES):
            values = yield {**query, "offset": offset}
            ids = {raw["span_id"] for raw in values if isinstance(raw, dict) and _is_id(raw.get("span_id"))}
            if enough(values) or not ids - known:
                return
            known |= ids
            offset += len(values) - min(_SHARED, len(values) // 2)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _all(read: Callable[[RunKey], bool], runs: Iterable[Run]) -> bool:
    return all(read(run.key) for run in runs)


def _begin(run: Run) -> float:
    """Return when the first span of a run can have begun, by the server's clock; 0 if that is unknown."""
    return run.started or run.created or 0.0


def _since(runs: Sequence[Run]) -> Query:
    """Return the start of a query for the spans of these runs."""
    begin = min(map(_begin, runs)) - EARLIER
    return {"min_start_datetime": (iso_time(begin) if begin > 0 else None) or _LONG_AGO}


def _shared(runs: Sequence[Run]) -> Query:
    """Return the thread and the agent of these runs as fields of a query, as far as they have the same one."""
    threads, agents = {run.thread_key for run in runs}, {run.agent_id for run in runs}
    query = {"thread_id": threads.pop()} if len(threads) == 1 else {}
    agent = agents.pop() if len(agents) == 1 else ""
    # The row has the id in its display-safe form, which is that of the server only if nothing had to be replaced.
    if agent.isascii() and agent.replace("-", "").replace("_", "").isalnum():
        query["agent_id"] = agent
    return query


def _starts(values: Iterable[Any]) -> list[float]:
    found = []
    for raw in values:
        try:
            start = parse_time(raw.get("start_timestamp")) if isinstance(raw, dict) else None
        except (ValueError, OverflowError):
            start = None
        if start is not None:
            found.append(start)
    return found
