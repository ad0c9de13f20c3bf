"""The model's columns as table columns, and how a status looks in a terminal: sign, word and colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from flowtui.headless.tables import TableColumn
from flowtui.model import run as status
from flowtui.model.columns import COLUMNS, Column, Context
from flowtui.model.run import Run

SIGNS: Final = {
    status.QUEUED: ("○", "33"),
    status.RUNNING: ("●", "36"),
    status.COMPLETED: ("✓", "32"),
    status.FAILED: ("×", "31"),
    status.CANCELLED: ("–", "2"),
    status.UNKNOWN: ("?", "35"),
}
"""Status class -> (sign, SGR code): the terminal's own sixteen colours, which fit any background."""


def run_columns(names: Sequence[str], context: Context, *, signs: bool = False) -> list[TableColumn[Run]]:
    """Return the columns of these names; with `signs` the status begins with its sign."""
    return [_column(COLUMNS[name], context, signs=signs) for name in names]


def _column(column: Column, context: Context, *, signs: bool) -> TableColumn[Run]:
    is_status = column.name == "status"
    return TableColumn(
        name=column.name,
        title=column.title,
        text=partial(_text, column, context, signs=signs and is_status),
        value=partial(_value, column, context),
        right=column.align == "right",
        paint=_paint if is_status else None,
    )


def _text(column: Column, context: Context, run: Run, *, signs: bool) -> str:
    text = column.text(run, context)
    return f"{SIGNS[run.status_class][0]} {text}" if signs else text


def _value(column: Column, context: Context, run: Run) -> Any:
    return column.value(run, context)


def _paint(run: Run) -> str:
    return SIGNS[run.status_class][1]
