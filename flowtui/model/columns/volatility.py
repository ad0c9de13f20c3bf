"""What can change what is said of a run: news of it, or more. Columns and the fields of a filter declare theirs."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flowtui.model.run.row import Run


class Unrest(IntEnum):
    """The more, the larger."""

    STEADY = 0
    """It follows from the run alone, the names of agents and what is set: zone, prices, marks, what is hidden."""
    LIVELY = 1
    """Also from time, findings and what is known beside the run, as far as `restless` knows whose it changes."""
    LOOSE = 2
    """From anything; what does not declare otherwise is taken for this."""


STEADY: Final = Unrest.STEADY
LIVELY: Final = Unrest.LIVELY
LOOSE: Final = Unrest.LOOSE

Turn = Callable[["Run"], float | None]
"""When, within a second, time alone changes what is said of a run: in UTC epoch seconds of the server; None for never."""
