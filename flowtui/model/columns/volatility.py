"""What can change a cell or a filter's answer without a change of the run itself. Columns and fields declare it."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flowtui.model.run.row import Run


class Volatility(IntEnum):
    """A greater value means that more can change the answer, and that keeping it up to date costs more."""

    STABLE = 0
    """Depends on the run, names of agents and settings (zone, prices, marks, privacy) only."""
    TRACKED = 1
    """Depends on time, findings or the thread's state, too; `view/volatile_rows.py` knows which runs may change."""
    UNTRACKED = 2
    """May depend on anything, so all runs are checked at each update. The default."""


STABLE: Final = Volatility.STABLE
TRACKED: Final = Volatility.TRACKED
UNTRACKED: Final = Volatility.UNTRACKED

ChangeTime = Callable[["Run"], float | None]
"""When the passing of time changes the answer for a run, in UTC epoch seconds of the server, to 1 s; None for never."""
