"""A value with the interval that it surely lies in, against a limit, on a track. Pure."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from flowtui.ui.charts.columns import is_known
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

LIMIT: Final = "light"
"""The role of a limit."""


class Interval(NamedTuple):
    """A value, its interval and a limit. None: not known. An end of the interval that is None is open."""

    value: float | None
    low: float | None = None
    high: float | None = None
    limit: float | None = None

    @property
    def bounded(self) -> bool:
        """Whether one of the ends is known."""
        return self.low is not None or self.high is not None


def limit_cell(limit: float | None, top: float, cells: int) -> int | None:
    """Return the cell of a limit on a track from 0 to `top`; None if it is unknown or beyond the track."""
    if limit is None or not is_known(limit) or cells <= 0 or not 0 <= limit <= top:
        return None
    return _cell(limit, top, cells)


def interval_line(found: Interval, top: float, cells: int, signs: ChartSigns, role: str) -> Line:
    """Return a track from 0 to `top` with the interval as a band in `role`, the value as a dot, and the limit.

    An open end reaches to the end of the track. The limit covers the band. A value in the limit's cell is drawn beside it,
    on the side where it is.
    """
    if cells <= 0:
        return ink.BLANK
    made = [(signs.track, "track")] * cells
    at = limit_cell(found.limit, top, cells)
    if found.bounded:
        low = 0 if found.low is None else _cell(found.low, top, cells)
        high = cells - 1 if found.high is None else _cell(found.high, top, cells)
        made[low : high + 1] = [(signs.band, role)] * (high + 1 - low)
    if found.value is not None and is_known(found.value):
        place = _cell(found.value, top, cells)
        if place == at and found.limit is not None:
            place += -1 if place and (found.value <= found.limit or place == cells - 1) else 1
        if place < cells:
            made[place] = (signs.dot, role)
    if at is not None:
        made[at] = (signs.limit, LIMIT)
    return ink.joined(made)


def _cell(number: float, top: float, cells: int) -> int:
    if not math.isfinite(number) or not math.isfinite(top) or top <= 0:
        return cells - 1 if number > 0 else 0
    return min(cells - 1, max(0, math.floor(number / top * (cells - 1) + 0.5)))
