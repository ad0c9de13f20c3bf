"""Threads through time, as cells: which run holds a thread when, what waits behind it, and how many share a cell.

Pure; all times are UTC epoch seconds by the server's clock. A time is drawn where the server says it is, also one
that has not come yet; what it does not say is never made up.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING, UNKNOWN, Run, RunKey
from flowtui.model.timeline.time_window import Window

EMPTY: Final = ""
LINE: Final = "line"
UNSURE: Final = "unsure"
JOIN: Final = "join"
END: Final = "end"
FRONT: Final = "front"
CLASH: Final = "clash"
CROWD: Final = "crowd"

CROWDED: Final = 3
"""Runs that begin or end in one cell, from which on it shows how many they are."""

_WORST: Final = {COMPLETED: 0, CANCELLED: 1, QUEUED: 2, RUNNING: 3, UNKNOWN: 4, FAILED: 5}
_OVER: Final = {EMPTY: 0, UNSURE: 1, LINE: 2, JOIN: 3, FRONT: 4, END: 4}


class Life(NamedTuple):
    """A run in time. `queued` and `started` are None where there was no such part, or nobody says.

    `until` is its end, infinite while it goes on. `vague`: it ran, or runs, and nobody says since when.
    """

    run: Run
    since: float
    queued: float | None
    started: float | None
    until: float
    vague: bool = False

    @property
    def open(self) -> bool:
        """It goes on."""
        return math.isinf(self.until)

    def end(self, now: float) -> float:
        """Return its end; now while it goes on, and never before it began."""
        return max(now, self.since) if self.open else self.until


class Cell(NamedTuple):
    """What stands in a cell: `status` is the worst that is there, `runs` how many it holds some part of.

    In the row of those that wait, `runs` of a line are those that wait at once.
    """

    kind: str = EMPTY
    status: str = ""
    runs: int = 0


NOTHING: Final = Cell()


class Lane(NamedTuple):
    """A thread in a window. `upper`: the runs that hold it, `lower`: those that wait. `lives` are oldest first."""

    upper: tuple[Cell, ...]
    lower: tuple[Cell, ...]
    lives: tuple[Life, ...]


def life_of(run: Run) -> Life | None:
    """Return a run in time; None where the server gives no time for it."""
    created, started, ended = run.created, run.started, run.ended
    known = [time for time in (created, started, ended) if time is not None]
    if not known:
        return None
    goes_on = run.active or (run.status_class == UNKNOWN and run.is_active)
    until = math.inf if goes_on else max(known) if ended is None else ended
    if run.status_class == QUEUED or (started is not None and started > until):
        started = None  # its status, or its end, says otherwise
    queued = created if created is not None and created <= (until if started is None else started) else None
    vague = started is None and queued is not None and run.status_class in (RUNNING, COMPLETED, UNKNOWN)
    parts = [time for time in (queued, started) if time is not None]
    since = min(parts) if parts else min(known)
    return Life(run, since, queued, started, until, vague)


@dataclass(frozen=True, slots=True)
class Course:
    """All that is known of a thread in time: `lives` by their beginning, `untimed` runs without any time.

    `reach` is, for each life, the latest end among it and those before it: a window finds its runs by it.
    """

    lives: tuple[Life, ...] = ()
    reach: tuple[float, ...] = ()
    untimed: int = 0
    active: int = 0
    failed: int = 0

    @property
    def latest(self) -> float:
        """The last time that something happened; infinite while something goes on, and without runs minus infinite."""
        return self.reach[-1] if self.reach else -math.inf

    def between(self, start: float, end: float) -> Iterator[Life]:
        """Yield what lived at some time from `start` until before `end`, by its beginning."""
        for place in range(bisect_left(self.reach, start), len(self.lives)):
            life = self.lives[place]
            if life.since >= end:
                return
            if life.until >= start:
                yield life

    def place(self, key: RunKey | None) -> int | None:
        """Return where a run stands among the lives; None where it does not."""
        return next((place for place, life in enumerate(self.lives) if life.run.key == key), None)

    def last_before(self, time: float) -> Life | None:
        """Return the last that began before a time; None where nothing did."""
        place = bisect_left(self.lives, time, key=lambda life: life.since)
        return self.lives[place - 1] if place else None


def course_of(runs: Sequence[Run]) -> Course:
    """Return the course of a thread's runs."""
    lives = [life for life in map(life_of, runs) if life is not None]
    lives.sort(key=lambda life: (life.since, life.until))
    return Course(
        tuple(lives),
        tuple(accumulate((life.until for life in lives), max)),
        untimed=len(runs) - len(lives),
        active=sum(run.active for run in runs),
        failed=sum(run.status_class == FAILED for run in runs),
    )


def group_runs(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Return the runs of each thread, by its raw id."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.thread_key, []).append(run)
    return groups


def lane(course: Course, window: Window, now: float, seen: float = math.inf) -> Lane:
    """Return a thread in a window at `now`. `seen` is the last look at it: what goes on is not known beyond that."""
    lives = tuple(course.between(window.start, window.end))
    upper, lower, known = _Row(window), _Row(window), min(now, seen)
    for life in lives:
        if life.started is not None:
            upper.add(life, life.started, LINE, now, known)
        elif life.vague:
            upper.add(life, life.since, UNSURE, now, known)
        elif life.queued is not None:
            lower.add(life, life.queued, LINE, now, known)
        else:
            upper.add(life, life.since, LINE, now, known)
        if life.started is not None and life.queued is not None:
            lower.join(life.queued, life.started)
    upper.clash(lives, now)
    return Lane(upper.done(), lower.done(), lives)


class _Row:
    """The cells of one row, while they are filled."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._cells = [NOTHING] * window.cells
        self._edges: dict[int, int] = {}
        self._worst: dict[int, str] = {}

    def _inside(self, first: int, last: int) -> range:
        """Return the cells from first to last, as far as they are in sight."""
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

    def add(self, life: Life, since: float, kind: str, now: float, known: float) -> None:
        """Put in the last part of a life: a line, and at its end how it ended, or how far it has come."""
        status = life.run.status_class
        first, last = self._window.cell(since), self._window.cell(life.end(now))
        for edge in {first, last}:
            self._edges[edge] = self._edges.get(edge, 0) + 1
        tip = min(last, max(first, self._window.cell(known))) if life.open else last
        for at in self._inside(first, last):
            if at == tip:
                self._put(at, FRONT if life.open else END, status)
            else:
                self._put(at, kind if at < tip else UNSURE, status)

    def join(self, queued: float, started: float) -> None:
        """Put in how long a run waited that then started; less than a cell cannot be drawn."""
        first, last = self._window.cell(queued), self._window.cell(started)
        if first < last:
            for at in self._inside(first, last):
                self._put(at, LINE if at < last else JOIN, QUEUED)

    def clash(self, lives: Sequence[Life], now: float) -> None:
        """Put in where two runs hold the thread at once, which its lock should not allow."""
        busy = -math.inf
        for since, until in sorted(
            (life.started, life.end(now)) for life in lives if life.started is not None
        ):
            first, last = self._window.cell(since), self._window.cell(min(until, busy))
            if since < busy and last > first:
                for at in self._inside(first, last):
                    if self._cells[at].kind in (LINE, UNSURE):
                        self._cells[at] = self._cells[at]._replace(kind=CLASH)
            busy = max(busy, until)

    def done(self) -> tuple[Cell, ...]:
        """Return the cells; where many runs begin or end in one, it says how many there are."""
        for at, edges in self._edges.items():
            if edges >= CROWDED and 0 <= at < self._window.cells:
                self._cells[at] = self._cells[at]._replace(kind=CROWD, status=self._worst[at])
        return tuple(self._cells)
