"""`flowtui brief`: prints on one page what happened in a span of time."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Final, NamedTuple

from flowtui.config.memory.installation_key import installation_key
from flowtui.config.values.prices import Prices
from flowtui.errors import HistoryError
from flowtui.headless.one_shot import UNANSWERED, TimeSpan
from flowtui.headless.over_time.counted_runs import API, HISTORY, Counted, counted_runs, say_source
from flowtui.headless.over_time.stats_output import coverage_record
from flowtui.headless.retry import Requester
from flowtui.headless.run_reasons import read_reasons, report_reasons
from flowtui.model.answers.brief.base import (
    NO_BASE,
    Base,
    Before,
    base_of_runs,
    hours_before,
    read_base,
    read_before,
)
from flowtui.model.answers.brief.brief import Brief, brief
from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.remarks import Named
from flowtui.model.export.brief.document import brief_markdown
from flowtui.model.export.brief.record import brief_record
from flowtui.model.export.brief.text import brief_text
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import versioned
from flowtui.model.history.coverage import GAP, TimeCoverage, coverage
from flowtui.model.history.past import READ, Past, Seen
from flowtui.model.history.remembered_reasons import explained_runs, with_equal_words
from flowtui.model.history.remembered_times import remembered_times
from flowtui.model.history.statistics import Period
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes, usual_times
from flowtui.source.http.client import Client

_LONGEST: Final = 26 * 3600.0  # seconds; for a longer span the API is not asked for the time before it
_LATER: Final = 86_400.0  # seconds after the present, as the server's clock may be ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefOptions:
    """What to tell and how to print it.

    `output`: text, markdown or json.
    `span`: the runs that ended in it count; without an end also those that are active now.
    `name`: what the span is called: `last 12h`, `since`. `marks`: releases, the newest last.
    """

    output: str
    span: TimeSpan
    name: str = "since"
    marks: Sequence[Mark] = ()
    prices: Prices | None = None
    zone: tzinfo | None = None
    redact: bool = False


class _Memory(NamedTuple):
    """What the history knows beside the runs of the span. `begin` is None without a history."""

    begin: float | None = None
    base: Base = NO_BASE
    before: Before | None = None
    times: UsualTimes = NO_USUAL_TIMES
    reasons: Mapping[RunKey, Reason] = {}
    watched: TimeCoverage | None = None


async def show_brief(
    source: Client, requester: Requester, options: BriefOptions, past: Past | None = None
) -> int:
    """Print the brief and return the exit code. `past`: the history; None if there is none."""
    now, span = requester.clock.now(), options.span
    memory = _remember(past, span, now, installation_key() if options.redact else None)
    wanted = span if memory.begin is not None else _longer(span, now)
    found, failed, why = await counted_runs(source, requester, wanted, past, options.zone)
    if found is None:
        return failed
    now = requester.now if found.known is None else found.known.coverage.until
    until = now if span.until is None else span.until
    period = Period(span.since, until + _LATER if span.until is None else until, active=span.until is None)
    runs = [run for run in found.runs if period.counts(run)]
    say_source(replace(found, runs=runs, span=span), options.zone, why)
    if found.known is None and memory.begin is None:
        memory = _learn(found.runs, wanted, span, until)
    failures = [run for run in runs if run.status_class == FAILED and run.key not in memory.reasons]
    refused = found.lists is not None and found.lists.refused
    reading = await read_reasons(source, requester, () if refused else failures, redact=options.redact)
    whole = report_reasons(replace(reading, wanted=[run.key for run in failures]))
    memory = memory._replace(reasons=with_equal_words({**memory.reasons, **reading.reasons}))
    data = _input(runs, found, options, until, memory)
    seen = _seen(past, data)
    answer = brief(replace(data, seen=seen))
    sys.stdout.write(_text(answer, found, options))
    return failed or (0 if whole else UNANSWERED)


def _remember(past: Past | None, span: TimeSpan, now: float, hide: bytes | None) -> _Memory:
    """Return what the history knows; nothing if it begins after the span does."""
    if past is None:
        return _Memory()
    until = now if span.until is None else min(span.until, now)
    try:
        begin = past.begin
        if begin is None or begin >= span.since:
            return _Memory()
        return _Memory(
            begin,
            read_base(past, span.since, until),
            read_before(past, span.since, until),
            remembered_times(past, span.since, 1),
            explained_runs(past, span.since, until + _LATER, hide),
            coverage(past.watched(span.since, until), span.since, until),
        )
    except HistoryError:  # `counted_runs` says it
        return _Memory()


def _longer(span: TimeSpan, now: float) -> TimeSpan:
    """Return a span that reaches back to the same hours before, unless it is long."""
    until = now if span.until is None else min(span.until, now)
    return span if until - span.since > _LONGEST else TimeSpan(hours_before(span.since, until)[0], span.until)


def _learn(runs: Sequence[Run], wanted: TimeSpan, span: TimeSpan, until: float) -> _Memory:
    """Return what the runs from the API say of the time before the span."""
    if wanted.since >= span.since:
        return _Memory()
    earlier = [run for run in runs if not run.active and (run.ended or run.created or until) < span.since]
    base, before = base_of_runs(earlier, wanted.since, span.since, until)
    return _Memory(base=base, before=before, times=usual_times(earlier))


def _input(
    runs: Sequence[Run],
    found: Counted,
    options: BriefOptions,
    until: float,
    memory: _Memory,
) -> BriefInput:
    base, ended = memory.base, [run for run in runs if not run.active]
    watched = memory.watched if found.known is None else found.known.coverage
    if found.known is None and watched is not None and found.whole:
        watched = _read_now(watched)
    return BriefInput(
        since=options.span.since,
        until=until,
        now=until,
        runs=ended,
        active=[run for run in runs if run.active],
        names=found.names,
        reasons=memory.reasons,
        usual=base.usual,
        usual_since=base.usual_since,
        new_agents=base.new(ended),
        times=memory.times,
        before=None if memory.before is None else memory.before.runs,
        before_since=None if memory.before is None else memory.before.since,
        begin=memory.begin,
        coverage=watched,
        marks=options.marks,
        prices=options.prices,
        whole=found.known is None and found.whole,
    )


def _read_now(watched: TimeCoverage) -> TimeCoverage:
    """Return how a time was watched of which the API has just told what happened."""
    parts = tuple(part._replace(how=READ) if part.how == GAP else part for part in watched.parts)
    return TimeCoverage(watched.since, watched.until, parts, watched.outages)


def _seen(past: Past | None, data: BriefInput) -> Mapping[Reason, Seen]:
    own = {data.reasons[one.run.key] for one in data.failures if one.run.key in data.reasons}
    if past is None or data.begin is None:
        return {}
    try:
        return past.seen(own, data.since)
    except HistoryError:
        return {}


def _text(answer: Brief, found: Counted, options: BriefOptions) -> str:
    data, known = answer.data, found.known
    named = Named(options.name, data.since, data.until, options.span.until is None)
    if options.output == "json":
        head: dict[str, Any] = {
            "source": API if known is None else HISTORY,
            "whole": found.whole,
            "coverage": None if data.coverage is None else coverage_record(data.coverage, options.zone),
        }
        return to_json(versioned({**head, **brief_record(answer, named)}), indent=2) + "\n"
    remark = "From the API." if known is None else f"From the history: {known.words(options.zone)}."
    remark += "" if found.whole else " Not all runs of this time are known."
    write = brief_markdown if options.output == "markdown" else brief_text
    return write(answer, named, options.zone, remark)
