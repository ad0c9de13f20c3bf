"""What ended in the time before a time range: how many runs, and how many failed for which reason. Reads the history.

Whole quarters of an hour come from the sums, so that not every run is read.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flowtui.model.history.gone_rows import QUARTER
from flowtui.model.history.past import Past
from flowtui.model.history.remembered_reasons import explained_runs
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import TERMINAL
from flowtui.model.state.marks import Mark


class EndedSince(NamedTuple):
    """How many runs ended from a time until the begin of the range."""

    since: float
    runs: int


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """What ended from `since` until before `until`, where the time range begins. Times are UTC epoch seconds.

    `ended`: how many runs. `failed`: reason → how many of them failed for it.
    `before_mark`: a mark in the time range → how many runs ended in a time as long as the range before the mark, of those
    that ended before the range.
    """

    since: float
    until: float
    ended: int
    failed: Mapping[Reason, int]
    before_mark: Mapping[Mark, EndedSince] = field(default_factory=dict)


def earlier_runs(
    past: Past, since: float, until: float, marks: Sequence[Mark] = (), hide: bytes | None = None
) -> EarlierRuns | None:
    """Return what ended in a time as long as that from `since` until `until` before it; None if it is not all remembered.

    `marks`: those in the time range. `hide`: see `shown_reasons`. Raises HistoryError.
    """
    begin, length = past.begin, until - since
    if begin is None or begin > since - length:
        return None
    failed = Counter(explained_runs(past, since - length, since, hide).values())
    before_mark = {
        mark: EndedSince(mark.at - length, ended_between(past, mark.at - length, since))
        for mark in marks
        if since < mark.at <= until
    }
    return EarlierRuns(since - length, since, ended_between(past, since - length, since), failed, before_mark)


def ended_between(past: Past, since: float, until: float) -> int:
    """Return how many remembered runs ended from `since` until before `until`. Raises HistoryError."""
    first, last = math.ceil(since / QUARTER) * QUARTER, math.floor(until / QUARTER) * QUARTER
    if first >= last:
        return _rows(past, since, until)
    step = max(QUARTER, last - first)
    whole = sum(one.runs for one in past.sums(first, last, step) if one.status_class in TERMINAL)
    return whole + _rows(past, since, first) + _rows(past, last, until)


def _rows(past: Past, since: float, until: float) -> int:
    return sum(run.terminal for run in past.runs(since, until, "ended")) if since < until else 0
