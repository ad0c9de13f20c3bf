"""`flowtui failures`: prints the failed runs of a span of time by reason."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, NamedTuple

from flowtui import formatting
from flowtui.config.memory.installation_key import installation_key
from flowtui.config.values.prices import Prices
from flowtui.errors import HistoryError
from flowtui.headless.one_shot import UNANSWERED, TimeSpan, print_note
from flowtui.headless.over_time.counted_runs import API, HISTORY, Counted, counted_runs, of_agent, say_source
from flowtui.headless.over_time.stats_output import coverage_record
from flowtui.headless.retry import Requester
from flowtui.headless.run_reasons import read_reasons, report_reasons
from flowtui.headless.tables import table
from flowtui.model.answers.failures import Failures, FailuresBy, failed_of, failures
from flowtui.model.answers.reason_news import Memory
from flowtui.model.export.failure_tables import (
    FailureNames,
    csv_columns,
    failure_columns,
    failures_markdown,
    failures_record,
    reason_record,
    sum_words,
)
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import json_line, versioned
from flowtui.model.export.tables import csv_lines
from flowtui.model.history.past import Past
from flowtui.model.history.remembered_reasons import remembered_reasons, with_equal_words
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.model.state.marks import Mark
from flowtui.source.http.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureOptions:
    """What to count and how to print it.

    `output`: table, json, jsonl, csv or markdown.
    `span`: the runs that ended in it count; without an end also those that are active now.
    `by`: rows for each of these and reason; None: for each reason.
    `agent`: the id or name of the only agent that counts; None: all.
    `redact`: whether the texts of reasons are hidden.
    """

    output: str
    span: TimeSpan
    by: FailuresBy | None = None
    agent: str | None = None
    marks: Sequence[Mark] = ()
    prices: Prices | None = None
    zone: tzinfo | None = None
    color: bool = False
    redact: bool = False


class Answer(NamedTuple):
    """The answer to print. `coverage`: how the time was watched, for JSON; None if the runs come from the API."""

    found: Failures
    names: FailureNames
    source: str
    whole: bool
    coverage: dict[str, Any] | None
    remarks: Sequence[str]
    """What the numbers rest on, for Markdown."""


async def show_failures(
    source: Client, requester: Requester, options: FailureOptions, past: Past | None = None
) -> int:
    """Print the failures by reason and return the exit code. `past`: the history; None if there is none.

    Raises UsageError if there is no such agent.
    """
    counted, failed, why = await counted_runs(source, requester, options.span, past, options.zone)
    if counted is None:
        return failed
    found = of_agent(counted, options.agent)
    say_source(found, options.zone, why)
    hide = installation_key() if options.redact else None
    reasons = dict(_remembered(past, found, hide))
    missing = [run for run in failed_of(found.runs) if run.key not in reasons]
    refused = found.lists is not None and found.lists.refused
    reading = await read_reasons(source, requester, () if refused else missing, redact=options.redact)
    reasons = with_equal_words({**reasons, **reading.reasons})
    whole = report_reasons(replace(reading, wanted=[run.key for run in missing]))
    answer = _answer(requester.now, found, options, reasons, _memory(past, found, options, reasons))
    print_note(sum_words(answer.found))
    sys.stdout.writelines(_text(answer, options))
    return failed or (0 if whole else UNANSWERED)


def _remembered(past: Past | None, found: Counted, hide: bytes | None) -> Mapping[RunKey, Reason]:
    """Return why runs failed, as far as it is remembered."""
    if past is None:
        return {}
    try:
        return remembered_reasons(past, [run.key for run in failed_of(found.runs)], hide)
    except HistoryError as error:
        print_note(f"the history cannot be read: {error}")
        return {}


def _memory(
    past: Past | None, found: Counted, options: FailureOptions, reasons: Mapping[RunKey, Reason]
) -> Memory:
    """Return what the history knows of these reasons from before the span."""
    if past is None:
        return Memory(options.marks)
    own = {reasons[run.key] for run in failed_of(found.runs) if run.key in reasons}
    try:
        return Memory(options.marks, past.begin, past.seen(own, found.span.since))
    except HistoryError:  # said already
        return Memory(options.marks)


def _answer(
    now: float, found: Counted, options: FailureOptions, reasons: Mapping[RunKey, Reason], memory: Memory
) -> Answer:
    now = now if found.known is None else found.known.coverage.until
    runs = sorted(
        (run for run in found.runs if not run.active), key=lambda run: moment_of(run) or 0.0, reverse=True
    )
    until = now if found.span.until is None else found.span.until
    gone = Counter[str]()
    for one in found.gone:
        gone[one.status_class] += one.runs
    rows = failures(
        runs,
        found.span.since,
        until,
        reasons,
        memory=memory,
        active=len(found.runs) - len(runs),
        by=options.by,
        gone=gone,
    )
    known = found.known
    names = FailureNames(
        agents=found.names,
        marks=options.marks,
        begin=memory.begin,
        now=now,
        zone=options.zone,
        prices=options.prices,
        by=options.by,
    )
    said = "From the API." if known is None else f"From the history: {known.words(options.zone)}."
    return Answer(
        rows,
        names,
        API if known is None else HISTORY,
        found.whole,
        None if known is None else coverage_record(known.coverage, options.zone),
        [said],
    )


def _text(answer: Answer, options: FailureOptions) -> Iterable[str]:
    found, names, rows = answer.found, answer.names, answer.found.reasons
    if options.output == "json":
        document = {
            "source": answer.source,
            "whole": answer.whole,
            "coverage": answer.coverage,
            **failures_record(found, names),
        }
        return (to_json(versioned(document), indent=2) + "\n",)
    if options.output == "jsonl":
        return (json_line(_line(answer, reason_record(one, names))) for one in rows)
    if options.output == "csv":
        return csv_lines(csv_columns(names), rows)
    if options.output == "markdown":
        return failures_markdown(found, names, answer.remarks)
    return (table(failure_columns(names), rows, color=options.color),)


def _line(answer: Answer, record: dict[str, Any]) -> dict[str, Any]:
    """Return a line of jsonl: a reason, and of which time."""
    return {
        "since": formatting.iso_time(answer.found.since),
        "until": formatting.iso_time(answer.found.until),
        "source": answer.source,
        "whole": answer.whole,
        **record,
    }
