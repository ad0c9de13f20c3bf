"""The runs of a thread as cells on a time axis: which run holds the thread, which runs wait, and how many share a cell.

Pure. All times are UTC epoch seconds by the server's clock. A time is drawn where the server puts it, even in the
future. A time that the server does not give is never made up.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING, UNKNOWN, Run, RunKey
from flowtui.model.timeline.time_window import TimeWindow

# What a cell shows.
EMPTY: Final = ""
LINE: Final = "line"  # a run, queued or running
UNSURE: Final = "unsure"  # a run whose start is unknown, or the time after the last observation of a run
JOIN: Final = "join"  # a queued run starts
END: Final = "end"  # a run ended
FRONT: Final = "front"  # the last observation of a run that goes on
CLASH: Final = "clash"  # two runs hold the thread at the same time
CROWD: Final = "crowd"  # the number of runs that start or end here, as they are many

CROWDED: Final = 3
"""If at least this many runs start or end in one cell, it shows their number."""

# How bad a status is. A cell shows the worst status in it.
_WORST: Final = {COMPLETED: 0, CANCELLED: 1, QUEUED: 2, RUNNING: 3, UNKNOWN: 4, FAILED: 5}
# Of several things in one cell, the one with the highest number is shown.
_OVER: Final = {EMPTY: 0, UNSURE: 1, LINE: 2, JOIN: 3, FRONT: 4, END: 4}


class Segment(NamedTuple):
    """A run on the time axis."""

    run: Run
    since: float
    """When the run begins on the axis."""
    queued: float | None
    """When the queued phase began; None if there was none or its time is unknown."""
    started: float | None
    """When the running phase began; None if there was none or its time is unknown."""
    until: float
    """When the run ended; infinite while it goes on."""
    vague: bool = False
    """Whether the run ran or runs, but the server does not say since when."""

    @property
    def open(self) -> bool:
        """Whether the run goes on."""
        return math.isinf(self.until)

    def end(self, now: float) -> float:
        """Return the end of the run or, while it goes on, `now`; but never a time before it began."""
        return max(now, self.since) if self.open else self.until


class Cell(NamedTuple):
    """The content of a cell."""

    kind: str = EMPTY
    """What the cell shows: one of the constants above, such as LINE."""
    status: str = ""
    """The worst status in the cell."""
    runs: int = 0
    """How many runs have a part in the cell. In the row of waiting runs: how many wait at the same time."""


NOTHING: Final = Cell()


class Lane(NamedTuple):
    """A thread in a time window."""

    upper: tuple[Cell, ...]
    """The cells of the runs that hold the thread."""
    lower: tuple[Cell, ...]
    """The cells of the runs that wait."""
    segments: tuple[Segment, ...]
    """The runs in the time window, the oldest first."""


def segment_of(run: Run) -> Segment | None:
    """Return a run on the time axis; None if the server gives no time for it."""
    created, started, ended = run.created, run.started, run.ended
    known = [time for time in (created, started, ended) if time is not None]
    if not known:
        return None
    goes_on = run.active or (run.status_class == UNKNOWN and run.is_active)
    until = math.inf if goes_on else max(known) if ended is None else ended
    if run.status_class == QUEUED or (started is not None and started > until):
        started = None  # the start contradicts the status or the end
    queued = created if created is not None and created <= (until if started is None else started) else None
    vague = started is None and queued is not None and run.status_class in (RUNNING, COMPLETED, UNKNOWN)
    parts = [time for time in (queued, started) if time is not None]
    since = min(parts) if parts else min(known)
    return Segment(run, since, queued, started, until, vague)


@dataclass(frozen=True, slots=True)
class ThreadHistory:
    """All known runs of a thread on the time axis."""

    segments: tuple[Segment, ...] = ()
    """The runs, sorted by start."""
    latest_ends: tuple[float, ...] = ()
    """For each segment, the latest end of this and all earlier segments.

    They make the search for a time window fast.
    """
    untimed: int = 0
    """The number of runs without any time."""
    active: int = 0
    """The number of active runs."""
    failed: int = 0
    """The number of failed runs."""

    @property
    def latest(self) -> float:
        """The latest end of a run; infinite while a run goes on, minus infinity without runs."""
        return self.latest_ends[-1] if self.latest_ends else -math.inf

    def between(self, start: float, end: float) -> Iterator[Segment]:
        """Yield the segments that overlap the time from `start` up to `end` (exclusive), sorted by start."""
        for place in range(bisect_left(self.latest_ends, start), len(self.segments)):
            segment = self.segments[place]
            if segment.since >= end:
                return
            if segment.until >= start:
                yield segment

    def place(self, key: RunKey | None) -> int | None:
        """Return the index of a run's segment; None if there is none."""
        return next((place for place, segment in enumerate(self.segments) if segment.run.key == key), None)

    def last_before(self, time: float) -> Segment | None:
        """Return the last segment that started before a time; None if there is none."""
        place = bisect_left(self.segments, time, key=lambda segment: segment.since)
        return self.segments[place - 1] if place else None


def thread_history(runs: Sequence[Run]) -> ThreadHistory:
    """Return the history of a thread's runs."""
    segments = [segment for segment in map(segment_of, runs) if segment is not None]
    segments.sort(key=lambda segment: (segment.since, segment.until))
    return ThreadHistory(
        tuple(segments),
        tuple(accumulate((segment.until for segment in segments), max)),
        untimed=len(runs) - len(segments),
        active=sum(run.active for run in runs),
        failed=sum(run.status_class == FAILED for run in runs),
    )


def group_runs(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Return raw thread id → the runs of that thread among these runs."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.thread_key, []).append(run)
    return groups


def lane(history: ThreadHistory, window: TimeWindow, now: float, seen: float = math.inf) -> Lane:
    """Return a thread in a time window at `now`.

    `seen` is the time of the thread's last observation. After that time nothing is known about the runs that had not
    ended.
    """
    segments = tuple(history.between(window.start, window.end))
    upper, lower, known = _Row(window), _Row(window), min(now, seen)
    for segment in segments:
        if segment.started is not None:
            upper.add(segment, segment.started, LINE, now, known)
        elif segment.vague:
            upper.add(segment, segment.since, UNSURE, now, known)
        elif segment.queued is not None:
            lower.add(segment, segment.queued, LINE, now, known)
        else:
            upper.add(segment, segment.since, LINE, now, known)
        if segment.started is not None and segment.queued is not None:
            lower.join(segment.queued, segment.started)
    upper.clash(segments, now)
    return Lane(upper.done(), lower.done(), segments)


class _Row:
    """The cells of one row, to which runs are added one by one."""

    def __init__(self, window: TimeWindow) -> None:
        self._window = window
        self._cells = [NOTHING] * window.cells
        self._edges: dict[int, int] = {}
        self._worst: dict[int, str] = {}

    def _inside(self, first: int, last: int) -> range:
        """Return those cells from `first` to `last` that are inside the window."""
        return range(max(first, 0), min(last, self._window.cells - 1) + 1)

    def _put(self, at: int, kind: str, status: str) -> None:
        here = self._cells[at]
        worst = self._worst.get(at, status)
        self._worst[at] = status if _WORST[status] >= _WORST[worst] else worst
        over, under = _OVER[kind], _OVER[here.kind]
        if over > under or (over == under and _WORST[status] >= _WORST[here.status]):
            self._cells[at] = Cell(kind, status, here.runs + 1)
        else:
            self._cells[at] = here._replace(runs=here.runs + 1)

    def add(self, segment: Segment, since: float, kind: str, now: float, known: float) -> None:
        """Add the last phase of a segment, which began at `since`: a line of this `kind`, and a sign at its end.

        `known` is the time of the last observation. If the run goes on, the sign is there, and the line after it is
        unsure.
        """
        status = segment.run.status_class
        first, last = self._window.cell(since), self._window.cell(segment.end(now))
        for edge in {first, last}:
            self._edges[edge] = self._edges.get(edge, 0) + 1
        tip = min(last, max(first, self._window.cell(known))) if segment.open else last
        for at in self._inside(first, last):
            if at == tip:
                self._put(at, FRONT if segment.open else END, status)
            else:
                self._put(at, kind if at < tip else UNSURE, status)

    def join(self, queued: float, started: float) -> None:
        """Add the queued phase of a run that has started. A phase within one cell is left out."""
        first, last = self._window.cell(queued), self._window.cell(started)
        if first < last:
            for at in self._inside(first, last):
                self._put(at, LINE if at < last else JOIN, QUEUED)

    def clash(self, segments: Sequence[Segment], now: float) -> None:
        """Mark where two runs hold the thread at the same time, which its lock should prevent."""
        busy = -math.inf
        for since, until in sorted(
            (segment.started, segment.end(now)) for segment in segments if segment.started is not None
        ):
            first, last = self._window.cell(since), self._window.cell(min(until, busy))
            if since < busy and last > first:
                for at in self._inside(first, last):
                    if self._cells[at].kind in (LINE, UNSURE):
                        self._cells[at] = self._cells[at]._replace(kind=CLASH)
            busy = max(busy, until)

    def done(self) -> tuple[Cell, ...]:
        """Return the cells. Those in which many runs start or end become a CROWD, which shows their number."""
        for at, edges in self._edges.items():
            if edges >= CROWDED and 0 <= at < self._window.cells:
                self._cells[at] = self._cells[at]._replace(kind=CROWD, status=self._worst[at])
        return tuple(self._cells)
