"""Cells that changed a moment ago, which the table highlights. Pure.

Texts that change with time alone, such as ages, are never highlighted.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.model.columns.columns import Column
from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run, RunKey

FLASH_SECONDS = 0.8
"""Seconds that a changed cell stays highlighted."""


class Flashes:
    """Keeps changed cells for `FLASH_SECONDS`. `now` is in seconds, always of the same clock."""

    def __init__(self) -> None:
        self._until: dict[tuple[RunKey, str], float] = {}

    def __bool__(self) -> bool:
        return bool(self._until)

    def lit(self, key: RunKey, column: str) -> bool:
        """Whether a cell is highlighted."""
        return (key, column) in self._until

    def note(self, before: Run, after: Run, columns: Sequence[Column], context: Context, now: float) -> None:
        """Add the cells whose text differs between two states of a run."""
        for column in columns:
            if not column.time_dependent and column.text(before, context) != column.text(after, context):
                self._until[before.key, column.name] = now + FLASH_SECONDS

    def expire(self, now: float) -> bool:
        """Remove the expired cells; return whether there were any."""
        over = [cell for cell, until in self._until.items() if not now < until <= now + FLASH_SECONDS]
        for cell in over:
            del self._until[cell]
        return bool(over)
