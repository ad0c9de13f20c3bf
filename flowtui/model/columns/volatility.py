"""What can change a run's cells, or whether a filter matches it, while the run stays the same."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from flowtui.model.run.row import Run


class Volatility(IntEnum):
    """What can change a cell or a filter's answer, as each column and field declares.

    The greater the value, the more work it takes to keep the table up to date.
    """

    STABLE = 0
    """Changes only with the run, names of agents and settings (zone, prices, marks, privacy)."""
    TRACKED = 1
    """Also changes with time, findings and the thread's state; `view/volatile_rows.py` finds the runs concerned."""
    UNTRACKED = 2
    """May change with anything, so all runs are checked at each update. This is the default."""


STABLE: Final = Volatility.STABLE
TRACKED: Final = Volatility.TRACKED
UNTRACKED: Final = Volatility.UNTRACKED

ChangeTime = Callable[[Run], float | None]
"""Returns when time alone changes a filter's answer for a run, to 1 s; None if time alone never changes it.

Times are UTC epoch seconds by the server's clock.
"""
