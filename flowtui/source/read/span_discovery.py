"""Finds threads with new activity by their spans: which spans to request, and which of them are news. Pure.

Spans only show which threads to observe; what happened there is read from the runs. A span is news if its id is new
or its state has changed (a pending span that ended), unless the span began before the long window.

Most requests cover a short window. Once a minute a request covers a long window, for spans that arrive late, that began long
ago and have just ended, or that were stamped by a clock that differs from the server's by minutes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from flowtui.errors import UnreadableError
from flowtui.formatting import iso_time
from flowtui.model.run.element import parse_time

PAGE: Final = 100
"""Spans per page; the API's default. A server may send fewer."""

OVERLAP: Final = 30.0
"""Each request also covers so many seconds before the last request, as spans become visible some time after their stamp."""

DEEP: Final = 600.0
"""Seconds of the long window: enough for a clock that is off by five minutes, and for spans of some minutes."""

DEEP_EVERY: Final = 60.0
"""Seconds between two requests for the long window."""

_FIRST: Final = 86_400.0  # seconds of the first window: it shows whether anything is traced at all
_PAGES: Final = 3  # per short window; more spans than that are a flood
_DEEP_PAGES: Final = 5
_SHARED: Final = 10  # spans that two pages have in common, as new spans push the others down
_MAX_KNOWN: Final = 20_000
_SAMPLES: Final = 50


class Question(NamedTuple):
    """One page of spans to request, newest first.

    `since`: the earliest start of the spans, in UTC epoch seconds.
    `until`: the latest start of the spans, in UTC epoch seconds; None: no bound.
    `offset`: how many spans to skip.
    """

    since: float
    until: float | None
    offset: int

    def query(self) -> dict[str, str | int]:
        """Return the request as the API's SpanQuery."""
        bounds = {"min_start_datetime": max(0.0, self.since), "max_start_datetime": self.until}
        times = {name: text for name, at in bounds.items() if (text := iso_time(at)) is not None}
        return {**times, "order": "desc", "limit": PAGE, "offset": self.offset}


class Span(NamedTuple):
    """The fields of a span that are used.

    `thread`: the raw id of the thread.
    `start`: UTC epoch seconds; None if unknown.
    `state`: a text that changes when a pending span ends.
    """

    id: str
    thread: str
    start: float | None
    state: str


SpanPlan = Generator[Question, Sequence[Any], None]
"""Yields the pages to request; the caller sends back the elements of each."""


def read_spans(values: Iterable[Any]) -> list[Span]:
    """Return the spans among these elements, without those that have no id or no thread."""
    spans = []
    for raw in values:
        if not isinstance(raw, dict):
            continue
        span_id, thread = raw.get("span_id"), raw.get("thread_id")
        if not (isinstance(span_id, str) and span_id and isinstance(thread, str) and thread):
            continue
        try:
            start = parse_time(raw.get("start_timestamp"))
        except (ValueError, OverflowError):
            start = None
        spans.append(Span(span_id, thread, start, f"{raw.get('kind')} {raw.get('end_timestamp')}"))
    return spans


class Discovery:
    """Plans the requests for spans, and keeps what their answers showed.

    `news`: raw ids of the threads with spans that are news, until the caller removes them.
    `named`: all threads that the last observation named.
    `flooded`: whether more spans are created than are read. Some may then be missed, and only the newest page is read until
    this ends.
    `lag`: by how many seconds the stamps of spans are usually behind the server's clock.
    """

    def __init__(self) -> None:
        self.news: dict[str, None] = {}
        self.named: set[str] = set()
        self.flooded = False
        self.lag = 0.0
        self._known: dict[str, str] = {}
        self._lags: list[float] = []
        self._widest = 0  # spans on the longest page yet: a shorter page is the last one if the server's page limit is constant
        self._good: float | None = None  # when the last complete observation began, monotonic seconds
        self._deep = float("-inf")  # when the last observation with the long window began, monotonic seconds

    def plan(self, now: float, tick: float) -> SpanPlan:
        """Plan the requests of one observation at `now` (UTC epoch seconds, server's clock) and `tick` (monotonic seconds).

        Raises:
            UnreadableError: there are spans, but none of them has an id and a thread.
        """
        first = self._good is None
        gone = 0.0 if self._good is None else tick - self._good
        deep = not first and tick - self._deep >= DEEP_EVERY
        since, until, bound = now - max(0.0, self.lag) - OVERLAP - gone, None, _PAGES
        if first:
            since, bound = now - _FIRST, 1
        elif deep:
            since, bound = now - DEEP - gone, _DEEP_PAGES
        else:  # without a bound, spans stamped minutes ahead would fill the top of the list
            # If stamps are ahead, spans may be found only with the next long window, up to `DEEP_EVERY` seconds later.
            # The measured lead is then too short by as much.
            until = now + (OVERLAP if self.lag >= 0 else DEEP_EVERY + OVERLAP - self.lag)
        bound = 1 if self.flooded else bound
        offset, met, ended = 0, False, False
        self.named.clear()
        fresh: set[str] = set()
        oldest = now - DEEP - OVERLAP - gone
        for _ in range(bound):
            values = yield Question(since, until, offset)
            met = self._take(values, now, fresh, oldest, history=first) or met
            ended = not values or len(values) < min(PAGE, self._widest)
            self._widest = max(self._widest, len(values))
            if ended or (met and not deep):
                break
            offset += len(values) - min(_SHARED, len(values) // 2)
        self.flooded = not (first or met or ended)
        self._good = tick
        if deep:
            self._deep = tick
        self._settle_lag()

    def _take(
        self, values: Sequence[Any], now: float, fresh: set[str], oldest: float, *, history: bool
    ) -> bool:
        """Add a page; return whether it holds a span that was known before.

        `fresh`: collects the new ids.
        `oldest`: spans that began before this time are no news.
        `history`: whether the spans may be old, so that their lag is not measured.
        """
        spans = read_spans(values)
        if values and not spans:
            raise UnreadableError(f"Spans: none of {len(values)} elements names a span and its thread")
        met = False
        for span in spans:
            before = self._known.pop(span.id, None)
            self._known[span.id] = span.state  # moves the id to the end: ids are forgotten from the front
            self.named.add(span.thread)
            met = met or (before is not None and span.id not in fresh)
            if before is None:
                fresh.add(span.id)
                if span.start is not None and not history:
                    self._lags.append(now - span.start)
            if before != span.state and (span.start is None or span.start > oldest):
                self.news[span.thread] = None
        while len(self._known) > _MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return met

    def _settle_lag(self) -> None:
        """Set `lag` to the median of the last samples. Half of the spans arrive later than that, so requests have an `OVERLAP`."""
        if self._lags:
            del self._lags[:-_SAMPLES]
            self.lag = max(-DEEP, min(DEEP, median(self._lags)))


class SpanWitness:
    """Checks whether spans name the threads of runs that have started. `proven`: whether spans have named a known thread.

    Without this check, switched-off tracing would look like threads without activity.
    """

    AFTER: Final = 180.0
    """Seconds after the start of a run within which spans should name its thread; not every tracer sends pending spans."""

    def __init__(self) -> None:
        self.proven = False
        self._missed = 0
        self._started: dict[str, float] = {}
        self._named: dict[str, float] = {}

    @property
    def blind(self) -> bool:
        """Whether spans missed two or more runs in a row."""
        return self._missed >= 2

    def started(self, thread: str, tick: float) -> None:
        """Note that polls have shown a run that started on a thread."""
        self._started.setdefault(thread, tick)

    def told(self, threads: Iterable[str], tick: float) -> None:
        """Note that these known threads have spans that are news."""
        for thread in threads:
            self.proven, self._missed = True, 0
            self._named[thread] = tick
            self._started.pop(thread, None)

    def judge(self, tick: float) -> None:
        """Count as missed each run that started more than `AFTER` seconds ago and whose thread no span has named."""
        for thread, at in list(self._started.items()):
            if self._named.get(thread, float("-inf")) >= at - OVERLAP * 2:
                del self._started[thread]
            elif tick - at > self.AFTER:
                del self._started[thread]
                self._missed += 1
