"""Report sections on why a run ended as it did: exceptions, tool errors, the last message, and findings.

The sections name what was not loaded, so that the reader can tell "nothing found" from "not looked for".
"""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.columns.columns import findings
from flowtui.model.columns.context import Context
from flowtui.model.export.markdown import fenced, markdown
from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.messages.evidence import Evidence, SpanError, ToolError
from flowtui.model.run.row import FAILED, Run

_SHOWN: Final = 5  # greatest number of exceptions, and of tool errors; the latest ones say most


def why_section(run: Run, found: Evidence | None, context: Context) -> list[str]:
    """Return what spans and messages tell about a run, as Markdown lines."""
    if found is None:
        reason = context.reason_text(run.key)
        known = [f"In short: {markdown(reason)}", ""] if reason else []
        return [*known, "Spans and messages were not loaded."]
    lines = [line for missing in found.missing for line in (f"Not loaded: {markdown(missing)}", "")]
    lines.append(
        f"Read: {found.spans} spans of the run{' (there may be more)' if found.full else ''}, "
        f"{found.messages} messages of the run among {found.messages_read} of its thread."
    )
    silent = not found.exceptions and not found.tool_errors and not found.missing
    if run.status_class == FAILED and silent:
        lines += ["", "Nothing in them says why it failed."]
    for raised in found.exceptions[:_SHOWN]:
        lines += ["", *_raised(raised, context)]
    for error in found.tool_errors[:_SHOWN]:
        lines += ["", *_tool_error(error, context)]
    more = max(0, len(found.exceptions) - _SHOWN) + max(0, len(found.tool_errors) - _SHOWN)
    if more:
        lines += ["", f"{more} earlier ones are not shown."]
    return [*lines, "", *_last_message(found, context)]


def _raised(raised: SpanError, context: Context) -> list[str]:
    where = " › ".join(markdown(name) for name in (*raised.parents, raised.span) if name)
    kind = markdown(raised.kind) or "An error"
    tool = f", tool {markdown(raised.tool)}" if raised.tool else ""
    model = f", model {markdown(raised.model)}" if raised.model else ""
    lines = [f"**{kind}** at {formatting.timestamp(raised.when, context.zone)}{tool}{model}"]
    if where:
        lines.append(f"in {where}")
    return [*lines, "", *fenced(raised.lines)] if raised.lines else lines


def _tool_error(error: ToolError, context: Context) -> list[str]:
    named = markdown(error.tool) or "a tool"
    lines = [f"**Tool error** of {named} at {formatting.timestamp(error.when, context.zone)}"]
    return [*lines, "", *fenced(error.lines)] if error.lines else lines


def _last_message(found: Evidence, context: Context) -> list[str]:
    last = found.last_message
    if last is None:
        return ["No message of the run was among those read."]
    lines = [
        f"Last message, of {markdown(last.role) or 'an unnamed sender'}, at {formatting.timestamp(last.when, context.zone)}:"
    ]
    if last.lines:
        return [*lines, "", *fenced(last.lines)]
    return [*lines, "", f"no text; its parts: {', '.join(markdown(part) for part in last.parts) or 'none'}"]


def findings_section(run: Run, context: Context) -> list[str]:
    """Return the findings of a run, each with its meaning and the next step, as Markdown lines."""
    found = findings(run, context)
    if not found:
        repeated = run.thread_key in context.threads
        return ["Nothing looks wrong." if repeated else "Nothing looks wrong in this one observation."]
    lines: list[str] = []
    for finding in found:
        kind = FINDINGS.get(finding.name)
        lines += ["", f"**{markdown(finding.name)}**: {markdown(finding.text)}"]
        if kind is not None:
            lines += ["", kind.meaning, "", f"Rests on: {kind.evidence}", "", f"Next: {kind.next_step}"]
    return lines[1:]
