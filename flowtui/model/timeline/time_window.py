"""A time window over the cells of a line, and how the user zooms and scrolls it.

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
"""The available spans in seconds, and their names."""

DEFAULT_SPAN: Final = 10 * _MINUTE
"""The initial span in seconds."""


class TimeWindow(NamedTuple):
    """The visible times, divided into cells."""

    start: float
    """The first visible time."""
    step: float
    """The length of a cell in seconds."""
    cells: int
    """The number of cells."""

    @property
    def end(self) -> float:
        """The first time that is no longer visible."""
        return self.start + self.step * self.cells

    def cell(self, at: float) -> int:
        """Return the index of the cell that contains a time.

        If the time is not visible, the index is below 0 or at least `cells`.
        """
        if math.isinf(at):
            return self.cells if at > 0 else -1
        return math.floor((at - self.start) / self.step)

    def time(self, cell: int) -> float:
        """Return the time in the middle of a cell."""
        return self.start + (cell + 0.5) * self.step


class TimeRange(NamedTuple):
    """What the user looks at."""

    span: float = DEFAULT_SPAN
    """The length of the range in seconds."""
    end: float | None = None
    """The end of the range; None: the range follows the current time."""

    @property
    def live(self) -> bool:
        """Whether the range follows the current time."""
        return self.end is None

    def window(self, now: float, cells: int) -> TimeWindow:
        """Return the window over `cells` cells.

        The borders of cells are multiples of the length of a cell. So a window that follows the current time moves by
        whole cells, and its content does not flicker. The current time is in the last cell but one, which leaves space
        for the sign of a run that goes on.
        """
        cells = max(1, cells)
        step = self.span / cells
        last = math.floor(now / step) + 2 if self.end is None else math.ceil(self.end / step)
        return TimeWindow((last - cells) * step, step, cells)

    def until(self, end: float, now: float) -> TimeRange:
        """Return the range with another `end`; if that is `now` or later, the range follows the current time."""
        return self._replace(end=None if end >= now else end)

    def around(self, at: float, now: float) -> TimeRange:
        """Return the range with the time `at` in its middle; it ends at `now` at the latest."""
        return self.until(at + self.span / 2, now)

    def scrubbed(self, windows: float, now: float) -> TimeRange:
        """Return the range moved by `windows` times its span: later if that is positive, earlier if it is negative."""
        return self.until((now if self.end is None else self.end) + windows * self.span, now)

    def zoomed(self, steps: int, at: float, now: float) -> TimeRange:
        """Return the range zoomed by `steps`: wider if that is positive, narrower if it is negative.

        The time `at` keeps its position. A range that follows the current time continues to do so if `at` stays
        visible.
        """
        spans = list(ZOOMS)
        place = min(range(len(spans)), key=lambda place: abs(spans[place] - self.span))
        span = spans[min(max(place + steps, 0), len(spans) - 1)]
        end = now if self.end is None else self.end
        if self.live and at >= now - span:
            return TimeRange(span)
        return TimeRange(span).until(at + (end - at) * span / self.span, now)
