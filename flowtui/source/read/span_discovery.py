"""What spans tell of threads that moved: which spans to ask for, and which of the answers are news. Pure.

Tells which threads want a look, never what happened there: only the runs themselves say that. A span counts as news
when its id is new or it has changed (a pending one that ended), and it is not older than the window. Who stamps
spans need not have the server's clock: often a short window is asked for, now and then a long one that also shows
what is late, skewed by minutes, or began long ago and has just ended.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from flowtui.errors import UnreadableError
from flowtui.formatting import iso_time
from flowtui.model.run.element import parse_time

PAGE: Final = 100
"""Spans asked for at a time; the API's default. A server may cap it."""

OVERLAP: Final = 30.0
"""Seconds before the last look that are asked for again: spans become known after they were stamped."""

DEEP: Final = 600.0
"""Seconds that the long look goes back: a clock that is off by five minutes, and some minutes of a span's own life."""

DEEP_EVERY: Final = 60.0
_FIRST: Final = 86_400.0  # seconds: whether anything is traced at all
_PAGES: Final = 3  # of a short look; more at a time is a flood
_DEEP_PAGES: Final = 5
_SHARED: Final = 10  # spans read twice at a step, as new ones push the others down
_MAX_KNOWN: Final = 20_000
_SAMPLES: Final = 50


class Question(NamedTuple):
    """One page of spans, newest first, begun between `since` and `until` (UTC epoch seconds, None: no bound)."""

    since: float
    until: float | None
    offset: int

    def query(self) -> dict[str, str | int]:
        """Return it as the API's SpanQuery."""
        bounds = {"min_start_datetime": max(0.0, self.since), "max_start_datetime": self.until}
        times = {name: text for name, at in bounds.items() if (text := iso_time(at)) is not None}
        return {**times, "order": "desc", "limit": PAGE, "offset": self.offset}


class Span(NamedTuple):
    """What matters of a span here. `thread` is a raw id; `state` differs once the span has gone on or ended."""

    id: str
    thread: str
    start: float | None
    state: str


SpanPlan = Generator[Question, Sequence[Any], None]
"""Yields the pages to ask for; is sent the elements of each."""


def read_spans(values: Iterable[Any]) -> list[Span]:
    """Return the spans among these elements; those without an id or a thread say nothing here."""
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
    """What the spans said so far. `news` holds raw ids of threads, newest first, until somebody takes them out.

    `named` are all threads that the last look named. `flooded`: more spans come than are read, so some may be missed;
    only the newest are read until that ends. `lag` is by how many seconds the stamps are usually behind.
    """

    def __init__(self) -> None:
        self.news: dict[str, None] = {}
        self.named: set[str] = set()
        self.flooded = False
        self.lag = 0.0
        self._known: dict[str, str] = {}
        self._lags: list[float] = []
        self._widest = 0  # the longest page ever: shorter ones are the last, if a server caps at a constant
        self._good: float | None = None
        self._deep = float("-inf")

    def plan(self, now: float, tick: float) -> SpanPlan:
        """Plan a look made at `now` (UTC epoch seconds by the server's clock) and `tick` (monotonic seconds).

        Raises:
            UnreadableError: there are spans, and none of them names itself and its thread.
        """
        first = self._good is None
        gone = 0.0 if self._good is None else tick - self._good
        deep = not first and tick - self._deep >= DEEP_EVERY
        since, until, bound = now - max(0.0, self.lag) - OVERLAP - gone, None, _PAGES
        if first:
            since, bound = now - _FIRST, 1
        elif deep:
            since, bound = now - DEEP - gone, _DEEP_PAGES
        else:  # what is stamped minutes ahead would stand on top of all else
            # Samples of stamps that are ahead are too small by as long as it took to find them.
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
        """Take in a page; return whether it holds a span that was known before this look. `fresh`: ids new in it."""
        spans = read_spans(values)
        if values and not spans:
            raise UnreadableError(f"Spans: none of {len(values)} elements names a span and its thread")
        met = False
        for span in spans:
            before = self._known.pop(span.id, None)
            self._known[span.id] = span.state  # what was seen last is forgotten last
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
        """Follow the stamps' clock. Half of them may come late; a short window reaches `OVERLAP` further back."""
        if self._lags:
            del self._lags[:-_SAMPLES]
            self.lag = max(-DEEP, min(DEEP, median(self._lags)))


class SpanWitness:
    """Whether spans tell what happens: of the runs that were seen to start, does any have spans at all?

    A tracing that is switched off answers just like a key under which nothing moves.
    """

    AFTER: Final = 180.0
    """Seconds after which a run that started should have been named; pending spans are not sent by everybody."""

    def __init__(self) -> None:
        self.proven = False
        self._missed = 0
        self._started: dict[str, float] = {}
        self._named: dict[str, float] = {}

    @property
    def blind(self) -> bool:
        """The spans missed several runs in a row."""
        return self._missed >= 2

    def started(self, thread: str, tick: float) -> None:
        """Take in that a run was seen to start on a thread."""
        self._started.setdefault(thread, tick)

    def told(self, threads: Iterable[str], tick: float) -> None:
        """Take in that spans named these threads of ours as news."""
        for thread in threads:
            self.proven, self._missed = True, 0
            self._named[thread] = tick
            self._started.pop(thread, None)

    def judge(self, tick: float) -> None:
        """Look which of the runs that started should have been named by now."""
        for thread, at in list(self._started.items()):
            if self._named.get(thread, float("-inf")) >= at - OVERLAP * 2:
                del self._started[thread]
            elif tick - at > self.AFTER:
                del self._started[thread]
                self._missed += 1
