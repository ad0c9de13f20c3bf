"""Interim looks of the gate: at which numbers of runs it is judged, and at which level each look decides.

Repeated looks raise the chance of a false alarm, so each look spends a part of the error budget alpha. The numbers of
runs are fixed, each a quarter larger than the one before, so judging more often changes nothing. How much is spent
depends only on the number of new runs: little before the tenth, two fifths of alpha in the long run. The final look
spends all that is left.

The looks see mostly the same runs, so a false alarm at one look often is one at the next, too. Therefore a look may
decide at a higher level than what it spends. The levels follow from the usual model of group sequential tests: the
evidence adds up like a random walk, and its distribution is carried from look to look (Armitage, McPherson and Rowe;
Lan and DeMets). A base that is not much larger than the new side makes looks more alike, so for it the levels are a
little too low, which is the safe side.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from typing import Final, NamedTuple

FIRST: Final = 5
"""Number of runs on the new side at the first look."""

EARLY: Final = 0.4
"""The part of alpha that all looks before the final one may spend together."""

LAST: Final = 0.8
"""About the level of a final look at some hundred runs, as a part of alpha."""

_HALF: Final = 50  # number of runs at which half of `EARLY` is spent
_CELLS: Final = 64  # cells into which the distribution of the evidence is divided
_LOWEST: Final = -4.0  # all evidence below, in standard deviations, is put into the first cell
_HALVINGS: Final = 26
_ROOT: Final = math.sqrt(0.5)


class Look(NamedTuple):
    """An interim look at the first runs of the new side."""

    runs: int
    """The number of these runs."""
    final: bool
    """Whether it is the last look."""


class _Walk(NamedTuple):
    """The distribution of the evidence after a look, where it has not led to an alarm."""

    runs: int
    spent: float
    """The probability of an alarm up to now."""
    middles: tuple[float, ...]
    """The middle of each cell."""
    chances: tuple[float, ...]
    """The probability of each cell."""
    width: float
    """The width of the cells."""


_START: Final = _Walk(0, 0.0, (0.0,), (1.0,), 0.0)


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


def level(alpha: float, at: Look) -> float:
    """Return the level at which a look decides, so that the looks together are wrong with a probability of `alpha`."""
    if not at.final:
        return _early(alpha, at.runs)[0]
    # A look with the same number of runs is part of the final one.
    before = max(takewhile(lambda size: size < at.runs, sizes()), default=0)
    walk = _early(alpha, before)[1] if before else _START
    return _bound(walk, at.runs, alpha - walk.spent)[0]


@lru_cache(maxsize=2048)
def _early(alpha: float, runs: int) -> tuple[float, _Walk]:
    """Return the level of the interim look at this number of runs, and the distribution after it."""
    before = max(takewhile(lambda size: size < runs, sizes()), default=0)
    walk = _early(alpha, before)[1] if before else _START
    spent = alpha * EARLY * runs / (runs + _HALF)
    nominal, bound = _bound(walk, runs, spent - walk.spent)
    return nominal, _walked(walk, runs, bound, spent)


def _bound(walk: _Walk, runs: int, spend: float) -> tuple[float, float]:
    """Return the level of a look at which an alarm has the probability `spend`, and the evidence that it takes."""
    reach = _deviation(walk, runs)
    low, high = 0.0, 8.0 * math.sqrt(runs)
    for _ in range(_HALVINGS):
        bound = (low + high) / 2
        tail = math.fsum(
            chance * _above((bound - middle) / reach)
            for middle, chance in zip(walk.middles, walk.chances, strict=True)
        )
        low, high = (bound, high) if tail > spend else (low, bound)
    # The sum over cells makes the level a few per cent too low; what the look spends is always allowed.
    return max(spend, _above(high / math.sqrt(runs))), high


def _walked(walk: _Walk, runs: int, bound: float, spent: float) -> _Walk:
    """Return the distribution after a look at `runs` runs that gives an alarm from `bound` on."""
    reach = _deviation(walk, runs)
    lowest = _LOWEST * math.sqrt(runs)
    width = (bound - lowest) / _CELLS
    edges = [lowest + width * number for number in range(1, _CELLS + 1)]
    chances = [0.0] * _CELLS
    for middle, chance in zip(walk.middles, walk.chances, strict=True):
        before = 0.0
        for number in range(bisect_right(edges, middle - 6 * reach), _CELLS):
            below = _above((middle - edges[number]) / reach)
            chances[number] += chance * (below - before)
            before = below
    return _Walk(runs, spent, tuple(edge - width / 2 for edge in edges), tuple(chances), width)


def _deviation(walk: _Walk, runs: int) -> float:
    """Return the standard deviation of what the runs since the last look add, and of the place within a cell."""
    return math.sqrt(runs - walk.runs + walk.width * walk.width / 12)


def _above(z: float) -> float:
    """Return the probability that a standard normal value exceeds `z`."""
    return math.erfc(z * _ROOT) / 2
