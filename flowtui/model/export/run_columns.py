"""Turns the columns of the run table into columns of text tables, CSV and Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.model.columns.columns import Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.export.tables import TableColumn
from flowtui.model.run.row import Run


def run_columns(names: Sequence[str], context: Context, *, short: bool = False) -> list[TableColumn[Run]]:
    """Return the columns with these names, which must come from `path_columns.column_name`.

    `short`: for a table on a screen, with ids that are shortened.
    """
    return [_column(find_column(name), context, short=short) for name in names]


def _column(column: Column, context: Context, *, short: bool) -> TableColumn[Run]:
    return TableColumn(
        name=column.name,
        title=column.title,
        text=lambda run: (column.shown if short else column.text)(run, context),
        value=lambda run: column.value(run, context),
        right=column.align == "right",
    )
