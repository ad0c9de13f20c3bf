"""How probable it is that chance alone gives so many failures. Exact, for any number of runs. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

_LEAST: Final = 1e-18  # a term smaller than this part of the sum ends it


def at_least(hits: int, runs: int, share: float) -> float:
    """Return the probability of at least `hits` hits in `runs` runs, each of which is a hit with the probability `share`."""
    if hits <= 0:
        return 1.0
    if hits > runs or share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1.0
    good, bad = math.log1p(-share), math.log(share)

    def term(count: int) -> float:
        return math.exp(_choose(runs, count) + count * bad + (runs - count) * good)

    if hits <= runs * share:  # the smaller part is summed
        return 1.0 - _sum(term, range(hits - 1, -1, -1))
    return _sum(term, range(hits, runs + 1))


def at_most(hits: int, runs: int, share: float) -> float:
    """Return the probability of at most `hits` hits in `runs` runs, each of which is a hit with the probability `share`."""
    return at_least(runs - hits, runs, 1.0 - share)


def more_often(hits: int, runs: int, base_hits: int, base_runs: int) -> float:
    """Return the probability that `runs` runs have at least `hits` of all hits, if they are no other than `base_runs` runs.

    This is Fisher's exact test, one-sided.
    """
    whole, marked = runs + base_runs, hits + base_hits
    top = _choose(whole, marked)

    def term(count: int) -> float:
        return math.exp(_choose(runs, count) + _choose(base_runs, marked - count) - top)

    return _sum(term, range(hits, min(runs, marked) + 1), falling=False)


def _sum(term: Callable[[int], float], counts: Iterable[int], *, falling: bool = True) -> float:
    """Return the sum of terms, at most 1. `falling`: they get ever smaller; if not, they do so after the greatest."""
    total = 0.0
    for count in counts:
        part = term(count)
        total += part
        if part < total * _LEAST or (falling and not part):
            break
    return min(1.0, total)


def _choose(all_of: int, some: int) -> float:
    """Return the logarithm of the number of ways to choose; minus infinity if there is none."""
    if some < 0 or some > all_of:
        return -math.inf
    return math.lgamma(all_of + 1) - math.lgamma(some + 1) - math.lgamma(all_of - some + 1)
