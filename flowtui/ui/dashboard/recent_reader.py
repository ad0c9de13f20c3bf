"""Knows what ended in the last two hours: from memory at once, then from the history. Draws nothing."""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.recent_runs import Recent, RecentRuns
from flowtui.model.history.past import Past
from flowtui.model.history.statistics import moment_of
from flowtui.model.run.row import Run
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.charts.time_axis import TimeAxis

SPAN: Final = 2 * 3600.0
"""Seconds of which the dashboard shows outcomes and agents; `LATELY` names them."""

MOST: Final = 5_000
"""Most runs that are read from the history, those that ended last."""

_AGAIN: Final = 15.0  # seconds after the first reading: by then more may have been written
_READINGS: Final = 2
_LATER: Final = 86_400.0  # seconds after the present, as the server's clock may be ahead


class RecentReader:
    """Keeps the runs that ended lately."""

    def __init__(self, prices: Prices | None) -> None:
        self._runs = RecentRuns(SPAN, prices)
        self._due: float | None = None
        self._left = _READINGS

    def update(self, reader: PastReader, update: Update) -> None:
        """Take an update; read the history when that is due."""
        if self._runs.take(update):
            self._left, self._due = _READINGS, None
        snapshot = update.snapshot
        if not self._left or not reader.ready or (self._due is not None and snapshot.at < self._due):
            return
        self._left, self._due = self._left - 1, snapshot.at + _AGAIN
        now, offset = snapshot.server_time(snapshot.at), snapshot.clock_offset

        def read(past: Past) -> _Found:
            begin = past.begin
            rows = past.runs(now - SPAN, now + _LATER, "counted", most=MOST)
            if begin is None:
                return _Found(rows, None)
            begin += offset
            if len(rows) == MOST:  # some were left out, all of which ended before these
                begin = max(begin, min(moment_of(run) or now for run in rows))
            return _Found(rows, begin)

        reader.ask("recent", read, self._fill)

    def _fill(self, found: _Found | None) -> None:
        if found is not None:
            self._runs.fill(*found)

    def recent(self, axis: TimeAxis) -> Recent:
        """Return what ended in each cell of a rolling axis."""
        return self._runs.recent(axis.since, axis.step or SPAN, axis.cells)

    @staticmethod
    def axis(snapshot: Snapshot | None, now: float, cells: int) -> TimeAxis:
        """Return the axis of the span that ends at `now`, by the local clock."""
        return TimeAxis.rolling(SPAN, now if snapshot is None else snapshot.server_time(now), max(2, cells))


class _Found(NamedTuple):
    """Runs of the history; `begin`: since when it knows all runs, None if that is not known."""

    runs: list[Run]
    begin: float | None
