"""The entries of the copy menu: which texts of a run can be copied, and their names. Pure; `save.py` copies them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from flowtui.config.settings import Settings
from flowtui.model.columns.context import Context
from flowtui.model.export.files import row_text
from flowtui.model.export.json_text import to_json
from flowtui.model.export.report import ReportInput, report
from flowtui.model.export.shell_commands import curl_command, page_address, watch_command
from flowtui.model.messages.opened import Opened
from flowtui.text import safe_text
from flowtui.ui.widgets.menu import Entry


class Copyable(NamedTuple):
    """A text that can be copied or saved.

    `entry`: its line in the menu.
    `name`: what messages call it, such as `the id`.
    `text`: returns the text; called only when it is needed.
    `suffix`: the ending of a saved file's name, without the dot.
    """

    entry: Entry
    name: str
    text: Callable[[], str]
    suffix: str = "txt"


def copyables(opened: Opened, columns: Sequence[str], context: Context, settings: Settings) -> list[Copyable]:
    """Return the texts of a run in the order of the menu. If a text cannot be copied, its entry is disabled and says why."""
    run, raw = opened.run, opened.raw
    row = row_text(run, columns, context)
    curl, watch = curl_command(run, settings), watch_command(run, settings)
    link = page_address(settings.run_url, run) if settings.run_url is not None else ""
    what = report_input(opened, context, settings)
    no_name = "no command can name this run"
    return [
        _plain("i", "id", "the id", "" if run.placeholder else run.id, "the run has none"),
        _plain("r", "row", "the row", row, ""),
        Copyable(
            Entry("v", "JSON", "the whole run, ASCII only" if raw else "not loaded", raw is not None),
            "the JSON",
            lambda: f"{to_json(raw, indent=2)}\n",
            "json",
        ),
        _plain("c", "curl", "the curl command", curl, no_name),
        _plain("w", "watch", "the watch command", watch, no_name),
        _plain("o", "link", "the link", link, "set run_url in the config file"),
        Copyable(Entry("m", "report", _holds(opened)), "the report", lambda: report(what), "md"),
        Copyable(
            Entry("x", "redacted", "the report without instructions, messages and metadata"),
            "the redacted report",
            lambda: report(replace(what, redact=True)),
            "md",
        ),
    ]


def report_input(opened: Opened, context: Context, settings: Settings) -> ReportInput:
    """Return what the report of a run is made from."""
    evidence, redact = opened.evidence.value, context.redact
    return ReportInput(
        run=opened.run, context=context, settings=settings, raw=opened.raw, evidence=evidence, redact=redact
    )


def _plain(letter: str, name: str, called: str, text: str, missing: str) -> Copyable:
    hint = safe_text(text.replace("\t", "  ")) if text else missing
    return Copyable(Entry(letter, name, hint, bool(text)), called, lambda: text)


def _holds(opened: Opened) -> str:
    parts = (("the whole run", opened.raw), ("why", opened.evidence.value))
    lacks = [name for name, value in parts if value is None]
    return f"as Markdown, without {' and '.join(lacks)}: not loaded" if lacks else "as Markdown"
