"""The time ranges of the agent page, their buckets, and what they are compared with. Pure. Times are UTC epoch seconds."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

_HOUR, _DAY = 3600.0, 86_400.0


class TimeRange(NamedTuple):
    """A time range that ends at the present."""

    name: str
    """The name for the user, such as `24h`."""
    seconds: float
    stretches: tuple[float, ...]
    """The lengths of the last stretch, which is compared with earlier stretches of the same length; the first is tried first."""
    before: float
    """The seconds before the range in which the earlier stretches lie."""


RANGES: Final = (
    TimeRange("1h", _HOUR, (300.0, 900.0), _DAY),
    TimeRange("6h", 6 * _HOUR, (1800.0, 5400.0), 3 * _DAY),
    TimeRange("24h", _DAY, (2 * _HOUR, 6 * _HOUR), 7 * _DAY),
    TimeRange("7d", 7 * _DAY, (12 * _HOUR, 2 * _DAY), 28 * _DAY),
)
"""The ranges, the shortest first."""

USUAL: Final = 2
"""The index in `RANGES` of the range that is shown first."""

_PARTS: Final = (120, 96, 90, 80, 72, 60, 48, 40, 36, 30, 24, 20, 12)
"""Into how many buckets a range may be divided: with each, buckets of 24 hours and of 7 days are whole seconds long."""

MARGIN: Final = 1 / _PARTS[-1]
"""The part of a range by which the first bucket may begin before it, at most."""


class Grid(NamedTuple):
    """Buckets of equal length that hold a time range.

    They begin at multiples of their length, so that they stay the same while time passes. The first one may begin before
    the range; the last one holds the present, so it may still grow.
    """

    since: float
    """When the first bucket begins."""
    step: float
    """The seconds of a bucket."""
    cells: int
    """How many buckets there are."""
    begin: float
    """When the range begins: in the first bucket."""

    @property
    def until(self) -> float:
        """The end of the last bucket, after the present."""
        return self.since + self.step * self.cells

    def edges(self, place: int) -> tuple[float, float]:
        """Return when the bucket at an index begins and ends."""
        return self.since + self.step * place, self.since + self.step * (place + 1)

    def place(self, at: float) -> int:
        """Return the index of the bucket that holds a time; the first or the last for a time outside."""
        return min(max(0, math.floor((at - self.since) / self.step)), self.cells - 1)


def grid_of(chosen: TimeRange, now: float, cells: int) -> Grid:
    """Return the most buckets of a range that are at most `cells`; the fewest that it may have, if that is too few cells."""
    parts = next((each for each in _PARTS if each < cells), _PARTS[-1])
    step = chosen.seconds / parts
    last = math.floor(now / step)
    return Grid((last - parts) * step, step, parts + 1, now - chosen.seconds)
