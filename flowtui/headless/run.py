"""`flowtui run`: prints one run with every field that the API returns."""

from __future__ import annotations

import sys
from typing import Any, Final

from flowtui import formatting
from flowtui.config.settings import Settings
from flowtui.errors import ApiError, NotFoundError, RejectedError, UnreadableError
from flowtui.headless.find_run import RunFinder
from flowtui.headless.one_shot import UNANSWERED, OutputOptions, print_error, read_agents
from flowtui.headless.report import make_report
from flowtui.headless.retry import Found, Requester
from flowtui.headless.run_reasons import ReasonReading, read_reasons, report_reasons
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.export import records
from flowtui.model.export.run_columns import run_columns
from flowtui.model.export.tables import csv_lines
from flowtui.model.messages.redaction import redact_run
from flowtui.model.run import detail
from flowtui.model.run.fingerprint import fingerprint
from flowtui.model.run.id_parts import is_cut
from flowtui.model.run.parsing import parse_detail, parse_run
from flowtui.model.run.row import FAILED, Run, RunKey
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
    thread: str | None,
    run_id: str,
    *,
    settings: Settings,
) -> int:
    """Print the run and return the exit code. `run_id` and `thread` may be parts of ids; `thread` may be None.

    Raises:
        UsageError: several runs or threads have such a part in their ids.
    """
    try:
        thread, raw = await _fetch(source, requester, thread, run_id)
    except ApiError as error:
        print_error(error, run_id)
        return UNANSWERED
    run = parse_run(raw, thread)
    agents = await read_agents(source.agents, requester.clock)
    reasons = ReasonReading()
    if options.output != "markdown":  # the report reads all evidence
        reasons = await read_reasons(source, requester, [run], redact=options.redact)
    state = ThreadState(thread, interval=0.0, configs={run.raw_id: fingerprint(raw)})
    context = Context(
        now=requester.now,
        agents=agents.names,
        agent_statuses=agents.statuses,
        threads={thread: state},
        zone=options.zone,
        prices=options.prices,
        reasons=reasons.reasons,
        redact=options.redact,
    )
    if options.output == "markdown":
        sys.stdout.write(await make_report(source, requester, context, run, raw, settings=settings))
    else:
        sys.stdout.write(_format(options, run, raw, context))
        report_reasons(reasons)
    return 0


async def _fetch(
    source: Client, requester: Requester, thread: str | None, run_id: str
) -> tuple[str, dict[str, Any]]:
    """Return the raw id of the run's thread and the raw run. Raises UsageError and ApiError.

    With whole ids this is one request. The run is searched for if the server knows no such run, or if the ids are parts.
    """

    async def ask(key: RunKey) -> Found:
        return await requester.ask(lambda: source.run(*key), _read, None)

    finder = RunFinder(source, requester, run_id, thread)
    given = None if thread is None or is_cut(thread) or is_cut(run_id) else (thread, run_id)
    key = given if thread is not None else await finder.by_spans()
    unknown: ApiError | None = None
    if key is not None:
        found = await ask(key)
        if found.error is None:
            return key[0], found.value
        if not isinstance(found.error, NotFoundError | RejectedError):
            raise found.error
        unknown = found.error
    try:
        key = await finder.by_search()
    except ApiError as error:
        raise (unknown if given is not None and unknown is not None else error) from None
    found = await ask(key)
    if found.error is not None:
        raise found.error
    return key[0], found.value


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


def _reason(run: Run, context: Context) -> str:
    """Return why a run failed and what failed; a dash if its reason is not known."""
    found = context.reasons.get(run.key)
    if found is None:
        return formatting.UNKNOWN
    return f"{found.text}   ({found.source})" if found.source else found.text


def _page(run: Run, raw: dict[str, Any], context: Context) -> list[str]:
    """Return the run as lines of text: why it failed, fields with their values, then instructions, then tools."""
    agent = context.agents.get(run.agent_id, "")
    pairs = detail.overview(
        run, raw, agent=agent, now=context.now, zone=context.zone, facts=context.span_facts(run)
    )
    if run.status_class == FAILED:
        pairs.insert(0, ("reason", _reason(run, context)))
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
