"""Reasons that came within the time range, and perhaps went again: more often in some minutes than chance allows. Pure.

The minutes are found by a scan over the runs of the agents that have the reason, in the order of their ends: of all spans
between two failures, the one that is least like the rest (Kulldorff's scan statistic).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from flowtui.model.answers.brief.chance import at_most, more_often
from flowtui.model.answers.brief.inputs import BriefInput, Ended
from flowtui.model.answers.brief.scan import FEWEST, densest, weighed_logs
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run

LEVEL: Final = 1e-4
"""The probability, at most, with which chance makes a sentence that says runs failed more."""
NO_REASON: Final = Reason("no known reason yet", "")
"""Stands for the failures of which no reason is known."""

_GONE: Final = 1e-3  # so improbable are the runs after the last failure, if the reason had not gone
_MANY: Final = 10  # fewer failures of a reason are not more than usual
_TRIED: Final = 1000  # a night has many reasons, and those of one thread are alike
_ALIKE: Final = 0.5  # the part of the shorter of two spans in which reasons of one tool came at the same time
_ONLY: Final = 0.95  # share of the failures on one model
_OTHERS: Final = 5  # runs on other models in the same time, so that it is worth a word

_AT: Final[Callable[[Ended], float]] = itemgetter(0)


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
    table, exposures = weighed_logs(len(data.ended)), _Exposures(data.ended)
    found = []
    for reason, failed in failures.items():
        if len(failed) < FEWEST:
            continue
        exposed = exposures.of(failed)
        span = densest([one.at for one in failed], exposed, LEVEL / len(failures), table)
        if span is None and _more_than_usual(data, reason, len(failed), exposed):
            span = (0, len(failed) - 1)
        if span is not None:
            found.append(_Came(reason, failed[span[0]].at, failed[span[1]].at, len(failed)))
    made = []
    for group in _together(found):
        failed = sorted((one for came in group for one in failures[came.reason]), key=lambda one: one.at)
        made.append(_burst(group, failed, exposures.of(failed), data))
    return sorted(made, key=lambda one: (-len(one.failed), one.since))


class _Came(NamedTuple):
    """When a reason came: the ends of its first and its last run."""

    reason: Reason
    since: float
    until: float
    failed: int


class _Exposed(NamedTuple):
    """The ended runs of some agents: those in `times` less those in `others`, each list in order; `failed`: how many failed."""

    agents: frozenset[str]
    times: Sequence[Sequence[float]]
    others: Sequence[Sequence[float]]
    failed: int

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return sum(map(len, self.times)) - sum(map(len, self.others))

    def before(self, at: float) -> int:
        """Return how many of the runs ended before a time."""
        return _added(bisect_left, self.times, at) - _added(bisect_left, self.others, at)

    def until(self, at: float) -> int:
        """Return how many of the runs ended at a time or before it."""
        return _added(bisect_right, self.times, at) - _added(bisect_right, self.others, at)


def _added(
    bisect: Callable[[Sequence[float], float], int], times: Sequence[Sequence[float]], at: float
) -> int:
    found = 0
    for own in times:
        found += bisect(own, at)
    return found


class _Exposures:
    """The runs of each agent, by their ends."""

    def __init__(self, ended: Sequence[Ended]) -> None:
        self._times: defaultdict[str, list[float]] = defaultdict(list)
        self._failed: Counter[str] = Counter()
        self._all = [list(map(_AT, ended))]
        for at, run in ended:
            self._times[run.agent_id].append(at)
            if run.status_class == FAILED:
                self._failed[run.agent_id] += 1

    def of(self, failed: Iterable[Ended]) -> _Exposed:
        """Return the runs of the agents that these failed runs have."""
        agents = frozenset(one.run.agent_id for one in failed)
        others = self._times.keys() - agents
        failures = sum(map(self._failed.__getitem__, agents))
        if len(others) < len(agents):  # nearly all agents may have a reason: fewer lists are faster
            return _Exposed(agents, self._all, [self._times[agent] for agent in others], failures)
        return _Exposed(agents, [self._times[agent] for agent in agents], (), failures)


def _more_than_usual(data: BriefInput, reason: Reason, hits: int, exposed: _Exposed) -> bool:
    """Whether a reason came more often in the whole range than before it, and more runs of its agents failed.

    What is remembered of the reason counts as if it had been in the days of `usual`: that can only hide something. As of
    some earlier failures the reason may be unknown, all failures together must be more, too.
    """
    known = [data.usual[agent] for agent in exposed.agents if agent in data.usual]
    base, failed, runs = sum(one.runs for one in known), sum(one.failed for one in known), exposed.runs
    seen = data.seen.get(reason)
    looked_up = seen is not None or data.is_new(reason)
    if not base or hits < _MANY or reason is NO_REASON or not looked_up:
        return False
    before = min(base, 0 if seen is None else seen.runs)
    return (
        hits * base >= 3 * before * runs
        and more_often(hits, runs, before, base) < LEVEL / _TRIED
        and more_often(exposed.failed, runs, failed, base) < LEVEL
    )


def _burst(group: Sequence[_Came], failed: Sequence[Ended], exposed: _Exposed, data: BriefInput) -> Burst:
    begin, end = min(came.since for came in group), max(came.until for came in group)
    inside = [one.run for one in failed if begin <= one.at <= end]
    last = exposed.until(end)
    runs, after = last - exposed.before(begin), exposed.runs - last
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
