"""Reads from the history how long runs usually take: once soon after the start, then rarely, as it changes slowly."""

from __future__ import annotations

from typing import Final

from flowtui.model.history.past import Past
from flowtui.model.history.remembered_times import remembered_times
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes
from flowtui.ui.base.past_reader import PastReader

FIRST: Final = 10.0
"""Seconds after the first update: until then the rows of the screen are more important."""

AGAIN: Final = 6 * 3600.0
"""Seconds between two readings."""


class UsualReader:
    """Reads usual times when they are due. `times`: those of the last reading, of no runs before the first."""

    def __init__(self) -> None:
        self.times: UsualTimes = NO_USUAL_TIMES
        self._due: float | None = None
        self._read = 0

    def update(self, reader: PastReader, snapshot: Snapshot) -> None:
        """Read, if it is due."""
        if self._due is None:
            self._due = snapshot.at + FIRST
        if snapshot.at < self._due or not reader.ready:
            return
        self._due = snapshot.at + AGAIN
        self._read += 1
        now, revision = snapshot.server_time(snapshot.at), self._read

        def read(past: Past) -> UsualTimes:
            return remembered_times(past, now, revision)

        reader.ask("usual times", read, self._take)

    def _take(self, found: UsualTimes | None) -> None:
        self.times = self.times if found is None else found
