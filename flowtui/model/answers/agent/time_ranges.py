"""The time ranges of the agent page, their buckets, and what they are compared with. Pure. Times are UTC epoch seconds."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


class TimeRange(NamedTuple):
    """A time range that ends at the present."""

    name: str
    """The name for the user, such as `24h`."""
    seconds: float
    steps: tuple[float, ...]
    """The lengths that its buckets may have, in seconds, the shortest first."""
    stretches: tuple[float, ...]
    """The lengths of the last stretch, which is compared with earlier stretches of the same length; the first is tried first."""
    before: float
    """The seconds before the range in which the earlier stretches lie."""


RANGES: Final = (
    TimeRange("1h", _HOUR, tuple(_MINUTE * count for count in (1, 2, 3, 5, 10)), (300.0, 900.0), before=_DAY),
    TimeRange(
        "6h",
        6 * _HOUR,
        tuple(_MINUTE * count for count in (5, 10, 15, 30)),
        (1800.0, 5400.0),
        before=3 * _DAY,
    ),
    TimeRange(
        "24h",
        _DAY,
        tuple(_MINUTE * count for count in (15, 20, 30, 60, 120)),
        (2 * _HOUR, 6 * _HOUR),
        before=7 * _DAY,
    ),
    TimeRange(
        "7d",
        7 * _DAY,
        tuple(_HOUR * count for count in (1, 2, 3, 4, 6, 12)),
        (12 * _HOUR, 2 * _DAY),
        before=28 * _DAY,
    ),
)
"""The ranges, the shortest first."""

USUAL: Final = 2
"""The index in `RANGES` of the range that is shown first."""


class Grid(NamedTuple):
    """Buckets of equal length that fill a time range. The last one holds the present, so it may still grow."""

    since: float
    """The begin of the first bucket: a multiple of `step`, so that buckets stay the same while time passes."""
    step: float
    """The seconds of a bucket."""
    cells: int
    """How many buckets there are."""

    @property
    def until(self) -> float:
        """The end of the last bucket, after the present."""
        return self.since + self.step * self.cells

    def edges(self, place: int) -> tuple[float, float]:
        """Return begin and end of the bucket at an index."""
        return self.since + self.step * place, self.since + self.step * (place + 1)

    def place(self, at: float) -> int:
        """Return the index of the bucket that holds a time; the first or the last for a time outside."""
        return min(max(0, math.floor((at - self.since) / self.step)), self.cells - 1)


def grid_of(chosen: TimeRange, now: float, cells: int) -> Grid:
    """Return the most buckets of a range that are at most `cells`; the fewest that it has, if that is too few cells."""
    step = next((each for each in chosen.steps if chosen.seconds / each <= cells), chosen.steps[-1])
    end = math.floor(now / step) * step + step
    return Grid(end - chosen.seconds, step, round(chosen.seconds / step))
