"""What can change what is said of a run: news of it, or more. Columns and the fields of a filter declare theirs."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flowtui.model.run.row import Run


class Volatility(IntEnum):
    """The more, the larger."""

    STABLE = 0
    """It follows from the run alone, the names of agents and what is set: zone, prices, marks, what is hidden."""
    TRACKED = 1
    """Also from time, findings and what is known beside the run, as far as `volatile` knows whose it changes."""
    UNTRACKED = 2
    """From anything; what does not declare otherwise is taken for this."""


STABLE: Final = Volatility.STABLE
TRACKED: Final = Volatility.TRACKED
UNTRACKED: Final = Volatility.UNTRACKED

ChangeTime = Callable[["Run"], float | None]
"""When, within a second, time alone changes what is said of a run: in UTC epoch seconds of the server; None for never."""
