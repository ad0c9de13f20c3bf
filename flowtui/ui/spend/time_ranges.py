"""The time ranges of the screen: the last hours or days, or the runs of the table. Pure."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from flowtui.model.answers.brief.base import hours_before
from flowtui.model.answers.spend.spend import FEW_STEPS, STEPS
from flowtui.model.history.past import SpentBy

_HOUR: Final = 3600.0
_DAY: Final = 86_400.0
RECENT: Final = _DAY
"""Seconds: the runs of a longer range are read one by one only for so long; of older ones sums are read."""

_SLIDES: Final = 120  # a range is asked for again after this part of its length
_LEAST: Final = 15.0  # seconds until then


class SpendRange(NamedTuple):
    """A time range up to now."""

    name: str
    seconds: float | None
    """None: the runs of the table, whenever they ended."""
    before: str = ""
    """The title of what it is compared with."""

    @property
    def words(self) -> str:
        """When runs ended, for a sentence."""
        return "of the table" if self.seconds is None else f"in the last {self.name}"

    def hours_before(self, since: float, until: float) -> tuple[float, float]:
        """Return the same hours before: a day earlier, or as many days as the range is long."""
        return hours_before(since, until)

    def stale(self, asked: float, now: float) -> bool:
        """Whether an answer that was asked for at `asked` has become too old."""
        if self.seconds is None:
            return False
        return not 0 <= now - asked < max(_LEAST, self.seconds / _SLIDES)


RANGES: Final = (
    SpendRange("2h", 2 * _HOUR, "YESTERDAY"),
    SpendRange("24h", _DAY, "YESTERDAY"),
    SpendRange("7d", 7 * _DAY, "7d BEFORE"),
    SpendRange("30d", 30 * _DAY, "30d BEFORE"),
    SpendRange("table", None),
)
"""The ranges, as `h` and `l` go through them."""

USUAL: Final = 1
"""The index of the range that is shown first."""
TABLE: Final = len(RANGES) - 1
"""The index of the runs of the table."""


def step_of(seconds: float, by: SpentBy) -> float:
    """Return the seconds of a step of a range of this length."""
    return seconds / (FEW_STEPS if by == "thread" else STEPS)


def length_of(seconds: float) -> float:
    """Return the length of the axis for runs of which the first ended so many seconds ago."""
    lengths = [each.seconds for each in RANGES if each.seconds is not None]
    fitting = [length for length in lengths if length >= seconds]
    return fitting[0] if fitting else math.ceil(seconds / lengths[-1]) * lengths[-1]
