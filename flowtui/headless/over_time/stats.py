"""`flowtui stats`: prints counts, failures, durations, tokens and costs of the runs that ended in a span of time."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from flowtui.config.values.prices import Prices
from flowtui.errors import HistoryError, UsageError
from flowtui.formatting import plural, timestamp
from flowtui.headless.one_shot import TimeSpan, print_note, read_agents, report_failures
from flowtui.headless.over_time.stats_output import Answer, stats_text
from flowtui.headless.pages import Listing
from flowtui.headless.remembered import Remembered, look_back, whole_quarters
from flowtui.headless.retry import Requester
from flowtui.headless.run_lists import RunLists, back_to, ended_before, read_run_lists
from flowtui.model.history.gone_rows import with_gone
from flowtui.model.history.past import Past, QuarterSum
from flowtui.model.history.statistics import Group, Period, statistics
from flowtui.model.history.statistics_groups import By, groups
from flowtui.model.history.time_steps import time_steps
from flowtui.model.run.parsing import parse_run
from flowtui.model.run.row import Run
from flowtui.source.http.client import Client
from flowtui.suggestion import did_you_mean
from flowtui.text import safe_text

HISTORY: Final = "history"
API: Final = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsOptions:
    """What to count and how to print it.

    `output`: table, json, jsonl or csv.
    `span`: the runs that ended in it count; without an end also those that are active now.
    `by`: the groups; None: all runs together.
    `agent`: the id or name of the only agent that counts; None: all.
    """

    output: str
    span: TimeSpan
    by: By | None = None
    agent: str | None = None
    prices: Prices | None = None
    zone: tzinfo | None = None
    color: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The runs that count.

    `gone`: sums of those whose rows are gone.
    `names`: agent id → name.
    `known`: how the time was watched, if the runs come from the history; None: from the API.
    `lists`: what was read from the API, with its errors.
    `whole`: whether all runs of the span are known.
    """

    runs: Sequence[Run]
    span: TimeSpan
    names: Mapping[str, str]
    gone: Sequence[QuarterSum] = ()
    known: Remembered | None = None
    lists: RunLists | None = None
    whole: bool = True


async def show_stats(
    source: Client, requester: Requester, options: StatsOptions, past: Past | None = None
) -> int:
    """Print the statistics and return the exit code. `past`: the history; None if there is none.

    Raises:
        UsageError: there are too many hours or days, or no such agent.
    """
    if options.by in ("hour", "day"):
        span = options.span
        time_steps(
            options.by, span.since, span.until or requester.now, options.zone
        )  # before anything is read
    found, why = (None, "") if past is None else _recall(past, requester.clock.now(), options)
    partly = None
    if found is None or not found.whole:
        partly, found = found, await _ask(source, requester, options.span)
    failed = 0
    if found.lists is not None:
        failed = report_failures([*found.lists.threads, *found.lists.runs])
        found = replace(found, whole=not failed)
    if failed and not found.runs:
        if partly is None:
            return failed  # zeros would be wrong
        print_note("the API does not answer; this is what the history knows")
        found = partly
    found = _of_agent(found, options.agent)
    _say_source(found, options, why)
    now = requester.now if found.known is None else found.known.coverage.until
    sys.stdout.writelines(
        stats_text(_answer(found, options, now), options.output, zone=options.zone, color=options.color)
    )
    return failed


def _recall(past: Past, now: float, options: StatsOptions) -> tuple[Counted | None, str]:
    """Return what the history knows of the runs that count, and why that is not all; "" if it is."""
    try:
        known = look_back(past, options.span, now)
        span = whole_quarters(options.span, known.gone)
        if span != options.span:
            known = look_back(past, span, now)
        runs = known.counted(span)
    except HistoryError as error:
        return None, f"the history cannot be read: {error}"
    why = known.gap(options.zone)
    if not (why or known.current or all(run.terminal for run in runs)):
        why = "of some runs the history does not know whether they have ended"
    return Counted(runs=runs, span=span, names=known.agents, gone=known.gone, known=known, whole=not why), why


async def _ask(source: Client, requester: Requester, span: TimeSpan) -> Counted:
    """Read the runs that count from the API."""
    period = Period(span.since, span.end, active=span.until is None)
    runs: list[Run] = []
    undated = 0

    def keep(listing: Listing) -> None:
        """Keep the rows that count; raw rows need much memory."""
        nonlocal undated
        rows = [parse_run(value, listing.name) for value in listing.rows.values()]
        runs.extend(run for run in rows if period.counts(run))
        undated += sum(run.created is None and run.ended is None and not run.active for run in rows)
        listing.rows.clear()

    agents = await read_agents(source.agents, requester.clock)
    back = back_to(span.since, ended_before(span.since), requester.now)
    lists = await read_run_lists(source, requester, back, (), done=keep)
    if undated:
        print_note(f"{plural(undated, 'run')} with no readable time left out")
    return Counted(runs=runs, span=span, names=agents.names, lists=lists)


def _of_agent(found: Counted, agent: str | None) -> Counted:
    """Return only the runs of an agent, given by its id or name; None: all runs.

    Raises:
        UsageError: the agents are known, and none is called so.
    """
    if agent is None:
        return found
    wanted = safe_text(agent)
    ids = {key for key, name in found.names.items() if wanted == name or wanted.casefold() == name.casefold()}
    ids.add(wanted)
    runs = [run for run in found.runs if run.agent_id in ids]
    gone = [one for one in found.gone if one.agent_id in ids]
    if found.names and len(ids) == 1 and wanted not in found.names and not (runs or gone):
        hint = did_you_mean(wanted, [*found.names.values()], otherwise="See `flowtui stats --by agent`")
        raise UsageError(f"--agent: there is no agent {wanted[:40]!r}", hint=hint)
    return replace(found, runs=runs, gone=gone)


def _say_source(found: Counted, options: StatsOptions, why: str) -> None:
    """Say on stderr what counts, and where it comes from."""
    count = len(found.runs) + sum(one.runs for one in found.gone)
    ended = f"that ended since {timestamp(found.span.since, options.zone)}"
    until = (
        " or are active now"
        if found.span.until is None
        else f" and before {timestamp(found.span.until, options.zone)}"
    )
    what = f"{plural(count, 'run')} {ended}{until}"
    if found.known is not None:
        print_note(f"from the history: {what}; {found.known.words(options.zone)}")
        if found.gone:
            some = plural(sum(one.runs for one in found.gone), "run")
            print_note(
                f"only sums are kept of {some}: their durations, models and threads are not known any more"
            )
    else:
        less = "" if found.whole else "not of all threads: "
        print_note(f"from the API: {less}{what}" + (f" ({why})" if why else ""))


def _answer(found: Counted, options: StatsOptions, now: float) -> Answer:
    period = Period(
        found.span.since,
        now if found.span.until is None else found.span.until,
        active=found.span.until is None,
    )
    everything = with_gone(statistics(found.runs, options.prices), found.gone)
    by_group = (
        groups(
            found.runs,
            period,
            options.by,
            prices=options.prices,
            names=found.names,
            zone=options.zone,
            gone=found.gone,
        )
        if options.by is not None
        else []
    )
    return Answer(
        source=API if found.known is None else HISTORY,
        by=options.by,
        everything=Group("", "all", period.since, period.until, everything),
        groups=by_group,
        coverage=None if found.known is None else found.known.coverage,
        priced=options.prices is not None,
        whole=found.whole,
    )
