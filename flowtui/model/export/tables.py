"""Rows of any type as CSV and as Markdown tables. Cells are display-safe text; columns are left-aligned by default."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from flowtui.formatting import UNKNOWN
from flowtui.model.export.markdown import markdown, table_head, table_row
from flowtui.text import safe_text

Row = TypeVar("Row")

# Spreadsheets also accept the full-width forms.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MILLI: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn(Generic[Row]):
    """One column of a table of rows."""

    name: str
    title: str
    text: Callable[[Row], str]
    """Returns the text of a cell for the user."""
    value: Callable[[Row], Any]
    """Returns the value of a cell. If it is a number, CSV contains it instead of the text."""
    right: bool = False
    """Whether the column is aligned to the right."""
    paint: Callable[[Row], str] | None = None
    """Returns the SGR code for the colour of a cell; None: no colours."""


def csv_lines(columns: Sequence[TableColumn[Row]], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of CSV: the column names, then the rows; numbers stay numbers, unknown values are empty."""
    yield _csv_line([column.name for column in columns])
    for row in rows:
        yield _csv_line([_csv_cell(column, row) for column in columns])


def to_csv(columns: Sequence[TableColumn[Row]], rows: Iterable[Row]) -> str:
    """Return the lines of `csv_lines` as one text."""
    return "".join(csv_lines(columns, rows))


def markdown_lines(columns: Sequence[TableColumn[Row]], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a Markdown table; cells are escaped."""
    titles = [markdown(column.title.lower()) for column in columns]
    for line in table_head(titles, [column.right for column in columns]):
        yield f"{line}\n"
    for row in rows:
        yield f"{table_row(markdown(column.text(row)) for column in columns)}\n"


def escape_formula(text: str) -> str:
    """Return a cell with a quote in front if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv_line(cells: Sequence[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()


def _csv_cell(column: TableColumn[Row], row: Row) -> str:
    value = column.value(row)
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = safe_text(column.text(row))
        text = "" if text == UNKNOWN else text
    else:
        text = str(value) if isinstance(value, int) else f"{value:.{_MILLI}f}".rstrip("0").rstrip(".")
    return escape_formula(text)
