"""What `E` on the screen of failures can save. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from flowtui.model.answers.failures import Failures
from flowtui.model.export.failure_tables import FailureNames, csv_columns, failures_markdown, failures_record
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import versioned
from flowtui.model.export.tables import csv_lines
from flowtui.ui.widgets.menu import Entry

FORMS: Final = (
    Entry("m", "md", "Markdown: a table, for a ticket"),
    Entry("j", "json", "JSON: counts, reasons, ids of runs"),
    Entry("c", "csv", "CSV: a row for each reason"),
)
"""The formats; a name is the suffix of a file."""


def file_text(form: str, found: Failures, names: FailureNames, basis: str) -> Iterable[str]:
    """Return the text of a file in a format of `FORMS`. `basis`: what the counts rest on."""
    return _TEXTS[form](found, names, basis)


def _markdown(found: Failures, names: FailureNames, basis: str) -> Iterable[str]:
    return failures_markdown(found, names, [basis])


def _json(found: Failures, names: FailureNames, basis: str) -> Iterable[str]:
    return (to_json(versioned({"basis": basis, **failures_record(found, names)}), indent=2) + "\n",)


def _csv(found: Failures, names: FailureNames, _: str) -> Iterable[str]:
    return csv_lines(csv_columns(names), found.reasons)


_TEXTS: Final[Mapping[str, Callable[[Failures, FailureNames, str], Iterable[str]]]] = {
    "md": _markdown,
    "json": _json,
    "csv": _csv,
}
