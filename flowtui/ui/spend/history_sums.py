"""What the history knows besides the runs that are read one by one: sums of the range, and of the same hours before. Blocks.

Each function is called in a thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.model.answers.spend.spent import key_reader, whole_sums
from flowtui.model.history.coverage import TimeCoverage, coverage, with_present
from flowtui.model.history.gone_rows import QUARTER
from flowtui.model.history.past import Past, SpentBy, SpentSum
from flowtui.model.run.row import TERMINAL, Run
from flowtui.ui.spend.time_ranges import SpendRange

_WATCHED: Final = 0.9  # of the hours before must have been watched, or read afterwards, to compare with them
_KEPT: Final = 0.9  # and so many of their rows must be kept
_DEAREST: Final = 40
_ALL: Final = 1e15  # seconds: one step for all time


class Asked(NamedTuple):
    """What was asked for. Times are UTC epoch seconds by the server's clock."""

    range: SpendRange
    by: SpentBy
    since: float
    recent: float
    """From when on runs are read one by one."""
    now: float
    step: float
    releases: tuple[float, ...]


class Older(NamedTuple):
    """What the history knows besides the runs that are read one by one."""

    sums: Sequence[SpentSum] = ()
    """Of the range, up to `Asked.recent`."""
    before: Sequence[SpentSum] | None = None
    """Of the same hours before; None if they are not known."""
    before_since: float | None = None
    why: str = ""
    """Why the same hours before are not known."""
    begin: float | None = None
    """Since when there is a history; None without one."""
    coverage: TimeCoverage | None = None
    """How the range was watched."""
    gone: int = 0
    """Of how many runs of the range, at least, only sums by agent are kept."""


def reader_of(asked: Asked) -> Callable[[Run], str]:
    """Return the function that says to which key a run belongs."""
    return key_reader(asked.by, asked.releases)


def read_dearest(
    past: Past, *, asked: Asked, key: str, weights: Mapping[str, tuple[float, float]]
) -> list[Run]:
    """Return the runs of a key that used most, of those that are only in the history. `weights`: see `Past.dearest`."""
    return past.dearest(
        asked.since, asked.recent, asked.by, key, most=_DEAREST, weights=weights, releases=asked.releases
    )


def read_older(past: Past, *, asked: Asked, offset: float, local: float, answers: bool) -> Older:
    """Return what the history knows. Blocks."""
    begin = past.begin
    if begin is None:
        return Older()
    begin += offset
    sums: Sequence[SpentSum] = ()
    gone = 0
    if asked.recent > asked.since:
        sums = past.spent(asked.since, asked.recent, asked.by, asked.step, asked.releases)
        gone = max(0, _ended(past, asked.since, asked.recent) - sum(one.runs for one in sums))
    spans = with_present(past.watched(asked.since - offset, local), local, answered=answers)
    watched = coverage(spans, asked.since - offset, local).shifted(offset)
    before, since, why = _before(past, asked, begin, offset)
    return Older(sums, before, since, why, begin, watched, gone)


def _before(
    past: Past, asked: Asked, begin: float, offset: float
) -> tuple[Sequence[SpentSum] | None, float | None, str]:
    """Return the sums of the same hours before, when they began, and why they are not known."""
    since, until = asked.range.hours_before(asked.since, asked.now)
    if begin > since:
        return None, None, "is not remembered"
    watched = coverage(past.watched(since - offset, until - offset), since - offset, until - offset)
    if (watched.share or 0.0) < _WATCHED:
        return None, None, "was not watched"
    found = whole_sums(past.spent(since, until, asked.by, _ALL, asked.releases))
    if sum(one.runs for one in found) < _KEPT * _ended(past, since, until):
        return None, None, "is kept as sums only"
    return found, since, ""


def _ended(past: Past, since: float, until: float) -> int:
    """Return how many runs ended in the whole quarters of an hour of a time."""
    first, last = math.ceil(since / QUARTER) * QUARTER, math.floor(until / QUARTER) * QUARTER
    if first >= last:
        return 0
    return sum(
        one.runs for one in past.sums(first, last, max(QUARTER, last - first)) if one.status_class in TERMINAL
    )
