"""How probable it is that a comparison holds, by what the runs of both sides say at an interim look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from flowtui.model.gate import pooling
from flowtui.model.gate.beliefs import Belief, Limits, limits, sides
from flowtui.model.gate.interim_looks import Look, look
from flowtui.model.gate.samples import Sample
from flowtui.model.gate.tree import RATES, Compare, asks_base

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

    def sides(self, shift: float) -> tuple[float, float]:
        """Return two probabilities: that the true value is at most the limit plus `shift`, and that it is at least that."""
        return _sides(self.leaf, self.possible, self.base_runs, shift)


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
    at_most, at_least = _sides(leaf, possible, base_runs, 0.0)
    good, bad = (at_most, at_least) if leaf.at_most else (at_least, at_most)
    seen = possible[0].new
    shares = sum(each.weight * each.new.n / (each.new.worth or each.new.n) for each in possible)
    return Odds(leaf, when, good, bad, seen.n, 1 / shares, seen.value, base_runs, possible)


def _sides(leaf: Compare, possible: Sequence[_Possible], base_runs: int, shift: float) -> tuple[float, float]:
    at_most = at_least = 0.0
    for each in possible:
        most, least = sides(each.new, each.limits, shift)
        at_most += each.weight * most
        at_least += each.weight * least
    if leaf.metric in RATES and asks_base(leaf.limit):
        # One failure by chance in a small base with few failures promises too much: a limit that is too high.
        at_least = min(1.0, at_least * (1 + _FEW / base_runs))
    return at_most, at_least
