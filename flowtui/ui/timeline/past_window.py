"""What the history says of the time window: runs that are not in memory, and how the time was watched."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flowtui.model.history.coverage import GAP, Part, TimeCoverage, coverage
from flowtui.model.history.past import UNANSWERED, Past
from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.timeline.lanes import group_runs
from flowtui.model.timeline.time_window import TimeWindow

MOST: Final = 5_000
"""Most runs that are read at a time, those that were created last."""

_LONG: Final = 7_200.0
"""Seconds before the window in which runs are looked for that may reach into it, at least."""


@dataclass(frozen=True, eq=False)
class PastWindow:
    """A time that was read from the history. Times are UTC epoch seconds by the server's clock."""

    start: float = 0.0
    end: float = 0.0
    begin: float | None = None
    """When the history begins; None if it is empty or was not read."""
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    """Raw thread id → its remembered runs, the newest first."""
    coverage: TimeCoverage | None = None
    """How the time was watched."""
    whole_from: float = -math.inf
    """Older runs than this were left out, because they are too many."""

    def holds(self, start: float, end: float) -> bool:
        """Whether this time was read whole."""
        return max(self.start, self.whole_from) <= start and end <= self.end

    def unwatched(self, window: TimeWindow) -> list[Part]:
        """Return the parts of a window in which nobody watched, or the API did not answer."""
        found = self.coverage
        if found is None:
            return []
        seen = found.within(window.start, window.end)
        return sorted([*seen.of(GAP), *(part._replace(how=UNANSWERED) for part in seen.outages)])


NOTHING: Final = PastWindow()
"""Nothing was read."""


def read_window(past: Past, start: float, end: float, *, clock_offset: float, until: float) -> PastWindow:
    """Return what the history says of the time from `start` to `end`. Reads a file.

    Also runs that began somewhat earlier, as they may reach into it. `until`: when this start of flowtui began to watch; how
    the time was watched is read up to then. `clock_offset`: the server's clock minus the local one, in seconds.
    """
    begin = past.begin
    if begin is None:
        return PastWindow(start, end)
    found = past.runs(start - max(end - start, _LONG), end, most=MOST + 1)
    late = past.runs(start, end, "ended", most=MOST + 1)
    runs = {run.key: run for run in (*found[:MOST], *late[:MOST])}
    local = max(begin, start - clock_offset)
    last = max(local, min(end, until) - clock_offset)
    watched = coverage(past.watched(local, last), local, last).shifted(clock_offset)
    whole_from = -math.inf if len(found) <= MOST else found[MOST - 1].created or start
    return PastWindow(start, end, begin + clock_offset, group_runs(runs.values()), watched, whole_from)


def not_in_memory(
    loaded: PastWindow, snapshot: Snapshot, shows: Callable[[Run], bool] | None
) -> dict[str, list[Run]]:
    """Return raw thread id → the remembered runs that the snapshot does not have, also of threads that are not there any more.

    If the user named threads, only of these. `shows`: whether the filter shows a run; None: there is no filter.
    """
    found = {}
    for key, runs in loaded.runs.items():
        state = snapshot.threads.get(key)
        if state is None and not snapshot.coverage.fleet:
            continue
        other = [
            run
            for run in runs
            # how a run ended that was active on a thread that is gone, nobody knows
            if (run.terminal if state is None else run.raw_id not in state.runs)
            and (shows is None or shows(run))
        ]
        if other:
            found[key] = other
    return found
