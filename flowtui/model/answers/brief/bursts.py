"""Reasons that came within the time range, and perhaps went again: more often in some minutes than chance allows. Pure.

The minutes are found by a scan over the runs of the agents that have the reason, in the order of their ends: of all spans
between two failures, the one that is least like the rest (Kulldorff's scan statistic).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from flowtui.model.answers.brief.chance import at_most, more_often
from flowtui.model.answers.brief.inputs import BriefInput, Ended
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run

FEWEST: Final = 5
"""Fewer failures make no sentence."""
LEVEL: Final = 1e-4
"""The probability, at most, with which chance makes a sentence that says runs failed more."""
NO_REASON: Final = Reason("no reason known yet", "")
"""Stands for the failures of which no reason is known."""

_PLACES: Final = 120  # failures of one reason between which spans are tried; of more, some are left out
_GONE: Final = 1e-3  # so improbable are the runs after the last failure, if the reason had not gone
_MANY: Final = 10  # fewer failures of a reason are not more than usual
_TRIED: Final = 1000  # a night has many reasons, and those of one thread are alike
_ALIKE: Final = 0.5  # the part of the shorter of two spans in which reasons of one tool came at the same time
_ONLY: Final = 0.95  # share of the failures on one model
_OTHERS: Final = 5  # runs on other models in the same time, so that it is worth a word


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A reason that came.

    `failed`: the runs that failed for it, in the order of their ends; `since`, `until`: when the first and the last of them
    failed. `more`: how many other reasons of the same tool came in
    the same minutes; their failures are in `failed`.
    `runs`: how many runs of its agents ended from the first of these failures to the last.
    `after`: how many ended later, and `after_failed` of them failed for the same reason.
    `over`: whether it went: there would have been more failures later, if not by chance.
    `model`: the only model of these runs, if others had it less often; else "".
    """

    reason: Reason
    failed: Sequence[Run]
    since: float
    until: float
    runs: int
    after: int
    after_failed: int
    over: bool
    more: int = 0
    model: str = ""

    @property
    def agents(self) -> list[str]:
        """The ids of its agents, the one with the most failures first."""
        return [agent for agent, _ in Counter(run.agent_id for run in self.failed).most_common()]


def bursts(data: BriefInput) -> list[Burst]:
    """Return the reasons that came, the one with the most failures first."""
    failures: defaultdict[Reason, list[Ended]] = defaultdict(list)
    for one in data.failures:
        failures[data.reasons.get(one.run.key, NO_REASON)].append(one)
    table = weighed_logs(len(data.ended))
    found = []
    for reason, failed in failures.items():
        if len(failed) < FEWEST:
            continue
        exposed = _exposed(failed, data.ended)
        span = _span(failed, exposed, len(failures), table)
        if span is None and _more_than_usual(data, reason, len(failed), exposed):
            span = (0, len(failed) - 1)
        if span is not None:
            found.append(_Came(reason, failed[span[0]].at, failed[span[1]].at, len(failed)))
    made = []
    for group in _together(found):
        failed = sorted((one for came in group for one in failures[came.reason]), key=lambda one: one.at)
        made.append(_burst(group, failed, _exposed(failed, data.ended), data))
    return sorted(made, key=lambda one: (-len(one.failed), one.since))


class _Came(NamedTuple):
    """When a reason came: the ends of its first and its last run."""

    reason: Reason
    since: float
    until: float
    failed: int


def _exposed(failed: Sequence[Ended], ended: Iterable[Ended]) -> list[Ended]:
    """Return the runs of the agents that these failed runs have, in the order of their ends."""
    agents = {one.run.agent_id for one in failed}
    return [one for one in ended if one.run.agent_id in agents]


def _span(
    failed: Sequence[Ended], exposed: Sequence[Ended], reasons: int, table: Sequence[float]
) -> tuple[int, int] | None:
    """Return the numbers of the first and last failure of the span; None if chance may have made it."""
    times = [one.at for one in exposed]
    many, whole = len(failed), len(exposed)
    step = max(1, many // _PLACES)
    tried = sorted({*range(0, many, step), many - 1})
    lows = [(place, bisect_left(times, failed[place].at)) for place in tried]
    highs = [(place + 1, bisect_right(times, failed[place].at)) for place in tried]
    best, span = 0.0, None
    for first, low in lows:
        for last, high in highs:
            if last - first >= FEWEST and (own := odds(last - first, high - low, many, whole, table)) > best:
                best, span = own, (first, last - 1)
    limit = math.log(reasons * len(tried) * (len(tried) + 1) / 2 / LEVEL)
    return span if best > limit else None


def weighed_logs(most: int) -> list[float]:
    """Return for each number up to `most` the number times its logarithm."""
    return [0.0, *(number * math.log(number) for number in range(1, most + 1))]


def odds(hits: int, runs: int, many: int, whole: int, table: Sequence[float]) -> float:
    """Return by how much a share of its own in a span is likelier than one share everywhere, as a logarithm.

    0 if the share in the span is not higher. `hits` of `runs` in the span, `many` of `whole` altogether. `table`: see
    `weighed_logs`.
    """
    rest, others = many - hits, whole - runs
    if hits * others <= rest * runs:
        return 0.0
    apart = (
        table[hits] + table[runs - hits] - table[runs] + table[rest] + table[others - rest] - table[others]
    )
    return apart - (table[many] + table[whole - many] - table[whole])


def _more_than_usual(data: BriefInput, reason: Reason, hits: int, exposed: Sequence[Ended]) -> bool:
    """Whether a reason came more often in the whole range than before it.

    What is remembered of the reason counts as if it had been in the days of `usual`: that can only hide something.
    """
    agents = {one.run.agent_id for one in exposed}
    base = sum(data.usual[agent].runs for agent in agents if agent in data.usual)
    if not base or hits < _MANY or reason is NO_REASON:
        return False
    seen = data.seen.get(reason)
    before = min(base, 0 if seen is None else seen.runs)
    often = hits * base >= 3 * before * len(exposed)
    return often and more_often(hits, len(exposed), before, base) < LEVEL / _TRIED


def _burst(
    group: Sequence[_Came], failed: Sequence[Ended], exposed: Sequence[Ended], data: BriefInput
) -> Burst:
    begin, end = min(came.since for came in group), max(came.until for came in group)
    inside = [one.run for one in failed if begin <= one.at <= end]
    runs = sum(begin <= one.at <= end for one in exposed)
    after = sum(one.at > end for one in exposed)
    later = sum(one.at > end for one in failed)
    return Burst(
        reason=group[0].reason,
        failed=inside,
        since=begin,
        until=end,
        runs=runs,
        after=after,
        after_failed=later,
        over=at_most(later, after, len(inside) / runs) < _GONE,
        more=len(group) - 1,
        model=_only_model(inside, (one.run for one in data.ended if begin <= one.at <= end)),
    )


def _only_model(failed: Sequence[Run], ended: Iterable[Run]) -> str:
    """Return the model of nearly all failed runs, if runs on other models ended in the same time; else ""."""
    model, count = Counter(run.model for run in failed).most_common(1)[0]
    others = sum(run.model != model for run in ended)
    return model if count >= _ONLY * len(failed) and others >= _OTHERS else ""


def _together(found: Iterable[_Came]) -> list[list[_Came]]:
    """Return the reasons, those of one tool that came at the same time together, the one with the most failures first."""
    groups: list[list[_Came]] = []
    for one in sorted(found, key=lambda came: -came.failed):
        same = next((group for group in groups if _coincide(group[0], one)), None)
        if same is None:
            groups.append([one])
        else:
            same.append(one)
    return groups


def _coincide(one: _Came, other: _Came) -> bool:
    if one.reason.source != other.reason.source or one.reason.source in ("", "model"):
        return False
    shared = min(one.until, other.until) - max(one.since, other.since)
    return shared > _ALIKE * min(one.until - one.since, other.until - other.since)
