"""Interim looks of the gate: at which numbers of runs it is judged, and at which level each look decides.

Repeated looks raise the chance of a false alarm, so each look spends a part of the error budget alpha. The numbers of
runs are fixed, each a quarter larger than the one before, so judging more often changes nothing. How much is spent
depends only on the number of new runs, so a larger base makes no verdict later. The final look spends all that is left.

The looks see mostly the same runs, so a false alarm at one look often is one at the next, too. Therefore a look may
decide at a higher level than what it spends. The levels follow from the usual model of group sequential tests: the
evidence adds up like a random walk, and its distribution is carried from look to look (Armitage, McPherson and Rowe;
Lan and DeMets). How far the walk goes between two looks is how much they add to the evidence, of which the base limits
the total.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from operator import mul
from typing import Final, NamedTuple

FIRST: Final = 5
"""Number of runs on the new side at the first look."""


class Spending(NamedTuple):
    """How much of alpha the interim looks may spend: each part is (of alpha, number of runs at which half is spent)."""

    soon: tuple[float, int]
    """The part for looks at few runs."""
    later: tuple[float, int]
    """The part for looks at many runs, which only a large release reaches."""

    def at(self, runs: int) -> float:
        """Return the part of alpha that all looks at up to `runs` runs may spend together."""
        return math.fsum(part * runs / (runs + half) for part, half in self)

    @property
    def early(self) -> float:
        """The part of alpha that all interim looks may spend together."""
        return self.soon[0] + self.later[0]


FAILING: Final = Spending((0.15, 15), (0.3, 3_000))
"""For a release that is refused. A bad release shows soon; most of alpha is kept for smaller changes at the final look."""

PASSING: Final = Spending((0.3, 40), (0.4, 1_500))
"""For a release that passes: more is spent early, so that a good release need not wait for the final look."""

LAST: Final = 0.8
"""About the level of a final look at some hundred runs, as a part of alpha."""

_CELLS: Final = 64  # cells into which the distribution of the evidence is divided
_LOWEST: Final = -4.0  # all evidence below, in standard deviations, is put into the first cell
_HALVINGS: Final = 26
_ALL: Final = 1 - 1e-12  # more than this is all
_ROOT: Final = math.sqrt(0.5)


class Look(NamedTuple):
    """An interim look at the first runs of the new side."""

    runs: int
    """The number of these runs."""
    final: bool
    """Whether it is the last look."""


class _Walk(NamedTuple):
    """The distribution of the evidence after a look, where it has not led to an alarm."""

    evidence: float
    """How much is known, in runs: that of a comparison with an endless base of as many new runs."""
    spent: float
    """The probability of an alarm up to now."""
    middles: tuple[float, ...]
    """The middle of each cell."""
    chances: tuple[float, ...]
    """The probability of each cell."""
    width: float
    """The width of the cells."""


_START: Final = _Walk(0.0, 0.0, (0.0,), (1.0,), 0.0)


def sizes() -> Iterator[int]:
    """Yield the number of runs at each interim look, without end: 5, 7, 9, 12, 15, 19, 24, ..."""
    size = FIRST
    while True:
        yield size
        size = -(-size * 5 // 4)


def look(new: int, *, final: bool) -> Look | None:
    """Return the latest look that is due with `new` runs on the new side; None before the first.

    If `final`, return the last look, at all `new` runs.
    """
    if final:
        return Look(new, final=True) if new else None
    size = max(takewhile(lambda size: size <= new, sizes()), default=0)
    return Look(size, final=False) if size else None


def level(alpha: float, at: Look, base: int | None, spending: Spending) -> float:
    """Return the level at which a look decides, so that the looks together are wrong with a probability of `alpha`.

    `base`: the number of runs of the base; None if nothing is compared with it.
    """
    base = None if base is None else _size(max(base, FIRST), up=True)
    if not at.final:
        return _early(alpha, at.runs, base, spending)[0]
    # An interim look with the same number of runs is part of the final one.
    walk = _before(alpha, at.runs, base, spending)
    return _bound(walk, _evidence(at.runs, base), alpha - walk.spent)[0]


@lru_cache(maxsize=64)
def _size(runs: int, *, up: bool) -> int:
    """Return the largest number of runs of a look that is less than `runs`; 0 if there is none.

    If `up`, return the smallest that is not less.
    """
    before = 0
    for size in sizes():
        if size >= runs:
            return size if up else before
        before = size
    raise AssertionError


def _evidence(runs: int, base: int | None) -> float:
    return float(runs) if base is None else runs * base / (runs + base)


def _before(alpha: float, runs: int, base: int | None, spending: Spending) -> _Walk:
    """Return the distribution after the last interim look at fewer runs."""
    size = _size(runs, up=False)
    return _early(alpha, size, base, spending)[1] if size else _START


@lru_cache(maxsize=2048)
def _early(alpha: float, runs: int, base: int | None, spending: Spending) -> tuple[float, _Walk]:
    """Return the level of the interim look at this number of runs, and the distribution after it."""
    walk = _before(alpha, runs, base, spending)
    evidence = _evidence(runs, base)
    spent = alpha * spending.at(runs)
    nominal, bound = _bound(walk, evidence, spent - walk.spent)
    return nominal, _walked(walk, evidence, bound, spent)


def _bound(walk: _Walk, evidence: float, spend: float) -> tuple[float, float]:
    """Return the level of a look at which an alarm has the probability `spend`, and the height from which it is given."""
    reach = _deviation(walk, evidence)
    low, high = 0.0, 8.0 * math.sqrt(evidence)
    for _ in range(_HALVINGS):
        bound = (low + high) / 2
        tail = sum(map(mul, walk.chances, [_above((bound - middle) / reach) for middle in walk.middles]))
        low, high = (bound, high) if tail > spend else (low, bound)
    # The sum over cells makes the level a few per cent too low; what the look spends is always allowed.
    return max(spend, _above(high / math.sqrt(evidence))), high


def _walked(walk: _Walk, evidence: float, bound: float, spent: float) -> _Walk:
    """Return the distribution after a look that gives an alarm from the height `bound` on."""
    reach = _deviation(walk, evidence)
    lowest = _LOWEST * math.sqrt(evidence)
    width = (bound - lowest) / _CELLS
    edges = [lowest + width * number for number in range(1, _CELLS + 1)]
    chances = [0.0] * _CELLS
    for middle, chance in zip(walk.middles, walk.chances, strict=True):
        before = 0.0
        for number in range(bisect_right(edges, middle - 6 * reach), _CELLS):
            below = _above((middle - edges[number]) / reach)
            chances[number] += chance * (below - before)
            before = below
            if below > _ALL:
                break
    return _Walk(evidence, spent, tuple(edge - width / 2 for edge in edges), tuple(chances), width)


def _deviation(walk: _Walk, evidence: float) -> float:
    """Return the standard deviation of what the runs since the last look add, and of the place within a cell."""
    return math.sqrt(evidence - walk.evidence + walk.width * walk.width / 12)


def _above(z: float) -> float:
    """Return the probability that a standard normal value exceeds `z`."""
    return math.erfc(z * _ROOT) / 2
