"""Where `flowtui runs` takes its runs from: the history, where it knows all of them, else the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flowtui.errors import HistoryError
from flowtui.formatting import plural
from flowtui.headless.one_shot import OutputOptions, TimeSpan, print_note
from flowtui.headless.pages import Listing, by_time
from flowtui.headless.remembered import look_back
from flowtui.headless.retry import Requester
from flowtui.headless.run_items import Item, items_of, newest_of_threads
from flowtui.headless.run_lists import RunLists, back_to, created_before, read_run_lists
from flowtui.headless.run_reasons import asks_reasons
from flowtui.model.columns.path_columns import path_names
from flowtui.model.history.past import Past
from flowtui.model.query.unread_values import uses_config
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import FAILED, RunKey
from flowtui.source.http.client import Client

_ROWS: Final = ("table", "csv")  # the formats that need no raw JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsRead:
    """The runs, and what is known of them besides.

    `lists`: what was read from the API, with its errors.
    `threads`: how many threads the runs are of.
    `agents`, `reasons`: what the history knows: names by id, and why runs failed.
    """

    items: list[Item]
    lists: RunLists = field(default_factory=lambda: RunLists([], []))
    threads: int = 0
    agents: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[RunKey, Reason] = field(default_factory=dict)


async def read_runs(
    source: Client,
    requester: Requester,
    options: OutputOptions,
    threads: Sequence[str],
    *,
    names: Sequence[str],
    past: Past | None,
) -> RunsRead:
    """Return the runs of `threads`, or of all; with a span of time from the history, if that knows all of them.

    `names`: the columns to show or to sort by. `past`: the history; None if there is none. With a span of time it says on
    stderr where the runs come from, and why from the API although there is a history.
    """
    if options.span is None:
        return await _newest(source, requester, options, threads)
    why = ""
    if past is not None:
        found = _recall(past, requester.clock.now(), options, options.span, names=names, threads=threads)
        if isinstance(found, RunsRead):
            return found
        why = found
    return await _back_to(source, requester, options, options.span, threads=threads, why=why)


async def _newest(
    source: Client, requester: Requester, options: OutputOptions, threads: Sequence[str]
) -> RunsRead:
    wanted = options.list_range
    lists = await read_run_lists(source, requester, wanted, threads)
    items = [item for listing in lists.runs for item in items_of(listing, wanted.order)]
    return RunsRead(items=items, lists=lists, threads=len(lists.runs))


async def _back_to(
    source: Client,
    requester: Requester,
    options: OutputOptions,
    span: TimeSpan,
    *,
    threads: Sequence[str],
    why: str,
) -> RunsRead:
    """Read each list of runs from the API back to the begin of the span. `why`: why the history was not used; "": none is."""
    wanted = options.list_range
    undated = 0

    def keep(listing: Listing) -> None:
        """Drop the rows of other times, as raw rows need much memory."""
        nonlocal undated
        for name, value in list(listing.rows.items()):
            created = parse_run(value, listing.name).created
            undated += created is None
            if created is None or not span.has(created):
                del listing.rows[name]

    back = back_to(span.since, created_before(span.since), requester.now)
    lists = await read_run_lists(source, requester, back, threads, done=keep)
    items = [item for listing in lists.runs for item in items_of(listing, wanted.order)]
    items = by_time(newest_of_threads(items, wanted.limit), lambda item: item.run.created, wanted.order)
    failed = any(each.error is not None for each in (*lists.threads, *lists.runs))
    if items or not failed:
        less = "not of all threads: " if failed else ""
        said = f"from the API: {less}{plural(len(items), 'run')} on {plural(len(lists.runs), 'thread')}"
        print_note(f"{said} ({why})" if why else said)
    if undated:
        print_note(f"{plural(undated, 'run')} with no readable time of creation left out")
    return RunsRead(items=items, lists=lists, threads=len(lists.runs))


def _needs_api(options: OutputOptions, names: Sequence[str]) -> str:
    """Return why only the API has what the command asks for, "" if the history may have it."""
    if options.output not in _ROWS:
        return f"only the API has all fields of -o {options.output}"
    query = options.filter
    if path_names(names) or "config" in names or (query is not None and uses_config(query.tree)):
        return "only the API has the configuration of runs and fields of the raw JSON"
    return ""


def _recall(
    past: Past,
    now: float,
    options: OutputOptions,
    span: TimeSpan,
    *,
    names: Sequence[str],
    threads: Sequence[str],
) -> RunsRead | str:
    """Return the runs from the history, or why only the API can answer. `now`: UTC epoch seconds by the local clock."""
    if why := _needs_api(options, names):
        return why
    try:
        found = look_back(past, span, now)
        if why := found.trouble(options.zone):
            return why
        rows = [run for run in found.runs(span) if not threads or run.thread_key in threads]
        if not (found.current or all(run.terminal for run in rows)):
            return "runs were active when the history ended"
        failed = [run.key for run in rows if run.status_class == FAILED]
        # With --redact the texts must be hidden, for which the evidence is needed.
        known = past.reasons(failed) if asks_reasons(names, options.filter) and not options.redact else {}
    except HistoryError as error:
        return f"the history cannot be read: {error}"
    order = options.list_range.order
    items = by_time([Item(None, run) for run in rows], lambda item: item.run.created, order)
    items = newest_of_threads(items, options.list_range.limit)
    print_note(f"from the history: {plural(len(items), 'run')}, {found.words(options.zone)}")
    count = len({item.run.thread_key for item in items})
    return RunsRead(items=items, threads=count, agents=found.agents, reasons=known)
