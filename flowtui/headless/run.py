"""`flowtui run`: prints one run with every field that the API returns."""

from __future__ import annotations

import sys
from typing import Any, Final

from flowtui import formatting
from flowtui.config.settings import Settings
from flowtui.errors import UnreadableError
from flowtui.headless.one_shot import NO_AGENTS, UNANSWERED, OutputOptions, print_error, read_agents
from flowtui.headless.report import make_report
from flowtui.headless.retry import Requester
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.export import records
from flowtui.model.export.run_columns import run_columns
from flowtui.model.export.tables import csv_lines
from flowtui.model.messages.redaction import redact_run
from flowtui.model.run import detail
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.run.parsing import parse_detail, parse_run
from flowtui.model.run.row import QUEUED, Run
from flowtui.model.state.known_runs import ThreadState
from flowtui.source.http.client import Client
from flowtui.text import cell_width, safe_text

_API_FIELDS: Final = frozenset(
    [
        *("id", "object", "created_at", "agent_id", "thread_id", "status", "is_active", "started_at"),
        *("expires_at", "cancelled_at", "failed_at", "completed_at", "model", "instructions", "tools"),
        *("meta_data", "usage", "temperature", "top_p", "max_completion_tokens", "truncation_strategy"),
        *("response_format", "tool_choice", "parallel_tool_calls"),
    ]
)
"""Fields that have a place of their own in the text output; any other field of the run is printed after the pairs."""


async def show_run(
    source: Client,
    requester: Requester,
    options: OutputOptions,
    thread: str,
    run_id: str,
    *,
    settings: Settings,
) -> int:
    """Print the run and return the exit code."""
    found = await requester.ask(lambda: source.run(thread, run_id), _read, None)
    if found.error is not None:
        print_error(found.error, run_id)
        return UNANSWERED
    raw: dict[str, Any] = found.value
    run = parse_run(raw, thread)
    agents = NO_AGENTS
    if options.output in ("table", "csv", "markdown") or run.status_class == QUEUED:
        agents = await read_agents(source.agents, requester.clock)
    state = ThreadState(thread, interval=0.0, configs={run.raw_id: fingerprint(raw)})
    context = Context(
        now=requester.now,
        agents=agents.names,
        agent_statuses=agents.statuses,
        threads={thread: state},
        zone=options.zone,
        prices=options.prices,
        redact=options.redact,
    )
    if options.output == "markdown":
        sys.stdout.write(await make_report(source, requester, context, run, raw, settings=settings))
    else:
        sys.stdout.write(_format(options, run, raw, context))
    return 0


def _read(body: bytes) -> tuple[dict[str, Any] | None, str | None]:
    try:
        return parse_detail(body), None
    except UnreadableError as error:
        return None, error.message.removeprefix("The server sent ")


def _format(options: OutputOptions, run: Run, raw: dict[str, Any], context: Context) -> str:
    record = records.run_record(raw, run, context)
    if options.output == "json":
        return records.indented_json(record)
    if options.output == "jsonl":
        return records.json_line(record)
    if options.output == "csv":
        return "".join(csv_lines(run_columns(list(COLUMNS), context), [run]))
    shown = redact_run(raw) if context.redact else raw
    return "".join(f"{line}\n" for line in _page(run, shown, context))


def _page(run: Run, raw: dict[str, Any], context: Context) -> list[str]:
    """Return the run as lines of text: fields with their values, then instructions, then tools."""
    agent = context.agents.get(run.agent_id, "")
    pairs = detail.overview(
        run, raw, agent=agent, now=context.now, zone=context.zone, facts=context.span_facts(run)
    )
    pairs.extend((name, COLUMNS[name].text(run, context)) for name in ("wait", "time"))
    note = COLUMNS["note"].text(run, context)
    if note:
        pairs.append(("note", note))
    pairs.extend(
        (safe_text(name), " ".join(line.strip() for line in detail.json_lines(value)))
        for name, value in raw.items()
        if name not in _API_FIELDS
    )
    width = max(cell_width(name) for name, _ in pairs)
    lines = [f"{name}{' ' * (width - cell_width(name))}  {text}" for name, text in pairs]
    told = detail.instructions(raw)
    lines += ["", "instructions", *(f"  {line}" for line in told or [formatting.UNKNOWN])]
    offered = detail.tools(raw)
    lines += ["", f"tools ({len(offered)})"]
    for tool in offered:
        lines.append(f"  {tool.name} ({tool.type})" if tool.name != tool.type else f"  {tool.name}")
        lines += [f"    {line}" for line in (detail.json_lines(tool.fields) if tool.fields else ())]
    return [line.rstrip() for line in lines]
