"""How probable it is that a comparison holds, by what the runs of both sides say at an interim look."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowtui.model.gate import beliefs, pooling
from flowtui.model.gate.beliefs import Belief, Limits, limits
from flowtui.model.gate.deciding_interval import Deciding, deciding_interval
from flowtui.model.gate.interim_looks import Look, look
from flowtui.model.gate.samples import Sample
from flowtui.model.gate.tree import METRICS, RATES, RUNS_PER_MIN, Compare, asks_base

_FEW: Final = 15  # runs by which a base is too small to be sure of a rate near 0


class _Possible(NamedTuple):
    """What is believed if the runs of a thread are as much alike as one possibility says."""

    weight: float
    """How probable the possibility is; all together have the weight 1."""
    new: Belief
    limits: Limits
    """The possible values of the limit."""


@dataclass(frozen=True, slots=True)
class Odds:
    """How probable it is that a comparison holds, and on how many runs that rests."""

    leaf: Compare
    look: Look
    good: float
    """The probability that the comparison holds."""
    bad: float
    """The probability that the comparison does not hold."""
    counted: int
    """How many runs of the look have a value."""
    worth: float
    """The part of these runs that counts as independent, above 0, at most 1."""
    value: float
    """The estimate of the metric for the runs of the look."""
    base_runs: int
    """How many runs of the base may have a value."""
    possible: Sequence[_Possible]
    intervals: dict[tuple[float, float, float], Deciding] = field(default_factory=dict, compare=False)
    """Limit and levels → the interval that decides, as far as it was computed."""

    def deciding(self, limit: float, fail: float, passing: float) -> Deciding:
        """Return the interval that decides. `limit`: the estimated limit. `fail`, `passing`: the levels of the look."""
        key = (limit, fail, passing)
        if key not in self.intervals:
            low, high = (fail, passing) if self.leaf.at_most else (passing, fail)
            most = 1.0 if METRICS[self.leaf.metric] == "share" else math.inf
            self.intervals[key] = deciding_interval(
                self.at_most, self.at_least, limit, self.value, low_level=low, high_level=high, most=most
            )
        return self.intervals[key]

    def at_most(self, shift: float) -> float:
        """Return the probability that the true value is at most the limit plus `shift`."""
        return _at_most(self.possible, shift)

    def at_least(self, shift: float) -> float:
        """Return the probability that the true value is at least the limit plus `shift`."""
        return _at_least(self.leaf, self.possible, self.base_runs, shift)


class KeptOdds:
    """The odds of the last judgement. The next one computes only those that changed: most new runs reach no new look."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str | None, Compare], tuple[_Evidence, Odds | None]] = {}

    def odds_of(
        self, agent: str | None, leaf: Compare, base: Sample, new: Sample, *, final: bool
    ) -> Odds | None:
        """Return the odds of a comparison for an agent (None: all runs), as `odds_of` does."""
        seen = _evidence(leaf, base, new, final=final)
        if seen is None:
            return odds_of(leaf, base, new, final=final)
        before = self._kept.get((agent, leaf))
        if before is None or before[0] != seen:
            before = self._kept[agent, leaf] = seen, odds_of(leaf, base, new, final=final)
        return before[1]


class _Evidence(NamedTuple):
    """All that the odds of a comparison depend on."""

    look: Look
    base_runs: int
    new: Sequence[object]
    base: Sequence[object]


def _evidence(leaf: Compare, base: Sample, new: Sample, *, final: bool) -> _Evidence | None:
    """Return all that the odds depend on; None if they also depend on the time, or before the first look."""
    when = look(new.size(leaf.metric), final=final)
    if when is None or leaf.metric == RUNS_PER_MIN:
        return None
    first = None if final else when.runs
    read = Sample.moments if leaf.metric in RATES else Sample.values
    return _Evidence(when, base.size(leaf.metric), read(new, leaf.metric, first), read(base, leaf.metric))


def odds_of(leaf: Compare, base: Sample, new: Sample, *, final: bool) -> Odds | None:
    """Return the odds of a comparison at the latest look that is due; None before the first, or with too few values.

    `final`: whether there will be no further look.
    """
    when = look(new.size(leaf.metric), final=final)
    if when is None:
        return None
    first = None if final else when.runs
    compared = asks_base(leaf.limit)
    possible: list[_Possible] = []
    for nature in pooling.natures(leaf.metric, new, base, first, compared=compared):
        seen = new.belief(leaf.metric, first, nature.new)
        before = base.belief(leaf.metric, None, nature.base) if compared else None
        if seen is None or not seen.places or (compared and (before is None or not before.places)):
            return None
        possible.append(_Possible(nature.weight, seen, limits(before, leaf.limit.at)))
    base_runs = base.size(leaf.metric)
    at_most, at_least = _at_most(possible, 0.0), _at_least(leaf, possible, base_runs, 0.0)
    good, bad = (at_most, at_least) if leaf.at_most else (at_least, at_most)
    seen = possible[0].new
    shares = sum(each.weight * each.new.n / (each.new.worth or each.new.n) for each in possible)
    return Odds(leaf, when, good, bad, seen.n, 1 / shares, seen.value, base_runs, possible)


def _at_most(possible: Sequence[_Possible], shift: float) -> float:
    return sum(each.weight * beliefs.at_most(each.new, each.limits, shift) for each in possible)


def _at_least(leaf: Compare, possible: Sequence[_Possible], base_runs: int, shift: float) -> float:
    found = sum(each.weight * beliefs.at_least(each.new, each.limits, shift) for each in possible)
    if leaf.metric in RATES and asks_base(leaf.limit):
        # One failure by chance in a small base with few failures promises too much: a limit that is too high.
        return min(1.0, found * (1 + _FEW / base_runs))
    return found
