"""The report of one run as Markdown, for a reader without flowtui: facts, reasons, findings, observed changes.

The report names what was not loaded. Text from the server is escaped or put into code blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flowtui import formatting
from flowtui.config.settings import Settings
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.context import Context, status_phrase
from flowtui.model.export.markdown import fenced, markdown, table_head, table_row
from flowtui.model.export.report_story import moves_section, neighbours_section
from flowtui.model.export.report_why import findings_section, why_section
from flowtui.model.export.shell_commands import curl_command, page_address, run_command, watch_command
from flowtui.model.messages.evidence import Evidence
from flowtui.model.messages.redaction import redact_evidence, redact_run
from flowtui.model.messages.why import reason_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run import detail
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.run.redacted import REDACTED
from flowtui.model.run.row import FAILED, Run

_HIDDEN: Final = f"On request, instructions, messages, metadata and what could quote them read `{REDACTED}`."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInput:
    """The data of a report."""

    run: Run
    context: Context
    """Has the server's time, the names of agents, and the state of the run's thread if it is known."""
    settings: Settings
    raw: dict[str, Any] | None = None
    """The whole run; None if it was not loaded."""
    evidence: Evidence | None = None
    """What the spans and messages of the run show; None if they were not loaded."""
    redact: bool = False
    """Whether private values are hidden (see `messages/redaction.py`)."""


def report(what: ReportInput) -> str:
    """Return the report of one run as Markdown."""
    if what.redact:
        what = _redacted(what)
    sections: Sequence[tuple[str, Callable[[ReportInput], list[str]]]] = (
        ("Facts", _facts),
        ("Why", lambda it: why_section(it.run, it.evidence, it.context)),
        ("Findings", lambda it: findings_section(it.run, it.context)),
        ("What was seen", lambda it: moves_section(it.run, it.context)),
        ("On the same thread", lambda it: neighbours_section(it.run, it.context)),
        ("Configuration", _configuration),
        ("Tokens", _usage),
        ("Look again", _commands),
    )
    lines = _heading(what)
    for title, build in sections:
        lines += ["", f"## {title}", "", *build(what)]
    return "\n".join(lines) + "\n"


def _redacted(what: ReportInput) -> ReportInput:
    """Return the data without private parts. Reasons may quote messages, so they are hidden unless already redacted."""
    context = what.context
    reasons = context.reasons if context.redact else dict.fromkeys(context.reasons, Reason(REDACTED))
    return replace(
        what,
        context=replace(context, reasons=reasons, redact=True),
        raw=None if what.raw is None else redact_run(what.raw),
        evidence=None if what.evidence is None else redact_evidence(what.evidence),
    )


def _heading(what: ReportInput) -> list[str]:
    run, context = what.run, what.context
    agent = context.agent_name(run.agent_id) or UNKNOWN
    lines = [
        f"# Run {markdown(run.id)}: {markdown(status_phrase(run))}",
        "",
        *_reason(what),
        f"Agent {markdown(agent)}, thread {markdown(run.thread_key)}, on {markdown(what.settings.base_url)}.",
        f"Made at {formatting.timestamp(context.now, context.zone)}, by the server's clock; {_as_of(what)}.",
    ]
    if what.redact:
        lines += ["", _HIDDEN]
    return lines


def _reason(what: ReportInput) -> list[str]:
    """Return why a failed run failed, in one line; nothing if its reason is not known."""
    found = what.context.reasons.get(what.run.key)
    if found is None and what.evidence is not None and (why := reason_of(what.evidence)) is not None:
        found = why.folded
    if found is None or what.run.status_class != FAILED or found == Reason(REDACTED):
        return []
    source = f" ({markdown(found.source)})" if found.source else ""
    return [f"**Reason**: {markdown(found.text)}{source}", ""]


def _as_of(what: ReportInput) -> str:
    state = what.context.threads.get(what.run.thread_key)
    if state is None or state.observed is None:
        return "when the run was read is not known"
    age = what.context.now - what.context.clock_offset - state.observed
    return f"its thread was read {formatting.span(max(0.0, age))} before"


def _facts(what: ReportInput) -> list[str]:
    run, context = what.run, what.context
    agent = context.agents.get(run.agent_id, "")
    pairs = detail.overview(
        run, what.raw, agent=agent, now=context.now, zone=context.zone, facts=context.span_facts(run)
    )
    pairs.append(("wait", formatting.span(run.wait(context.now))))
    pairs.append(("duration", formatting.span(run.duration(context.now))))
    lines = table_head(["field", "value"])
    lines += [table_row([markdown(name), markdown(text)]) for name, text in pairs]
    if what.raw is None:
        lines += ["", "The whole run was not loaded; `…` is what only it tells."]
    return lines


def _configuration(what: ReportInput) -> list[str]:
    state = what.context.threads.get(what.run.thread_key)
    seen = state.configs.get(what.run.raw_id) if state is not None else None
    digits = fingerprint(what.raw) if what.raw is not None else seen
    lines = [f"Fingerprint of instructions, tools, model and parameters: {digits or UNKNOWN}", ""]
    if what.raw is None:
        return [*lines, "Instructions and tools: the whole run was not loaded."]
    told = detail.instructions(what.raw)
    lines += ["### Instructions", ""]
    lines += fenced(told) if told else ["The run has no instructions of its own."]
    offered = detail.tools(what.raw)
    lines += ["", f"### Tools ({len(offered)})", ""]
    if not offered:
        lines.append("The run has no tools.")
    else:
        lines += fenced(detail.json_lines(what.raw.get("tools")), "json")
    return lines


def _usage(what: ReportInput) -> list[str]:
    run = what.run
    counts = (
        ("prompt", run.prompt_tokens),
        ("completion", run.completion_tokens),
        ("total", run.total_tokens),
    )
    if all(count is None for _, count in counts):
        return [f"The API has not reported usage for this run{' yet' if run.active else ''}."]
    lines = table_head(["tokens", "count"], (False, True))
    lines += [table_row([name, formatting.count(count)]) for name, count in counts]
    return [*lines, "", "The run is still counting."] if run.active else lines


def _commands(what: ReportInput) -> list[str]:
    run, settings = what.run, what.settings
    made = (run_command(run, settings), watch_command(run, settings), curl_command(run, settings))
    commands = [line for line in made if line]
    if not commands:
        return ["No command can name this run."]
    lines = [f"With the key in `{settings.api_key_env}`:", "", *fenced(commands, "sh")]
    if settings.run_url is not None:
        lines += ["", "Its page:", "", *fenced([page_address(settings.run_url, run)])]
    return lines
