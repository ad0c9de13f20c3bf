"""How alike the runs of one thread are, and how many independent runs a sample is worth.

Runs of one thread tend to fail together, so 100 runs of 10 threads tell less than 100 runs of 100 threads. The likeness
is the correlation of two runs of one group: with 0 each run counts, with 1 each group counts once. A group is a thread.
A thread with runs on both sides is compared with itself; there a group is `BLOCK` of its runs in a row, as runs close
in time may be alike, too.

The likeness is never known exactly, so some values are tried, each with a weight: how probable the runs of both sides
are with this likeness. The model is the beta-binomial distribution, with each side's own rate. Few groups say little;
then the weights stay near `_PRIOR`, which prefers high values, so that nothing is promised that a few bad threads would
break. If no group has a second run, or if there is one thread only, all this has no effect.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final, NamedTuple

GRID: Final = (0.0, 0.03, 0.12, 0.35, 0.75, 0.97)
"""The values of the likeness that are tried."""

INDEPENDENT: Final = ((0.0, 1.0),)
"""The weights of runs that are not alike."""

BLOCK: Final = 20
"""Number of runs of a group, if a thread has runs on both sides."""

_PRIOR: Final = (
    0.1,
    0.1,
    0.1,
    0.2,
    0.25,
    0.25,
)  # with these weights and values, simulated bunches kept the promise
_LEAST: Final = 1e-5  # a smaller weight is left out
_RATES: Final = 12  # number of rates over which a likelihood is averaged
_REACH: Final = 2.0  # arcsine of a rate: how far these rates lie from the estimate, in 1 / sqrt(runs)


class Tally(NamedTuple):
    """The runs of a side by group."""

    groups: tuple[tuple[int, int, int], ...] = ()
    """(runs, hits, how many groups have so many runs and hits), in ascending order."""

    @property
    def runs(self) -> int:
        """The number of runs."""
        return sum(runs * number for runs, _, number in self.groups)

    def worth(self, likeness: float) -> float:
        """Return how many independent runs have a rate as certain as these runs (Kish's effective sample size)."""
        runs = self.runs
        squares = sum(number * each * each for each, _, number in self.groups)
        return runs * runs / (runs * (1.0 - likeness) + squares * likeness) if runs else 0.0


def tally(runs: Iterable[tuple[str, bool]], shared: AbstractSet[str]) -> Tally:
    """Return the tally of runs in order of creation, each given as the raw id of its thread and whether it is a hit.

    `shared`: the threads that have runs on both sides.
    """
    seen: Counter[str] = Counter()
    count: Counter[tuple[str, int]] = Counter()
    hits: Counter[tuple[str, int]] = Counter()
    for thread, hit in runs:
        group = (thread, seen[thread] // BLOCK if thread in shared else 0)
        seen[thread] += 1
        count[group] += 1
        hits[group] += hit
    groups = Counter((number, hits[group]) for group, number in count.items())
    return Tally(tuple(sorted((number, hit, times) for (number, hit), times in groups.items())))


def weights(new: Tally, base: Tally) -> Sequence[tuple[float, float]]:
    """Return values of the likeness, each with its weight; the weights add up to 1."""
    if not any(runs > 1 for side in (new, base) for runs, _, _ in side.groups):
        return INDEPENDENT
    both = [
        math.log(prior) + one + two for prior, one, two in zip(_PRIOR, _logs(new), _logs(base), strict=True)
    ]
    top = max(both)
    parts = [math.exp(log - top) for log in both]
    total = math.fsum(parts)
    kept = [
        (likeness, part / total) for likeness, part in zip(GRID, parts, strict=True) if part > _LEAST * total
    ]
    rest = math.fsum(weight for _, weight in kept)
    return tuple((likeness, weight / rest) for likeness, weight in kept)


@lru_cache(maxsize=256)
def _logs(side: Tally) -> tuple[float, ...]:
    """Return the logarithm of the likelihood of a side for each likeness of the grid, up to a common constant.

    The rate is unknown, too: the likelihood is averaged over the rates near that of the side.
    """
    if all(runs == 1 for runs, _, _ in side.groups):
        return (0.0,) * len(GRID)
    rate = sum(hits * number for _, hits, number in side.groups) / side.runs
    return tuple(_averaged(side, rate, likeness) for likeness in GRID)


def _averaged(side: Tally, rate: float, likeness: float) -> float:
    worth = side.worth(likeness)
    middle, reach = math.asin(math.sqrt((rate * worth + 0.5) / (worth + 1))), _REACH / math.sqrt(worth)
    first, last = max(0.0, middle - reach), min(math.pi / 2, middle + reach)
    step = (last - first) / _RATES
    logs = [_log_likelihood(side, math.sin(first + step * (at + 0.5)) ** 2, likeness) for at in range(_RATES)]
    top = max(logs)
    return top + math.log(step * math.fsum(math.exp(log - top) for log in logs))


def _log_likelihood(side: Tally, rate: float, likeness: float) -> float:
    if likeness == 0:
        good, bad = math.log1p(-rate), math.log(rate)
        return math.fsum(number * (hits * bad + (runs - hits) * good) for runs, hits, number in side.groups)
    scale = (1.0 - likeness) / likeness
    one, two = rate * scale, (1.0 - rate) * scale
    own = math.lgamma(scale) - math.lgamma(one) - math.lgamma(two)
    return math.fsum(
        number * (own + math.lgamma(one + hits) + math.lgamma(two + runs - hits) - math.lgamma(scale + runs))
        for runs, hits, number in side.groups
    )
