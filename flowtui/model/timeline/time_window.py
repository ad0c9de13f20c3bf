"""A stretch of time laid over the cells of a line: which times are in sight, and how one zooms and scrubs through them.

Pure; all times are UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

_MINUTE: Final = 60.0
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR

ZOOMS: Final[dict[float, str]] = {
    _MINUTE: "this minute",
    2 * _MINUTE: "these 2 minutes",
    5 * _MINUTE: "these 5 minutes",
    10 * _MINUTE: "these 10 minutes",
    30 * _MINUTE: "these 30 minutes",
    _HOUR: "this hour",
    3 * _HOUR: "these 3 hours",
    12 * _HOUR: "these 12 hours",
    _DAY: "this day",
    7 * _DAY: "these 7 days",
}
"""The spans one can look at, in seconds, and how people call them."""

DEFAULT_SPAN: Final = 10 * _MINUTE
"""The span to begin with."""


class TimeWindow(NamedTuple):
    """The times in sight: `cells` cells of `step` seconds from `start` on. Half open: `end` is not in it."""

    start: float
    step: float
    cells: int

    @property
    def end(self) -> float:
        """The first time that is no longer in sight."""
        return self.start + self.step * self.cells

    def cell(self, at: float) -> int:
        """Return the cell in which a time lies; below 0, or from `cells` on, where it is out of sight."""
        if math.isinf(at):
            return self.cells if at > 0 else -1
        return math.floor((at - self.start) / self.step)

    def time(self, cell: int) -> float:
        """Return the middle of a cell."""
        return self.start + (cell + 0.5) * self.step


class TimeRange(NamedTuple):
    """What somebody looks at: `span` seconds up to `end`; None follows now."""

    span: float = DEFAULT_SPAN
    end: float | None = None

    @property
    def live(self) -> bool:
        """Whether it follows now."""
        return self.end is None

    def window(self, now: float, cells: int) -> TimeWindow:
        """Return the window over `cells` cells.

        Borders of cells are multiples of their length, so that a window that follows now moves by whole cells and
        nothing in it trembles. Now lies in the last cell but one: what is on its way has room for its sign.
        """
        cells = max(1, cells)
        step = self.span / cells
        last = math.floor(now / step) + 2 if self.end is None else math.ceil(self.end / step)
        return TimeWindow((last - cells) * step, step, cells)

    def until(self, end: float, now: float) -> TimeRange:
        """Return the scope that ends at a time; what would reach now follows it."""
        return self._replace(end=None if end >= now else end)

    def around(self, at: float, now: float) -> TimeRange:
        """Return the scope with a time in its middle, as far as now allows."""
        return self.until(at + self.span / 2, now)

    def scrubbed(self, windows: float, now: float) -> TimeRange:
        """Return the scope moved by a share of itself; negative is back in time."""
        return self.until((now if self.end is None else self.end) + windows * self.span, now)

    def zoomed(self, steps: int, at: float, now: float) -> TimeRange:
        """Return a narrower (negative) or wider scope that leaves a time where it is; following now goes on if it can."""
        spans = list(ZOOMS)
        place = min(range(len(spans)), key=lambda place: abs(spans[place] - self.span))
        span = spans[min(max(place + steps, 0), len(spans) - 1)]
        end = now if self.end is None else self.end
        if self.live and at >= now - span:
            return TimeRange(span)
        return TimeRange(span).until(at + (end - at) * span / self.span, now)
