"""Which threads are lanes, in which order, which times are in sight, and where the cursor is. Knows no widget.

The cursor belongs to a run, and a lane stays where it is: threads that are new come on top, and the others are put in
order anew only when somebody asks. Time and room come from outside, with `place_at`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.timeline.lanes import Segment, ThreadHistory, group_runs, thread_history
from flowtui.model.timeline.time_window import TimeRange, TimeWindow


class LaneState:
    """The lanes and the cursor on them. `now` is server time, `cells` those of a lane, `page` the lanes that fit."""

    def __init__(self, cursor: RunKey | None = None) -> None:
        self.scope = TimeRange()
        self.cursor = cursor
        self.thread: str | None = cursor[0] if cursor is not None else None
        """The raw id of the thread that the cursor is on."""
        self.touched = cursor is not None
        """Somebody has chosen a run: from now on the cursor stays on it, else it follows what is new."""
        self.order: list[str] = []
        """The threads (raw ids) in the order of their lanes."""
        self.courses: dict[str, ThreadHistory] = {}
        self.top = 0
        """The first lane in sight, from 0."""
        self.now = 0.0
        self.cells = 1
        self.page = 1
        self._groups: dict[str, list[Run]] = {}
        self._runs: Sequence[Run] | None = None

    # -- what comes in -----------------------------------------------------------------------------------------

    def place_at(self, now: float, cells: int, page: int) -> None:
        """Say what time it is, and how much room there is."""
        self.now, self.cells, self.page = now, max(1, cells), max(1, page)

    def take(self, snapshot: Snapshot, runs: Sequence[Run] | None) -> None:
        """Take in a picture; `runs` are those to draw, None for all there are. What is equal is not made again."""
        if runs is not None and runs is self._runs:
            return
        self._runs = runs
        if runs is None:
            groups = {key: list(state.runs.values()) for key, state in snapshot.threads.items()}
        else:
            groups = group_runs(runs)
        first = not self.order
        self.courses = {
            key: self.courses[key] if self._groups.get(key) == group else thread_history(group)
            for key, group in groups.items()
        }
        self._groups = groups
        known = set(self.order)
        new = self._sorted([key for key in groups if key not in known])
        self.order = [*new, *(key for key in self.order if key in groups)]
        if self.order and self.thread not in self.courses:
            self.thread = self.order[0]
        segment = self.segment
        if first and segment is not None and segment.end(self.now) < self.window.start:
            self.scope = self.scope.around(segment.end(self.now), self.now)

    def _sorted(self, threads: Sequence[str]) -> list[str]:
        """Return threads with active runs first, each kind by what happened last."""
        ends = {
            key: max((segment.end(self.now) for segment in self.courses[key].segments), default=-math.inf)
            for key in threads
        }
        return sorted(threads, key=lambda key: (not self.courses[key].active, -ends[key]))

    # -- what is in sight --------------------------------------------------------------------------------------

    @property
    def window(self) -> TimeWindow:
        """The times in sight."""
        return self.scope.window(self.now, self.cells)

    @property
    def in_sight(self) -> list[str]:
        """The threads whose lanes are in sight."""
        return self.order[self.top : self.top + self.page]

    @property
    def course(self) -> ThreadHistory:
        """The course of the thread that the cursor is on."""
        return self.courses.get(self.thread or "", ThreadHistory())

    @property
    def segment(self) -> Segment | None:
        """The run under the cursor, in time."""
        place = self.course.place(self.cursor)
        return self.course.segments[place] if place is not None else None

    @property
    def untimed(self) -> int:
        """How many runs have no time, so that they cannot be drawn."""
        return sum(course.untimed for course in self.courses.values())

    @property
    def has_runs(self) -> bool:
        """Whether there is any run that could be drawn, at some time."""
        return any(course.segments for course in self.courses.values())

    @property
    def has_sight(self) -> bool:
        """Whether a run of any thread is in sight."""
        window = self.window
        return any(
            next(course.between(window.start, window.end), None) is not None
            for course in self.courses.values()
        )

    @property
    def before(self) -> Segment | None:
        """The last run of any thread that began before what is in sight."""
        start = self.window.start
        found = [
            segment for course in self.courses.values() if (segment := course.last_before(start)) is not None
        ]
        return max(found, key=lambda segment: segment.since, default=None)

    def sharing(self) -> list[Segment]:
        """Return the runs that begin or end in the cell in which the run under the cursor ends, itself among them."""
        segment, window = self.segment, self.window
        if segment is None:
            return []
        cell = window.cell(segment.end(self.now))
        start = window.start + cell * window.step
        return [
            other
            for other in self.course.between(start, start + window.step)
            if cell in (window.cell(other.since), window.cell(other.end(self.now)))
        ]

    # -- moving ------------------------------------------------------------------------------------------------

    def move(self, lanes: int) -> None:
        """Move the cursor by lanes, to the run that is nearest in time."""
        if self.order:
            place = self.order.index(self.thread) if self.thread in self.order else 0
            self.choose(min(max(place + lanes, 0), len(self.order) - 1))

    def choose(self, place: int, at: float | None = None) -> None:
        """Put the cursor on a lane, from 0, on the run that is nearest to a time; to where the cursor was, if None."""
        window, segment = self.window, self.segment
        if at is None:
            at = window.end if segment is None else min(segment.end(self.now), window.end)
        self.thread = self.order[place]
        self.cursor = self._nearest(at)
        self.touched = True
        self.reach()

    def _nearest(self, at: float) -> RunKey | None:
        """Return the run of the lane that is in sight and nearest to a time."""

        def distance(segment: Segment) -> tuple[float, float]:
            end = segment.end(self.now)
            return max(0.0, segment.since - at, at - end), abs(end - at)

        seen = self.course.between(self.window.start, self.window.end)
        near = min(seen, key=distance, default=None)
        return near.run.key if near is not None else None

    def turn(self, pages: float) -> None:
        """Move the cursor by pages of lanes."""
        self.move(int(pages * self.page))

    def step(self, runs: int) -> None:
        """Go to an earlier (negative) or later run of the lane, and to its time where it is out of sight."""
        course, window = self.course, self.window
        place = course.place(self.cursor)
        if place is None:  # no run is in sight here: the nearest one on that side
            before = course.last_before(window.start)
            last = course.place(before.run.key) if before is not None else None
            place = (-1 if last is None else last) + (1 if runs > 0 else 0)
        else:
            place += runs
        if not 0 <= place < len(course.segments):
            return
        segment = course.segments[place]
        self.cursor, self.touched = segment.run.key, True
        if segment.since >= window.end or segment.until < window.start:
            self.scope = self.scope.around((segment.since + segment.end(self.now)) / 2, self.now)

    def zoom(self, steps: int) -> None:
        """Look at less (negative) or more time, around the run under the cursor where it is in sight."""
        segment, window = self.segment, self.window
        if segment is not None and segment.since < window.end and segment.until >= window.start:
            at = min(max(segment.end(self.now), window.start), window.end)
        else:
            at = self.now if self.scope.live else (window.start + window.end) / 2
        self.scope = self.scope.zoomed(steps, at, self.now)
        self._regain()

    def scrub(self, windows: float) -> None:
        """Look further back (negative) or on, by a share of what is in sight; not beyond the first run."""
        first = min(
            (course.segments[0].since for course in self.courses.values() if course.segments),
            default=math.inf,
        )
        if windows > 0 or first < self.window.start:
            self.scope = self.scope.scrubbed(windows, self.now)
            self._regain()

    def _regain(self) -> None:
        """Keep the cursor in sight: on its run, or on the nearest one that is."""
        segment, window = self.segment, self.window
        if segment is None or segment.since >= window.end or segment.until < window.start:
            at = (window.start + window.end) / 2 if segment is None else segment.end(self.now)
            self.cursor = self._nearest(at)
        self.touched = True

    def to_now(self) -> None:
        """Follow now again, with the lanes in the order that they have now."""
        self.scope = TimeRange(self.scope.span)
        self.touched = False
        self.order = self._sorted(self.order)
        self.follow()
        self.reach()

    def follow(self) -> None:
        """Put the cursor of somebody who only watches on the last run of its lane."""
        if not self.touched and self.scope.live:
            self.cursor = self._nearest(self.now)

    def reach(self) -> None:
        """Scroll the lane of the cursor into sight."""
        if self.thread in self.order:
            place = self.order.index(self.thread)
            self.top = min(max(self.top, place - self.page + 1), place)
        self.top = max(0, min(self.top, len(self.order) - self.page))
