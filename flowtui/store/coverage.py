"""How time was watched: what a snapshot says of it, the span that grows with each update, and spans read back. Pure.

Times are UTC epoch seconds by the clock of this machine.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, TypeVar

from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched
from flowtui.model.state.health import MAX_THREADS
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.store.faults import DamagedError
from flowtui.store.rows import known_time, time_of
from flowtui.store.sqlite import Row
from flowtui.text import safe_text, shorten

N = TypeVar("N", int, float)

LONGEST_PAUSE: Final = 120.0
"""Seconds without an update, though one was due, after which nothing is known of the time between: the machine slept."""

UNDER_WAY: Final = 60.0
"""Seconds within which a thread that spans have named is read, however many are due. What happened on it in the last so many
seconds may therefore be unknown, and stays so after a crash."""

_HELD_FOR: Final = 5.0  # seconds; a shorter pause is usual on a busy server, and no outage
_LONGEST_WAIT: Final = (
    3600.0  # seconds; a plan that is further off says nothing of when the next snapshot comes
)

_MAX_ENDED: Final = 1_000  # spans that wait to be written

MAX_WHY: Final = 200
"""The most characters of why the API did not answer."""

_BEST_FIRST: Final = (LIVE, READ, UNANSWERED)


class Look(NamedTuple):
    """What a snapshot says of its moment."""

    at: float
    how: str
    """LIVE or UNANSWERED."""
    kind: str
    """What kind of trouble it is; "" if the API answers."""
    why: str
    """Why the API does not answer, display-safe; "" if it does."""
    since: float
    """Since when it is so, as far as known; at most `at`."""
    due: float
    """The next look comes until then; else nothing is known of the time between."""
    complete: float | None = None
    """See `Watched`."""


@dataclass(slots=True)
class Span:
    """A span of time that was watched in one way: a row of the table `watched`."""

    since: float
    until: float
    how: str
    kind: str = ""
    why: str = ""
    due: float = 0.0
    """See `Look`."""
    threads: int | None = None
    complete: float | None = None
    """See `Watched`."""
    id: int | None = None
    """Its number in the table; None if it is not stored yet."""


def look_of(snapshot: Snapshot) -> Look | None:
    """Return what a snapshot says of its moment; None before there was any answer or failure."""
    at = snapshot.at
    following = at if snapshot.next_poll is None else min(snapshot.next_poll, at + _LONGEST_WAIT)
    due = max(at, following) + LONGEST_PAUSE
    if snapshot.stopped:
        return Look(at, UNANSWERED, "stopped", _why(snapshot.stopped), at, due)
    if snapshot.outage is not None:
        outage = snapshot.outage
        return Look(at, UNANSWERED, outage.kind, _why(outage.cause), min(outage.since, at), due)
    if snapshot.withheld is not None and at - snapshot.withheld.since > _HELD_FOR:
        held = snapshot.withheld
        return Look(at, UNANSWERED, "withheld", _why(held.cause), min(held.since, at), due)
    answered = snapshot.listed or any(map(_observed, snapshot.threads.values()))
    if snapshot.list_failure is not None and not answered:
        failed = snapshot.list_failure
        return Look(at, UNANSWERED, failed.kind, _why(failed.message), min(failed.since, at), due)
    return Look(at, LIVE, "", "", at, due, complete_until(snapshot)) if answered else None


def complete_until(snapshot: Snapshot) -> float | None:
    """Return until when it is known what happened on all threads; None if some were not read yet, or only some are polled."""
    found = snapshot.coverage
    if not found.fleet or not snapshot.listed or found.unread or found.restored > found.silent:
        return None
    if found.discovering and not found.failed:
        return snapshot.at - UNDER_WAY
    return None if found.restored else found.oldest


def count_watched(snapshot: Snapshot) -> int:
    """Return how many threads are watched: this start of flowtui has observed them, or knows that they have not changed.

    Threads that the whole list does not show count, too: they were deleted, and the API knows no more of them.
    """
    found, states = snapshot.coverage, snapshot.threads.values()
    gone = sum(state.gone for state in states) if found.fleet and found.threads < MAX_THREADS else 0
    if snapshot.caught_up is None:
        return sum(map(_observed, states)) + gone
    return sum(state.observed is not None and not state.gone for state in states) + gone


class Watching:
    """How time has been watched since flowtui started. The event loop notes looks, the writer takes spans."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._span: Span | None = None
        self._ended: list[Span] = []
        self._caught_up = False

    def note(self, snapshot: Snapshot) -> None:
        """Add the moment of a snapshot. Returns at once."""
        look = look_of(snapshot)
        with self._lock:
            if look is not None:
                self._span, ended = grown(self._span, look)
                if ended is not None:
                    self._end(ended)
            if snapshot.caught_up is not None and not self._caught_up:
                self._caught_up = True
                since, until = snapshot.caught_up
                if since < until:
                    self._end(Span(since, until, READ))

    def _end(self, span: Span) -> None:
        self._ended = [*self._ended, span][-_MAX_ENDED:]

    def spans(self) -> list[Span]:
        """Return the spans that have ended since they were last written, and the present one."""
        with self._lock:
            return [*self._ended, *([self._span] if self._span is not None else [])]

    def written(self, stored: Iterable[tuple[Span, int, float]]) -> None:
        """Note which spans are stored, as (span, its number in the table, the end that is stored). Later growth is written again."""
        with self._lock:
            done = set()
            for span, number, until in stored:
                span.id = number
                if span.until == until:
                    done.add(id(span))
            self._ended = [span for span in self._ended if id(span) not in done]

    def forget_numbers(self) -> None:
        """Note that no span is stored: another database begins."""
        with self._lock:
            for span in (*self._ended, *([self._span] if self._span is not None else [])):
                span.id = None


def grown(span: Span | None, look: Look) -> tuple[Span, Span | None]:
    """Return the span to which the moment belongs, and the one that has ended; None: it is the same, or there was none."""
    if span is None:
        return _begun(look, look.at), None
    if look.at > span.due or look.at < span.until - LONGEST_PAUSE:  # a gap, or a clock that was put back
        return _begun(look, look.at), span
    span.until = max(span.until, look.at)
    if (span.how, span.kind) == (look.how, look.kind):
        span.due = look.due
        span.complete = (
            look.complete if span.complete is None else max(span.complete, look.complete or -math.inf)
        )
        return span, None
    edge = max(span.since, min(look.since, span.until))
    span.until = edge
    return _begun(look, edge), span


def _begun(look: Look, since: float) -> Span:
    return Span(since, max(since, look.at), look.how, look.kind, look.why, look.due, complete=look.complete)


def _observed(state: ThreadState) -> bool:
    return state.observed is not None and state.restored is None


def joined(rows: Iterable[Row]) -> list[Watched]:
    """Return spans (since, until, how, why, threads, complete) in order and without overlap; the better of two counts.

    Several programs may watch at once, and a clock may have been put back.

    Raises:
        DamagedError: a value is none of a span.
    """
    spans = sorted(map(_span, rows), key=lambda span: span[:2])
    edges = sorted({edge for span in spans for edge in (span.since, span.until)})
    found: list[Watched] = []
    open_spans: list[Watched] = []
    following = 0
    for begin, end in pairwise(edges):
        while following < len(spans) and spans[following].since <= begin:
            open_spans.append(spans[following])
            following += 1
        open_spans = [span for span in open_spans if span.until > begin]
        if not open_spans:
            continue
        best = min(open_spans, key=lambda span: (_BEST_FIRST.index(span.how), -(span.threads or 0)))
        last = found[-1] if found else None
        if last is not None and last.until == begin and (last.how, last.why) == (best.how, best.why):
            known = _most(last.complete, best.complete)
            found[-1] = last._replace(until=end, threads=_most(last.threads, best.threads), complete=known)
        else:
            found.append(best._replace(since=begin, until=end))
    return found


def _span(row: Row) -> Watched:
    since, until, how, why, threads, complete = row
    if how not in _BEST_FIRST or not isinstance(why, str) or not isinstance(threads, int | None):
        raise DamagedError("a span of time is not as flowtui writes it")
    end = max(known_time(since), known_time(until))
    return Watched(known_time(since), end, how, _why(why), threads, time_of(complete))


def _most(one: N | None, other: N | None) -> N | None:
    return max((count for count in (one, other) if count is not None), default=None)


def _why(text: str) -> str:
    return shorten(safe_text(text), MAX_WHY)
