"""Turns the columns of the run table into columns of text tables, CSV and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flowtui.model.columns.columns import Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.export.tables import TableColumn
from flowtui.model.run.row import Run


def run_columns(names: Sequence[str], context: Context) -> list[TableColumn[Run]]:
    """Return the columns with these names, which must come from `path_columns.column_name`."""
    return [_column(find_column(name), context) for name in names]


def _column(column: Column, context: Context) -> TableColumn[Run]:
    return TableColumn(
        name=column.name,
        title=column.title,
        text=partial(_text, column, context),
        value=partial(_value, column, context),
        right=column.align == "right",
    )


def _text(column: Column, context: Context, run: Run) -> str:
    return column.text(run, context)


def _value(column: Column, context: Context, run: Run) -> Any:
    return column.value(run, context)
