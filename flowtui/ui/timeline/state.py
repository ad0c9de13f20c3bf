"""The state of the timeline: lanes and their order, the time window, and the cursor. Independent of widgets.

The cursor stays on its run when new data comes, once the user has moved it. Lanes keep their order: new threads are
added on top, and only `to_now` sorts all lanes again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.timeline.lanes import Segment, ThreadHistory, group_runs, thread_history
from flowtui.model.timeline.time_window import TimeRange, TimeWindow
from flowtui.ui.widgets.movement import clamp, top_for


class LaneState:
    """Lanes, time window and cursor.

    `scope` chooses the time window, and `cursor` is the run under the cursor. `set_viewport` sets `now` (server time),
    `cells` (the width of a lane) and `page` (how many lanes fit).
    """

    def __init__(self, cursor: RunKey | None = None) -> None:
        self.scope = TimeRange()
        self.cursor = cursor
        self.lane: str | None = cursor[0] if cursor is not None else None
        """The key of the lane under the cursor: the raw id of a thread, or the id of an agent."""
        self.by_agent = False
        """Whether each agent has a lane; else each thread has one."""
        self.touched = cursor is not None
        """Whether the user has moved the cursor or the time window. Until then the cursor follows the newest run."""
        self.order: list[str] = []
        """The keys of the lanes, in their order."""
        self.histories: dict[str, ThreadHistory] = {}
        self.top = 0
        """Index of the first visible lane."""
        self.now = 0.0
        self.cells = 1
        self.page = 1
        self.floor: float | None = None
        """When the history begins, by the server's clock; None: there is none, and the first known run is the first."""
        self._groups: dict[str, list[Run]] = {}
        self._runs: Sequence[Run] | None = None
        self._grouped = False  # `by_agent` of the groups
        self._past: Mapping[str, Sequence[Run]] = {}

    # -- input ------------------------------------------------------------------------------------------------

    def set_viewport(self, now: float, cells: int, page: int) -> None:
        """Set the server time, the width of a lane in cells, and how many lanes fit."""
        self.now, self.cells, self.page = now, max(1, cells), max(1, page)

    def update(
        self, snapshot: Snapshot, runs: Sequence[Run] | None, past: Mapping[str, Sequence[Run]] | None = None
    ) -> None:
        """Set the runs to draw: `runs`, or all runs of the snapshot if that is None. Unchanged lanes are not computed again.

        `past`: raw thread id → runs from the history that are to be drawn, too.
        """
        past = past or {}
        if self._grouped != self.by_agent:
            self._grouped, self._groups, self.order, self.top = self.by_agent, {}, [], 0
        elif runs is not None and runs is self._runs and past == self._past:
            return
        self._runs, self._past = runs, past
        groups = self._lanes_of(snapshot, runs, past)
        first = not self.order
        self.histories = {
            key: self.histories[key] if self._groups.get(key) == group else thread_history(group)
            for key, group in groups.items()
        }
        self._groups = groups
        known = set(self.order)
        new = self._sorted([key for key in groups if key not in known])
        gone = {key for key in new if key in past and key not in snapshot.threads}
        kept_order = [key for key in self.order if key in groups]
        # Lanes of threads that are not there any more come last, however far back the user goes.
        self.order = [
            *(key for key in new if key not in gone),
            *kept_order,
            *(key for key in new if key in gone),
        ]
        if self.order and self.history.place(self.cursor) is None:
            has_run = (key for key in self.order if self.histories[key].place(self.cursor) is not None)
            kept = self.lane if self.lane in self.histories else self.order[0]
            self.lane = kept if self.cursor is None else next(has_run, kept)
        segment = self.segment
        if first and segment is not None and segment.end(self.now) < self.window.start:
            self.scope = self.scope.around(segment.end(self.now), self.now)

    def _lanes_of(
        self, snapshot: Snapshot, runs: Sequence[Run] | None, past: Mapping[str, Sequence[Run]]
    ) -> dict[str, list[Run]]:
        """Return the key of each lane → its runs."""
        if runs is None:
            groups = {key: list(state.runs.values()) for key, state in snapshot.threads.items()}
        else:
            groups = group_runs(runs)
        for key, older in past.items():
            groups[key] = [*groups.get(key, ()), *older]
        if not self.by_agent:
            return groups
        agents: dict[str, list[Run]] = {}
        for group in groups.values():
            for run in group:
                agents.setdefault(run.agent_id, []).append(run)
        return agents

    def _sorted(self, lanes: Sequence[str]) -> list[str]:
        """Return the keys of lanes in order: first those with active runs; within both groups, the latest end first."""

        def place(key: str) -> tuple[bool, float]:
            history = self.histories[key]
            ends = (segment.end(self.now) for segment in history.segments)
            return not history.active, -max(ends, default=-math.inf)

        return sorted(lanes, key=place)

    # -- what is in sight --------------------------------------------------------------------------------------

    @property
    def window(self) -> TimeWindow:
        """The visible time window."""
        return self.scope.window(self.now, self.cells)

    @property
    def in_sight(self) -> list[str]:
        """The keys of the visible lanes."""
        return self.order[self.top : self.top + self.page]

    @property
    def history(self) -> ThreadHistory:
        """The runs of the lane under the cursor; empty if there is no lane."""
        return self.histories.get(self.lane or "", ThreadHistory())

    @property
    def segment(self) -> Segment | None:
        """The run under the cursor, with its times; None if the cursor is on no run."""
        place = self.history.place(self.cursor)
        return self.history.segments[place] if place is not None else None

    @property
    def untimed(self) -> int:
        """The number of runs that cannot be drawn, because none of their times is known."""
        return sum(history.untimed for history in self.histories.values())

    @property
    def has_runs(self) -> bool:
        """Whether any run can be drawn, in the time window or outside."""
        return any(history.segments for history in self.histories.values())

    @property
    def has_sight(self) -> bool:
        """Whether the time window contains a run."""
        start, end = self.window.start, self.window.end
        return any(any(history.between(start, end)) for history in self.histories.values())

    @property
    def before(self) -> Segment | None:
        """The last run of any lane that began before the time window; None if there is no such run."""
        start = self.window.start
        found = (history.last_before(start) for history in self.histories.values())
        return max(filter(None, found), key=lambda segment: segment.since, default=None)

    def runs_in_cell(self) -> list[Segment]:
        """Return the runs that begin or end in the cell in which the run under the cursor ends, including that run."""
        segment, window = self.segment, self.window
        if segment is None:
            return []
        cell = window.cell(segment.end(self.now))
        start = window.start + cell * window.step
        return [
            other
            for other in self.history.between(start, start + window.step)
            if cell in (window.cell(other.since), window.cell(other.end(self.now)))
        ]

    # -- moving ------------------------------------------------------------------------------------------------

    def move(self, lanes: int) -> None:
        """Move the cursor down by `lanes` lanes, to the run of the new lane that is nearest in time."""
        if self.order:
            place = self.order.index(self.lane) if self.lane in self.order else 0
            self.choose(clamp(place + lanes, len(self.order)))

    def choose(self, place: int, at: float | None = None) -> None:
        """Move the cursor to the lane with the index `place`, there to the run nearest to the time `at`.

        If `at` is None, the end of the run now under the cursor counts, or the end of the time window if that is
        earlier.
        """
        window, segment = self.window, self.segment
        if at is None:
            at = window.end if segment is None else min(segment.end(self.now), window.end)
        self.lane = self.order[place]
        self.cursor = self._nearest(at)
        self.touched = True
        self.scroll_to_cursor()

    def _nearest(self, at: float) -> RunKey | None:
        """Return the run of the cursor's lane that is nearest to a time; None if the lane has no run in the time window."""

        def distance(segment: Segment) -> tuple[float, float]:
            end = segment.end(self.now)
            return max(0.0, segment.since - at, at - end), abs(end - at)

        seen = self.history.between(self.window.start, self.window.end)
        near = min(seen, key=distance, default=None)
        return near.run.key if near is not None else None

    def step(self, runs: int) -> None:
        """Move the cursor by `runs` runs along its lane, to later runs (negative: earlier). The time window follows."""
        history, window = self.history, self.window
        place = history.place(self.cursor)
        if place is None:  # the cursor is on no run: take the nearest one in that direction
            before = history.last_before(window.start)
            last = history.place(before.run.key) if before is not None else None
            place = (-1 if last is None else last) + (1 if runs > 0 else 0)
        else:
            place += runs
        if place < 0 and self._reaches_back:
            self.scrub(-1)  # an earlier run may be remembered
        if not 0 <= place < len(history.segments):
            return
        segment = history.segments[place]
        self.cursor, self.touched = segment.run.key, True
        if segment.since >= window.end or segment.until < window.start:
            self.scope = self.scope.around((segment.since + segment.end(self.now)) / 2, self.now)

    def zoom(self, steps: int) -> None:
        """Show more time, or less if `steps` is negative. The end of the run under the cursor stays in place if it is visible."""
        segment, window = self.segment, self.window
        if segment is not None and segment.since < window.end and segment.until >= window.start:
            at = min(max(segment.end(self.now), window.start), window.end)
        else:
            at = self.now if self.scope.live else (window.start + window.end) / 2
        self.scope = self.scope.zoomed(steps, at, self.now)
        self._keep_in_sight()

    def scrub(self, windows: float) -> None:
        """Move the time window forward, or back if negative, by `windows` times its length.

        It stops at the first run, or where the history begins.
        """
        begins = (history.segments[0].since for history in self.histories.values() if history.segments)
        first = min(begins, default=math.inf)
        if windows > 0 or first < self.window.start or self._reaches_back:
            self.scope = self.scope.scrubbed(windows, self.now)
            self._keep_in_sight()

    @property
    def _reaches_back(self) -> bool:
        """Whether the history begins before the time window."""
        return self.floor is not None and self.floor < self.window.start

    def _keep_in_sight(self) -> None:
        """If the run under the cursor is not visible, move the cursor to the nearest visible run. Stop following new runs."""
        segment, window = self.segment, self.window
        if segment is None or segment.since >= window.end or segment.until < window.start:
            at = (window.start + window.end) / 2 if segment is None else segment.end(self.now)
            self.cursor = self._nearest(at)
        self.touched = True

    def to_now(self) -> None:
        """Let the time window follow the current time and the cursor the newest run again; sort the lanes."""
        self.scope = TimeRange(self.scope.span)
        self.touched = False
        self.order = self._sorted(self.order)
        self.follow_newest()
        self.scroll_to_cursor()

    def follow_newest(self) -> None:
        """Move the cursor to the newest run of its lane, unless the user has moved the cursor or the time window."""
        if not self.touched and self.scope.live:
            self.cursor = self._nearest(self.now)

    def scroll_to_cursor(self) -> None:
        """Scroll so that the lane with the cursor is visible."""
        if self.lane in self.order:
            self.top = top_for(self.order.index(self.lane), self.top, self.page)
        self.top = max(0, min(self.top, len(self.order) - self.page))
