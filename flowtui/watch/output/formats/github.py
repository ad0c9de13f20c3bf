"""The format `github`: plain lines, annotations, and a Markdown table in $GITHUB_STEP_SUMMARY.

An annotation is an `::error`, that of a failure within `--allow-failures` a `::warning`.

All text is escaped, so that a text from the server cannot become a workflow command, a link, an image or HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any, Final

from flowtui import formatting
from flowtui.model.export.markdown import markdown, table_row
from flowtui.model.run.element import parse_time
from flowtui.text import safe_text, short_id
from flowtui.watch import exits
from flowtui.watch.events import Event
from flowtui.watch.judge.gate import FAIL
from flowtui.watch.output.formats.plain import Plain
from flowtui.watch.output.formats.reason_words import (
    MOST,
    agents_words,
    first_words,
    new_words,
    outage_words,
    text_of,
    unknown_words,
)
from flowtui.watch.output.output import append_file

STEP_SUMMARY: Final = "GITHUB_STEP_SUMMARY"
_MOST_ERRORS: Final = 10  # GitHub shows at most ten errors of a step
_MOST_ROWS: Final = 200  # a step summary may have 1 MiB


def command_data(text: str) -> str:
    """Return text escaped for the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Return text escaped for a property of a workflow command, such as its title."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


class GitHub(Plain):
    """Prints lines for the log and at most ten annotations of failed runs, and adds a table to the summary of the job."""

    def finish(self, summary: Event, document: Callable[[], dict[str, Any]]) -> None:
        """Print annotations and the summary, and append the table to $GITHUB_STEP_SUMMARY."""
        fields = summary.fields
        counted = fields["outcome"]["failed_counted"] or fields["verdict"] == exits.FAILED
        for failed in fields["failed"][:_MOST_ERRORS]:
            level = "error" if counted else "warning"
            self._annotate(f"{_named(failed)} {failed['because']}", _sentence(failed), level)
        gate = fields.get("gate")
        closed = [] if gate is None else [row for row in gate["rows"] if row["verdict"] == FAIL]
        for row in closed[:_MOST_ERRORS]:
            self._annotate(f"gate: {_about(row)}", row["reason"])
        if fields["exit"] and not closed and not (counted and fields["failed"]):
            self._annotate(f"flowtui watch exit {fields['exit']}", safe_text(fields["reason"]))
        super().finish(summary, document)
        path = self.stage.environ.get(STEP_SUMMARY)
        if path:
            append_file(path, step_summary(document()))

    def _annotate(self, title: str, said: str, level: str = "error") -> None:
        self.stage.output.write(f"::{level} title={command_property(title)}::{command_data(said)}\n")


def _about(row: dict[str, Any]) -> str:
    return row["metric"] if row["agent"] is None else f"{row['metric']} of {row['agent']}"


def _named(failed: dict[str, Any]) -> str:
    if failed["run_id"] is None:
        return f"thread {short_id(safe_text(failed['thread_id']))}"
    return f"run {short_id(safe_text(failed['run_id']))}"


def _sentence(failed: dict[str, Any]) -> str:
    reason = failed["reason"] or f"the run is {failed['because']}"
    doubt = "; the server sent no known status, so it was inferred" if failed.get("inferred") else ""
    return f"{safe_text(reason)}{doubt} (thread {short_id(safe_text(failed['thread_id']))}); see: {failed['see']}"


def step_summary(document: dict[str, Any]) -> str:
    """Return a summary as Markdown, with a table of the runs, the failed ones first."""
    code = document["verdict"]
    tokens = formatting.count(document["tokens"])
    lines = [
        f"### flowtui watch: {exits.WORDS.get(code, 'FAIL')} (exit {document['exit']})",
        "",
        f"{markdown(document['reason'])}<br>",
        f"{tokens} tokens, {formatting.span(document['duration_s'])}",
        "",
    ]
    lines += _closing(document)
    if document.get("gate") is not None:
        lines += [*_gate(document["gate"]), ""]
    runs: Sequence[dict[str, Any]] = sorted(document["runs"], key=lambda run: run["status_class"] != "failed")
    if runs:
        lines += [
            "| status | run | thread | agent | time | tokens | why |",
            "| --- | --- | --- | --- | ---: | ---: | --- |",
        ]
        lines += [_row(run) for run in runs[:_MOST_ROWS]]
    if len(runs) > _MOST_ROWS:
        lines += ["", f"and {len(runs) - _MOST_ROWS:,} more"]
    return "\n".join(lines) + "\n\n"


def _closing(document: dict[str, Any]) -> list[str]:
    """Return the reasons of failures as a table, the first failed run, the outages, and the next command as a list."""
    reasons, compared = document["reasons"], "gate" in document
    lines: list[str] = []
    if reasons:
        lines += ["| no. | runs | reason | agents | |", "| --- | ---: | --- | --- | --- |"]
        lines += [
            table_row(
                (
                    _number(reason["number"]),
                    formatting.count(reason["count"]),
                    markdown(text_of(reason)),
                    markdown(agents_words(reason["agents"])),
                    new_words(reason, compared=compared),
                )
            )
            for reason in reasons[:MOST]
        ]
        lines.append("")
    if len(reasons) > MOST:
        lines.append(f"- and {len(reasons) - MOST} more reasons")
    if document["reasons_unknown"]:
        lines.append(f"- reason {unknown_words(document['reasons_unknown'])}")
    first = document["first_failed"]
    if first is not None:
        when = first_words(first, f"{formatting.clock(parse_time(first['at']), UTC)} UTC")
        lines.append(f"- first failed: {markdown(short_id(safe_text(first['run_id'])))}, {markdown(when)}")
    if document["outages"]["count"]:
        lines.append(f"- {outage_words(document)}")
    if document["next"]:
        lines.append(f"- next: <code>{markdown(document['next'])}</code>")
    if document["advice"]:
        lines.append(f"- {'or' if document['next'] else 'next:'} {markdown(document['advice'])}")
    return [*lines, ""] if lines and lines[-1] else lines


def _number(number: int) -> str:
    # As code: GitHub would make a link to an issue of a bare `#1`.
    return f"<code>#{number}</code>"


def _gate(gate: dict[str, Any]) -> list[str]:
    """Return the result of a gate as Markdown."""
    from flowtui.watch.output.formats.gate_lines import cells, head, notes  # noqa: PLC0415  few watches have a gate

    rows = gate["rows"][:_MOST_ROWS]
    lines = [
        f"**{markdown(head(gate, UTC))}**",
        "",
        "| verdict | agent | comparison | base (95 %) | new (95 %) | limit | why |",
        "| --- | --- | --- | ---: | ---: | ---: | --- |",
    ]
    lines += [
        table_row(
            markdown(cell) for cell in (row["verdict"], row["agent"] or "all", *cells(row), row["reason"])
        )
        for row in rows
    ]
    told = notes(gate)
    return [*lines, *([""] if told else []), *(f"- {markdown(text)}" for text in told)]


def _row(run: dict[str, Any]) -> str:
    doubt = " (inferred)" if run.get("inferred") else ""
    texts = (
        run["status_class"] + doubt if run["status_class"] != "unknown" else f"{run['status']}?",
        short_id(run["run_id"]),
        short_id(run["thread_id"]),
        run["agent"] or short_id(run["agent_id"]) or formatting.UNKNOWN,
        formatting.span(run["duration_s"]),
        formatting.count(run["total_tokens"]),
        run["reason"] or ", ".join(run["findings"]),
    )
    *cells, why = map(markdown, texts)
    number = run["reason_number"]
    return table_row((*cells, why if number is None else f"{_number(number)} {why}"))
