"""Makes text tables for a terminal, and chooses their columns. Texts are display-safe and aligned by terminal cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flowtui.errors import UsageError
from flowtui.model.export.records import document_parts, json_line
from flowtui.model.export.tables import Row, TableColumn, csv_lines
from flowtui.suggestion import did_you_mean
from flowtui.text import cell_width, pad_cells, safe_text, shorten_cells

_GAP: Final = "  "
_MAX_CELL: Final = 80
_RESET: Final = "\x1b[0m"


def choose(names: str | None, known: Mapping[str, Any], default: Sequence[str]) -> list[str]:
    """Return the columns in `names`, the value of `--columns`; if that is None (not given), `default`.

    Raises:
        UsageError: a column does not exist; the message names all columns.
    """
    if names is None:
        return list(default)
    wanted = [name.strip().lower() for name in names.split(",")]
    for name in wanted:
        check_column("--columns", name, known)
    return list(dict.fromkeys(wanted))


def check_column(option: str, name: str, known: Mapping[str, Any]) -> None:
    """Raise UsageError, which names `option`, if there is no column `name`."""
    if name in known:
        return
    hint = did_you_mean(name, known, rest=f"There are {', '.join(known)}")
    raise UsageError(f"{option}: there is no column {safe_text(name)[:40]!r}", hint=hint)


def table(columns: Sequence[TableColumn[Row]], rows: Sequence[Row], *, color: bool = False) -> str:
    """Return an aligned table: a line of titles, then a line for each row. Cells are cut to 80 terminal cells."""
    cells = [[shorten_cells(safe_text(column.text(row)), _MAX_CELL) for column in columns] for row in rows]
    widths = [
        max([cell_width(column.title), *(cell_width(line[i]) for line in cells)])
        for i, column in enumerate(columns)
    ]
    titles = [pad_cells(column.title, widths[i], right=column.right) for i, column in enumerate(columns)]
    out = [_GAP.join(titles).rstrip()]
    for row, line in zip(rows, cells, strict=True):
        padded = [pad_cells(text, widths[i], right=columns[i].right) for i, text in enumerate(line)]
        padded[-1] = padded[-1].rstrip()
        if color:
            padded = [_painted(columns[i], row, text) for i, text in enumerate(padded)]
        out.append(_GAP.join(padded).rstrip())
    return "".join(f"{line}\n" for line in out)


def formatted(
    output: str,
    name: str,
    records: Iterable[dict[str, Any]],
    columns: Sequence[TableColumn[Row]],
    rows: Sequence[Row],
    *,
    color: bool = False,
) -> Iterable[str]:
    """Return a list as `table`, `json`, `jsonl` or `csv`, in parts, because joining them would need the memory twice.

    `name`: the field of the list in JSON.
    `records`: the objects for JSON. They are made only for JSON, if they come from a generator.
    """
    if output == "json":
        return document_parts(name, records)
    if output == "jsonl":
        return map(json_line, records)
    return csv_lines(columns, rows) if output == "csv" else (table(columns, rows, color=color),)


def _painted(column: TableColumn[Row], row: Row, text: str) -> str:
    code = column.paint(row) if column.paint is not None else ""
    return f"\x1b[{code}m{text}{_RESET}" if code else text
