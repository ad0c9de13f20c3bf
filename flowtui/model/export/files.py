"""Exports the runs of a view as CSV, JSON, JSON lines or Markdown text, in the order of the screen.

Only Markdown also says which runs these are and how old they are; the other formats are data for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.export.markdown import markdown
from flowtui.model.export.records import document_parts, json_line, row_record
from flowtui.model.export.run_columns import run_columns
from flowtui.model.export.tables import csv_lines, escape_formula, markdown_lines
from flowtui.model.run.row import Run
from flowtui.model.view.groups import group_name
from flowtui.model.view.sorting import order_words
from flowtui.model.view.view import View
from flowtui.text import safe_text

Rows = Sequence[Run]


class FileFormat(NamedTuple):
    """A file format."""

    letter: str
    """The key that chooses the format in the menu."""
    title: str
    """The description in the menu."""
    write: Callable[[Rows, Sequence[str], Context, str], Iterator[str]]
    """Yields the text of a file; see `export_runs` for the arguments."""


def export_runs(
    rows: Rows, columns: Sequence[str], context: Context, form: str, *, chosen: str = ""
) -> Iterator[str]:
    """Yield the text of a file with these rows, in their order.

    `columns` are the names of the columns for csv and md. JSON always has all fields of a row. `form` is a key of
    `FILE_FORMATS`. `chosen` describes in words which runs these are (see `describe_view`); only md contains it.

    No format has instructions, tools, metadata and parameters, as these are fetched only for a run that the user opens;
    `flowtui runs -o json` has them.
    """
    return FILE_FORMATS[form].write(rows, columns, context, chosen)


def describe_view(view: View, context: Context) -> str:
    """Describe in words, display-safe, which runs a view shows and in which order."""
    parts = []
    by, member = view.group
    if member is not None:
        parts.append(f"{by} {group_name(by, member, context)}")
    if view.only != "all":
        parts.append(f"{view.only} only")
    if view.text.strip():
        parts.append(f"filter {safe_text(view.text.strip())}")
    order = order_words(find_column(view.sort), descending=view.descending)
    return f"{', '.join(parts) or 'all runs of all threads'}; sorted by {view.sort}, {order}"


def row_text(run: Run, columns: Sequence[str], context: Context) -> str:
    """Return the texts of a run's cells, separated by tabs, to be pasted into a spreadsheet or a chat."""
    # Cells are display-safe: a tab inside a cell was replaced by a visible sign.
    return "\t".join(escape_formula(safe_text(column.text(run))) for column in run_columns(columns, context))


def _csv(rows: Rows, columns: Sequence[str], context: Context, _chosen: str) -> Iterator[str]:
    return csv_lines(run_columns(columns, context), rows)


def _json(rows: Rows, _columns: Sequence[str], context: Context, _chosen: str) -> Iterator[str]:
    return document_parts("runs", (row_record(run, context) for run in rows))


def _jsonl(rows: Rows, _columns: Sequence[str], context: Context, _chosen: str) -> Iterator[str]:
    return (json_line(row_record(run, context)) for run in rows)


def _markdown(rows: Rows, columns: Sequence[str], context: Context, chosen: str) -> Iterator[str]:
    yield f"# {formatting.count(len(rows))} {'run' if len(rows) == 1 else 'runs'}\n\n"
    if chosen:
        yield f"Chosen: {markdown(chosen)}.\n"
    yield f"Taken at {formatting.timestamp(context.now, context.zone)}, by the server's clock; {_as_of(rows, context)}.\n\n"
    yield from markdown_lines(run_columns(columns, context), rows)


def _as_of(rows: Rows, context: Context) -> str:
    """Return in words how old the rows may be: the longest time since one of their threads was read.

    If a thread was never read, the age is unknown.
    """
    keys = {run.thread_key for run in rows} or context.threads.keys()
    observed = [context.threads[key].observed if key in context.threads else None for key in keys]
    ages = [context.now - context.clock_offset - at for at in observed if at is not None]
    if not ages or len(ages) < len(observed):
        return "how old the rows are is not known"
    return f"as of {formatting.span(max(0.0, *ages))} before, when the oldest of them was read"


FILE_FORMATS: Final[Mapping[str, FileFormat]] = {
    "csv": FileFormat("c", "for a spreadsheet", _csv),
    "json": FileFormat("d", "one JSON document", _json),
    "jsonl": FileFormat("l", "one JSON object a line", _jsonl),
    "md": FileFormat("m", "a table in Markdown, and which runs these are", _markdown),
}
"""The file formats by name, which is also the file name's extension."""
