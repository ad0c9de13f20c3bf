"""Rows as CSV and as Markdown: what leaves the screen or a command for another program. Cells are display-safe text.

Pure: lines come out. Knows nothing of runs; a column that does not say otherwise is text, left.
"""

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

_FORMULA: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "＝",
    "＋",
    "－",
    "＠",
)  # spreadsheets read the wide ones likewise
_MILLI: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn(Generic[Row]):
    """One column: `text` for people, `value` for CSV where it is a number, `paint` an SGR code for a row's cell."""

    name: str
    title: str
    text: Callable[[Row], str]
    value: Callable[[Row], Any]
    right: bool = False
    paint: Callable[[Row], str] | None = None


def csv_lines(columns: Sequence[TableColumn[Row]], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of CSV: the column names, then numbers as numbers, other cells as text, unknown ones empty."""
    yield _csv_line([column.name for column in columns])
    for row in rows:
        yield _csv_line([_csv_cell(column, row) for column in columns])


def to_csv(columns: Sequence[TableColumn[Row]], rows: Iterable[Row]) -> str:
    """Return CSV as one text; see `csv_lines`."""
    return "".join(csv_lines(columns, rows))


def markdown_lines(columns: Sequence[TableColumn[Row]], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a Markdown table; whatever a cell holds, it reads as it stands."""
    yield from (
        f"{line}\n"
        for line in table_head(
            [markdown(column.title.lower()) for column in columns], [column.right for column in columns]
        )
    )
    for row in rows:
        yield f"{table_row(markdown(column.text(row)) for column in columns)}\n"


def escape_formula(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
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
