"""The time ranges that the user can choose: the last minutes or hours, or since the newest mark. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.history.coverage import time_words
from flowtui.model.state.marks import Mark
from flowtui.ui.widgets.choice_row import TIMES

LENGTHS: Final = tuple(TIMES.values())
"""Seconds."""

FIRST: Final = 86_400.0
"""The length that is shown first, as by `flowtui failures`."""

FARTHEST: Final = 7 * 86_400.0
"""Seconds: an older mark is not offered, as too many runs would have to be read."""

_SLIDES: Final = 120  # a range is asked for again after this part of its length
_LEAST: Final = 15.0  # seconds until then


class TimeRange(NamedTuple):
    """A time range up to now."""

    seconds: float | None
    """Its length; None: since `mark`."""
    mark: Mark | None = None

    @property
    def name(self) -> str:
        """Its name in the list of ranges."""
        return f"since {self.mark.name}" if self.mark is not None else time_words(self.seconds or 0.0)

    @property
    def words(self) -> str:
        """When runs ended, for a sentence: `in the last 2h`, `since release-42`."""
        return self.name if self.mark is not None else f"in the last {self.name}"

    @property
    def filter(self) -> str:
        """The filter for runs that ended in it: `ended>now-2h`."""
        if self.mark is None:
            return f"ended>now-{self.name}"
        return f"ended>={formatting.iso_time(self.mark.at)}"

    def since(self, now: float) -> float:
        """Return when it begins, in UTC epoch seconds by the server's clock, as is `now`."""
        return self.mark.at if self.mark is not None else now - (self.seconds or 0.0)

    def stale(self, asked: float, now: float) -> bool:
        """Whether an answer that was asked for at `asked` has become longer than the range by too much."""
        if self.seconds is None:
            return False
        return not 0 <= now - asked < max(_LEAST, self.seconds / _SLIDES)


def time_ranges(marks: Sequence[Mark], now: float) -> list[TimeRange]:
    """Return the ranges to choose from. `marks`: the newest last; one that is too old, or to come, is not offered."""
    past = [mark for mark in marks if now - FARTHEST <= mark.at < now]
    return [*(TimeRange(seconds) for seconds in LENGTHS), *(TimeRange(None, mark) for mark in past[-1:])]
