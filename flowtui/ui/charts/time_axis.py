"""The time axis of charts: which cell a time belongs to, and the line of times below the charts. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import tzinfo
from typing import Final, NamedTuple, TypeVar

from flowtui import formatting
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.ui.charts.labels import Labels
from flowtui.ui.paint import time_axis
from flowtui.ui.paint.ink import Line

Value = TypeVar("Value")

NOW: Final = "now"
_DAY: Final = 86_400.0
_LONG: Final = 1.25 * _DAY  # seconds: from here on an axis names days
_GRAINS: Final = 16  # by this part of a cell, or half of it, the cells of a growing axis get longer at once
_EXACT: Final = 1e-6  # cells: a time on an edge, which is not exact, belongs to the cell that begins there
_FARTHEST: Final = 1e12  # seconds; beyond it, cells of a second cannot be told apart reliably


class TimeAxis(NamedTuple):
    """A span of time divided into cells of equal length. Each chart on it has one column for each cell.

    An axis is equal to the one before as long as no cell begins: then only the newest column of a chart changes.
    """

    since: float
    """The begin of the first cell."""
    until: float
    """The end of the last cell."""
    cells: int
    """How many cells there are; 0 if there is no room."""
    live: bool = False
    """Whether the last cell is the current time."""

    @classmethod
    def rolling(cls, span: float, now: float, cells: int) -> TimeAxis:
        """Return the axis of the last `span` seconds. Its cells begin at multiples of their length.

        All of the span is on the axis. The first cell may begin before it, by less than a cell.
        """
        if cells < 2 or not (0 < span < _FARTHEST and abs(now) < _FARTHEST):
            return cls(now - span, now, max(0, cells), live=True)
        step = span / (cells - 1)
        last = math.floor(now / step) + 1
        return cls((last - cells) * step, last * step, cells, live=True)

    @classmethod
    def growing(cls, since: float, now: float, cells: int) -> TimeAxis:
        """Return the axis from `since` until now, of at most `cells` cells: sometimes one is added, or all get longer.

        It has at least nine tenths of `cells`.
        """
        span = now - since
        if cells < 2 or not (0 < span < _FARTHEST and abs(now) < _FARTHEST):
            return cls(since, now, max(0, cells), live=True)
        grain = 2.0 ** math.floor(math.log2(span / cells / _GRAINS))
        step = (math.floor(span / cells / grain) + 1) * grain
        used = min(cells, math.floor(span / step) + 1)
        return cls(since, since + step * used, used, live=True)

    @property
    def step(self) -> float:
        """The length of a cell in seconds; 0 for an axis without cells or without length."""
        step = (self.until - self.since) / self.cells if self.cells > 0 else 0.0
        return step if math.isfinite(step) and step > 0 else 0.0

    def edges(self) -> list[float]:
        """Return the begin of each cell, and the end of the last one."""
        return [self.since + self.step * cell for cell in range(self.cells + 1)]

    def cell_of(self, at: float | None) -> int | None:
        """Return the cell that contains a time; None if it is unknown or not on the axis. The end belongs to the last cell."""
        if at is None or not self.since <= at <= self.until or not self.step:
            return None
        return min(self.cells - 1, math.floor((at - self.since) / self.step + _EXACT))

    def cells_of(self, since: float, until: float) -> range:
        """Return the cells that a span of time touches, at least one if a part of it is on the axis."""
        if (
            not self.step
            or math.isnan(since + until)
            or until < since
            or since > self.until
            or until < self.since
        ):
            return range(0)
        first = self.cell_of(max(since, self.since)) or 0
        last = math.ceil((min(until, self.until) - self.since) / self.step) - 1
        return range(first, min(self.cells, max(first, last) + 1))

    def groups(self, pairs: Iterable[tuple[float | None, Value]]) -> list[list[Value]]:
        """Return for each cell the values of the (time, value) pairs that belong to it."""
        groups: list[list[Value]] = [[] for _ in range(self.cells)]
        for at, value in pairs:
            if (cell := self.cell_of(at)) is not None:
                groups[cell].append(value)
        return groups

    def counts(self, times: Iterable[float | None], known_since: float | None) -> list[float | None]:
        """Return how many of the times belong to each cell.

        None in cells that end before `known_since`, that is the time of the first known run; if that is None, in all.
        """
        counts: list[float | None] = [0] * self.cells
        for at in times:
            if (cell := self.cell_of(at)) is not None:
                counts[cell] = (counts[cell] or 0) + 1
        return self.known(counts, known_since)

    def known(self, values: Iterable[float | None], known_since: float | None) -> list[float | None]:
        """Return `values`, one for each cell, with None in the cells that end before `known_since`; None: in all cells."""
        first = math.inf if known_since is None else known_since
        return [value if end > first else None for value, end in zip(values, self.edges()[1:], strict=False)]


def axis_line(axis: TimeAxis, zone: tzinfo | None, *, names: Iterable[tuple[int, str, str]] = ()) -> Line:
    """Return the line of times: the begin, round times, and `now` at the right end of a live axis, else the end.

    A day is named where it begins on an axis of more than 30 hours. `names` are (cell, text, role) of what is written
    first, such as the time of a release. A time for which there is no room is left out.
    """
    labels = Labels(axis.cells)
    if not axis.step:
        return labels.line()
    end = NOW if axis.live else _word(axis, axis.until, axis.step, zone)
    labels.put(end, "dim", axis.cells - 1, ("before",))
    for cell, text, role in names:
        labels.put(text, role, cell, ("around", "before", "after"))
    window = TimeWindow(axis.since, axis.step, axis.cells)

    def word(at: float, step: float, zone: tzinfo | None) -> str:
        return _word(axis, at, step, zone)

    found = time_axis.ticks(window, zone, word)
    labels.put(_first(axis, [text for _, text in found], zone), "dim", 0, ("after",))
    for cell, text in found:
        labels.put(text, "dim", cell, ("after",), gap=2)
    return labels.line()


def _word(axis: TimeAxis, at: float, step: float, zone: tzinfo | None) -> str:
    """Return the label of a time; `step`: the seconds between two labels."""
    if step >= 90 * _DAY:
        return formatting.timestamp(at, zone)[:7]
    clock = formatting.clock(at, zone)
    if step >= _DAY or (axis.until - axis.since > _LONG and clock == "00:00:00"):
        return formatting.day(at, zone)
    return clock if step < 60 else clock[:5]


def _first(axis: TimeAxis, words: list[str], zone: tzinfo | None) -> str:
    """Return the label of the begin, in the form of the other `words`; or the day on an axis of more than 30 hours."""
    clock = formatting.clock(axis.since, zone)
    if axis.until - axis.since > _LONG:
        return formatting.day(axis.since, zone)
    return clock if any(word.count(":") > 1 for word in words) or axis.until - axis.since < 300 else clock[:5]
