"""`flowtui stats`: prints counts, failures, durations, tokens and costs of the runs that ended in a span of time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from flowtui.config.memory.installation_key import installation_key
from flowtui.config.values.prices import Prices
from flowtui.headless.one_shot import TimeSpan
from flowtui.headless.over_time.counted_runs import API, HISTORY, Counted, counted_runs, of_agent, say_source
from flowtui.headless.over_time.stats_agent import agent_record, read_deployments
from flowtui.headless.over_time.stats_output import Answer, stats_text
from flowtui.headless.retry import Requester
from flowtui.model.history.gone_rows import with_gone
from flowtui.model.history.past import Past
from flowtui.model.history.statistics import Group, Period, statistics
from flowtui.model.history.statistics_groups import By, groups
from flowtui.model.history.time_steps import time_steps
from flowtui.model.state.marks import Mark
from flowtui.source.http.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsOptions:
    """What to count and how to print it.

    `output`: table, json, jsonl or csv.
    `span`: the runs that ended in it count; without an end also those that are active now.
    `by`: the groups; None: all runs together.
    `agent`: the id or name of the only agent that counts; None: all.
    `marks`: releases, the newest last.
    `redact`: whether the texts of reasons are hidden.
    """

    output: str
    span: TimeSpan
    by: By | None = None
    agent: str | None = None
    prices: Prices | None = None
    zone: tzinfo | None = None
    color: bool = False
    marks: Sequence[Mark] = ()
    redact: bool = False


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
    counted, failed, why = await counted_runs(source, requester, options.span, past, options.zone)
    if counted is None:
        return failed
    found = of_agent(counted, options.agent)
    say_source(found, options.zone, why)
    now = requester.now if found.known is None else found.known.coverage.until
    answer = _answer(found, options, now)
    if options.agent is not None and options.output == "json":
        hide = installation_key() if options.redact else None
        whole = answer.everything
        deployments = await read_deployments(source, options.agent)
        period = Period(whole.since, whole.until)
        record = agent_record(past, found.runs, period, options.marks, hide, deployments=deployments)
        answer = replace(answer, agent=record)
    sys.stdout.writelines(stats_text(answer, options.output, zone=options.zone, color=options.color))
    return failed


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
