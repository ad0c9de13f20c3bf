"""What is usual among the runs that are known, worked out no more often than it changes: all of them are gone through."""

from __future__ import annotations

from typing import Final

from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NOTHING_USUAL, Usual, usual_times

_KEPT: Final = 30.0
"""Seconds for which an answer is good enough: what is usual does not move fast."""

_GROWN: Final = 1.1  # times as many runs as were known: the first pages of a big account say little


class Habits:
    """Remembers the last answer. Up to `few` runs are gone through each time, as that costs nothing that is felt."""

    def __init__(self, few: int = 0) -> None:
        self._few = few
        self._usual: Usual = NOTHING_USUAL
        self._at: float | None = None
        self._runs = 0

    def of(self, snapshot: Snapshot) -> Usual:
        """Return how long the runs of each agent usually wait and take."""
        known = sum(len(state.runs) for state in snapshot.threads.values())
        fresh = self._at is not None and 0 <= snapshot.at - self._at < _KEPT
        if not fresh or known <= self._few or known > self._runs * _GROWN:
            self._usual = usual_times(snapshot.runs())
            self._at, self._runs = snapshot.at, known
        return self._usual
