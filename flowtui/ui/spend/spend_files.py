"""What `E` on the screen can save. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flowtui.model.answers.spend.spend import Spend, Spender
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import versioned
from flowtui.model.export.spend_tables import spend_columns, spend_markdown, spend_record
from flowtui.model.export.tables import csv_lines
from flowtui.ui.spend.words import SpendNames
from flowtui.ui.widgets.menu import Entry

FORMS: Final = (
    Entry("m", "md", "Markdown: a table, for a ticket"),
    Entry("j", "json", "JSON: tokens and cost of each row, also before"),
    Entry("c", "csv", "CSV: a line for each row"),
)
"""The formats; a name is the suffix of a file."""


def file_text(
    form: str, found: Spend, rows: Sequence[Spender], words: SpendNames, basis: str
) -> Iterable[str]:
    """Return the text of a file in a format of `FORMS`. `basis`: what the numbers rest on."""
    names = words.names(found.by, [row.key for row in rows])
    if form == "md":
        return spend_markdown(found, rows, names, [basis])
    if form == "json":
        return (to_json(versioned({"basis": basis, **spend_record(found, rows, names)}), indent=2) + "\n",)
    return csv_lines(spend_columns(found, names), rows)
