"""The status column of tables in a terminal: sign, word and colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from flowtui.model.columns.context import Context
from flowtui.model.export.run_columns import run_columns
from flowtui.model.export.tables import TableColumn
from flowtui.model.run import row as status
from flowtui.model.run.row import Run

SIGNS: Final = {
    status.QUEUED: ("○", "33"),
    status.RUNNING: ("●", "36"),
    status.COMPLETED: ("✓", "32"),
    status.FAILED: ("×", "31"),
    status.CANCELLED: ("–", "2"),
    status.UNKNOWN: ("?", "35"),
}
"""Status class -> (sign, SGR code): the sixteen standard colours of terminals, which suit any background."""


def signed_columns(names: Sequence[str], context: Context) -> list[TableColumn[Run]]:
    """Return the columns of these names; the column `status` has a sign before the word, and a colour. Ids are short."""
    columns = run_columns(names, context, short=True)
    return [_signed(column) if column.name == "status" else column for column in columns]


def _signed(column: TableColumn[Run]) -> TableColumn[Run]:
    word: Callable[[Run], str] = column.text
    return replace(
        column,
        text=lambda run: f"{SIGNS[run.status_class][0]} {word(run)}",
        paint=lambda run: SIGNS[run.status_class][1],
    )
