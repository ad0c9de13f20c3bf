"""`flowtui runs`: prints the runs of some threads or of all. Threads are read in parallel, and printed in order."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from flowtui.formatting import plural
from flowtui.headless.one_shot import (
    NO_AGENTS,
    UNANSWERED,
    Agents,
    OutputOptions,
    print_ignored_columns,
    read_agents,
    report_failures,
)
from flowtui.headless.pages import Listing
from flowtui.headless.retry import Requester
from flowtui.headless.run_items import Item, states
from flowtui.headless.run_labels import LabelReading, asks_labels, read_labels, report_labels
from flowtui.headless.run_reasons import ReasonReading, asks_reasons, read_reasons, report_reasons
from flowtui.headless.run_sources import RunsRead, read_runs
from flowtui.headless.status_columns import signed_columns
from flowtui.headless.tables import formatted
from flowtui.model.columns.columns import PRINTED
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import column_names, find_column, path_names
from flowtui.model.export import records
from flowtui.model.export.run_columns import run_columns
from flowtui.model.history.past import Past
from flowtui.model.query.query import Query
from flowtui.model.query.tree import EVERYTHING
from flowtui.model.query.unread_values import with_any_labels, with_any_reasons
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, QUEUED, RunKey
from flowtui.model.run.span_facts import SpanFacts
from flowtui.model.state.lineage import Lineage
from flowtui.model.stats.totals import totals
from flowtui.model.stats.usual_times import usual_times
from flowtui.model.view.sorting import Order, order_of, sort_runs
from flowtui.source.http.client import Client

_PIECE: Final = 1 << 20  # characters written at a time, as encoding takes as much memory again
_AT_ONCE: Final = 5  # parallel reads, as many as the client has connections
_NAMES_GRACE: Final = 1.0  # seconds to wait for the names of agents after the runs were read


def check(options: OutputOptions) -> None:
    """Raise UsageError if `--columns` or `--sort` cannot be used. Called before any request."""
    _columns(options)
    _sort(options)


def _columns(options: OutputOptions) -> list[str]:
    """Return the names of the columns to print. Raises UsageError."""
    return list(PRINTED if options.columns is None else column_names(options.columns, "--columns"))


def _sort(options: OutputOptions) -> Order | None:
    """Return the order that `--sort` gives; None without it. Raises UsageError."""
    return None if options.sort is None else order_of(options.sort, "--sort")


async def show_runs(
    source: Client,
    requester: Requester,
    options: OutputOptions,
    threads: Sequence[str],
    past: Past | None = None,
) -> int:
    """Print the runs of `threads` (if empty: of all threads of the key's owner) and return the exit code.

    `past`: the history, which is used if it knows all runs of the span of time that the user asks for.
    """
    columns, sort = _columns(options), _sort(options)
    with_names = (
        options.filter is not None
        or (options.output in ("table", "csv") and "agent" in columns)
        or (sort is not None and sort.name == "agent")
    )
    naming = asyncio.create_task(read_agents(source.agents, requester.clock)) if with_names else None
    names = [*columns, *([sort.name] if sort else ())]
    read = await read_runs(source, requester, options, threads, names=names, past=past)
    items = read.items
    named = options.output in ("json", "jsonl")  # JSON has the names of agents
    if naming is None and any(named or item.run.status_class == QUEUED for item in items):
        naming = asyncio.create_task(read_agents(source.agents, requester.clock))
    agents = NO_AGENTS if naming is None else await _in_time(naming)
    context = _context(requester.now, options, read, agents, names)
    spans = SpanReading(LabelReading(), ReasonReading())
    if not read.lists.refused:
        spans = await _read_spans(source, requester, options, names=names, items=items, context=context)
    context = _with_reasons(
        _with_facts(context, spans.labels.facts), {**read.reasons, **spans.reasons.reasons}
    )
    if options.filter is not None:
        meets = options.filter.matcher(context)
        items = [item for item in items if meets(item.run)]
        _print_filter_note(options, read.lists.runs)
    items = items if sort is None else _sorted(items, sort, context)
    _print(options, columns, items, context)
    if not asks_reasons(columns, None):
        print_ignored_columns(options)
    if options.output == "table" and sys.stderr.isatty():
        sys.stderr.write(_summary(items, read.threads, context))
    whole = report_labels(spans.labels) & report_reasons(spans.reasons)
    return report_failures([*read.lists.threads, *read.lists.runs]) or (0 if whole else UNANSWERED)


def _context(
    now: float, options: OutputOptions, read: RunsRead, agents: Agents, names: Sequence[str]
) -> Context:
    """Return what cells and filters need besides the runs. `names`: the columns to show or to sort by."""
    return Context(
        now=now,
        agents={**read.agents, **agents.names},
        agent_statuses=agents.statuses,
        threads=states(read.items, read.lists.threads, path_names(dict.fromkeys(names))),
        zone=options.zone,
        prices=options.prices,
        marks=options.marks,
        usual=usual_times(item.run for item in read.items),
        lineage=Lineage(item.run for item in read.items),
        redact=options.redact,
        reasons=read.reasons,
    )


def _sorted(items: Sequence[Item], sort: Order, context: Context) -> list[Item]:
    by_run = {id(item.run): item for item in items}
    column = find_column(sort.name)
    ordered = sort_runs([item.run for item in items], column, context, descending=sort.descending)
    return [by_run[id(run)] for run in ordered]


class SpanReading(NamedTuple):
    """What was read of spans and messages, as far as the command asks for it."""

    labels: LabelReading
    reasons: ReasonReading


async def _read_spans(
    source: Client,
    requester: Requester,
    options: OutputOptions,
    *,
    names: Sequence[str],
    items: Sequence[Item],
    context: Context,
) -> SpanReading:
    """Read labels and reasons of runs that the filter accepts, or might accept once these are known.

    `names`: the columns to show or to sort by.
    """
    labels, reasons = LabelReading(), ReasonReading()
    runs, query = [item.run for item in items], options.filter
    tree = EVERYTHING if query is None else with_any_reasons(query.tree)
    if asks_labels(names, query):
        possible = Query(with_any_labels(tree)).matcher(context)
        labels = await read_labels(source, requester, filter(possible, runs))
        context = _with_facts(context, labels.facts)
    if asks_reasons(names, query):
        possible = Query(tree).matcher(context)
        unread = (run for run in runs if run.key not in context.reasons and possible(run))
        reasons = await read_reasons(source, requester, unread, redact=options.redact)
    return SpanReading(labels, reasons)


def _print(options: OutputOptions, columns: Sequence[str], items: Sequence[Item], context: Context) -> None:
    table_columns = (signed_columns if options.output == "table" else run_columns)(columns, context)
    objects = (records.run_record(item.value, item.run, context) for item in items)
    rows = [item.run for item in items]
    for text in formatted(options.output, "runs", objects, table_columns, rows, color=options.color):
        for start in range(0, len(text), _PIECE):
            sys.stdout.write(text[start : start + _PIECE])


def _with_reasons(context: Context, reasons: Mapping[RunKey, Reason]) -> Context:
    """Return the context with why runs failed."""
    return replace(context, reasons=reasons, reason_counts=Counter(reasons.values()))


def _with_facts(context: Context, facts: Mapping[RunKey, SpanFacts]) -> Context:
    """Return the context with what spans say about runs."""
    by_thread: defaultdict[str, dict[str, SpanFacts]] = defaultdict(dict)
    for (thread, raw_id), found in facts.items():
        by_thread[thread][raw_id] = found
    threads = {key: replace(state, span_facts=by_thread[key]) for key, state in context.threads.items()}
    return replace(context, threads=threads)


async def _in_time(naming: asyncio.Task[Agents]) -> Agents:
    """Return the agents; none if they do not arrive within `_NAMES_GRACE` seconds."""
    try:
        return await asyncio.wait_for(naming, _NAMES_GRACE)
    except TimeoutError:
        return NO_AGENTS


def _print_filter_note(options: OutputOptions, listings: list[Listing]) -> None:
    """Print a note on stderr if a thread may have more runs than were read, as these may match `--filter` as well."""
    limit = options.list_range.limit
    if limit is not None and any(len(listing.rows) >= limit for listing in listings):
        which = "newest" if options.list_range.order == "desc" else "oldest"
        sys.stderr.write(
            f"flowtui: --filter chose among the {which} {limit} runs of a thread; --all: among all\n"
        )


def _summary(items: list[Item], threads: int, context: Context) -> str:
    sums = totals(item.run for item in items)
    unread = sum(item.run.status_class == FAILED for item in items) if not context.reasons else 0
    why = f"; why {plural(unread, 'run')} failed was not read: --columns reason" if unread else ""
    return f"{sums.runs} runs on {threads} threads, {sums.reported} of {sums.runs} reported tokens{why}\n"
