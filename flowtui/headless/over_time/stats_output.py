"""The output of `flowtui stats`: a table, CSV or JSON. Field names of JSON are a public interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from flowtui import formatting
from flowtui.headless.over_time.stats_columns import Watched, csv_columns, numbers, table_columns
from flowtui.headless.tables import table
from flowtui.model.export.json_text import to_json
from flowtui.model.export.records import json_line, versioned
from flowtui.model.export.tables import csv_lines
from flowtui.model.history.coverage import GAP, TimeCoverage, coverage_words
from flowtui.model.history.past import LIVE, READ, UNANSWERED
from flowtui.model.history.statistics import Group
from flowtui.model.history.statistics_groups import By

_MILLI = 3
_SHARE = 6  # digits of a share after the point


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The statistics to print.

    `source`: `history` or `api`.
    `everything`: all runs together.
    `groups`: the agents, hours and so on; [] without `by`.
    `coverage`: how the time was watched; None if the runs come from the API.
    `priced`: whether there are prices.
    `whole`: whether all runs of the time are known.
    `agent`: what JSON says of the only agent besides; None if it is not about one.
    """

    source: str
    by: By | None
    everything: Group
    groups: Sequence[Group]
    coverage: TimeCoverage | None
    priced: bool
    whole: bool
    agent: Mapping[str, Any] | None = None

    @property
    def rows(self) -> Sequence[Group]:
        """What CSV and JSON lines list: the groups, or without `by` all runs together."""
        return [self.everything] if self.by is None else self.groups

    def watched(self) -> Watched:
        """Return how the time of each hour or day, and the whole time, was watched; {} for the API."""
        if self.coverage is None:
            return {}
        times = [(group.since, group.until) for group in (*self.groups, self.everything)]
        return {time: self.coverage.within(*time) for time in dict.fromkeys(times)}


def stats_text(answer: Answer, output: str, *, zone: tzinfo | None, color: bool) -> Iterable[str]:
    """Return the statistics as `table`, `json`, `jsonl` or `csv`. `zone`: the time zone of a table (None: the local one)."""
    if output == "json":
        return (_document(answer, zone),)
    if output == "jsonl":
        return map(json_line, _records(answer, answer.rows))
    watched = answer.watched()
    if output == "csv":
        return csv_lines(csv_columns(answer.by, watched), answer.rows)
    by_time = answer.by in ("hour", "day")
    columns = table_columns(answer.by, priced=answer.priced, zone=zone, watched=watched if by_time else {})
    rows = [*answer.groups, answer.everything]
    return (table(columns, rows, color=color),)


def _document(answer: Answer, zone: tzinfo | None) -> str:
    found = answer.coverage
    document = {
        "source": answer.source,
        "since": formatting.iso_time(answer.everything.since),
        "until": formatting.iso_time(answer.everything.until),
        "by": answer.by,
        "whole": answer.whole,
        "coverage": None if found is None else coverage_record(found, zone),
        "all": numbers(answer.everything.statistics),
        "groups": _records(answer, answer.groups),
        **({} if answer.agent is None else {"agent": answer.agent}),
    }
    return to_json(versioned(document), indent=2) + "\n"


def _records(answer: Answer, rows: Sequence[Group]) -> list[dict[str, Any]]:
    watched = answer.watched()
    return [_record(group, answer, watched.get((group.since, group.until))) for group in rows]


def _record(group: Group, answer: Answer, found: TimeCoverage | None) -> dict[str, Any]:
    named = {"key": group.key, "name": group.name} if answer.by not in (None, "hour", "day") else {}
    return {
        "by": answer.by,
        **named,
        "since": formatting.iso_time(group.since),
        "until": formatting.iso_time(group.until),
        "source": answer.source,
        "whole": answer.whole,
        "watched": None if found is None or found.share is None else round(found.share, _SHARE),
        **numbers(group.statistics),
    }


def coverage_record(found: TimeCoverage, zone: tzinfo | None) -> dict[str, Any]:
    """Return how a span of time was watched, for JSON."""
    return {
        "text": coverage_words(found, zone),
        "share": None if found.share is None else round(found.share, _SHARE),
        **{f"{how}_s": round(found.seconds(how), _MILLI) for how in (LIVE, READ, UNANSWERED, GAP)},
        "parts": [
            {
                "since": formatting.iso_time(part.since),
                "until": formatting.iso_time(part.until),
                "how": part.how,
                "why": part.why or None,
            }
            for part in found.parts
        ],
    }
