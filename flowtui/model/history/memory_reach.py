"""How far back the runs in memory reach."""

from __future__ import annotations

import math

from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot


class MemoryReach:
    """Keeps what it computed of each thread until the thread changes."""

    def __init__(self) -> None:
        self._oldest: dict[str, tuple[object, float]] = {}
        self._last: tuple[Snapshot, float] | None = None

    def of(self, snapshot: Snapshot) -> float:
        """Return since when all runs of all threads are in memory, by the server's clock; minus infinity: always."""
        if self._last is None or self._last[0] is not snapshot:
            reach = max((self._reach(state) for state in snapshot.threads.values()), default=-math.inf)
            self._last = snapshot, reach
        return self._last[1]

    def _reach(self, state: ThreadState) -> float:
        if state.left.newest > -math.inf:
            return state.left.newest
        if state.whole:
            return -math.inf
        kept = self._oldest.get(state.key)
        if kept is None or kept[0] is not state.runs:
            dates = [run.created for run in state.runs.values() if run.created is not None]
            kept = self._oldest[state.key] = (state.runs, min(dates, default=-math.inf))
        return kept[1]
