"""What both sides of a comparison tell together about the nature of a metric.

A small sample looks too certain where it lacks what is rare: a bad thread, a very large value, a burst. The other side
may have seen it. So how alike the runs of a thread are, whether failures come in outages, how widely values are spread
and how unevenly runs arrive is learnt from both sides, each about its own average.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from flowtui.model.gate import bursts, likeness
from flowtui.model.gate.beliefs import Belief, balance
from flowtui.model.gate.likeness import Tally
from flowtui.model.gate.samples import Nature, Sample
from flowtui.model.gate.tree import RATES, RUNS_PER_MIN, SHARES, TOKENS_PER_RUN


class Possible(NamedTuple):
    """One possibility for the nature of a metric on both sides."""

    weight: float
    """How probable it is; all together have the weight 1."""
    new: Nature
    base: Nature


def natures(
    metric: str, new: Sample, base: Sample, first: int | None, *, compared: bool
) -> Sequence[Possible]:
    """Return the possible natures of a metric. Only the first `first` runs of the new side are used; None: all.

    `compared`: whether the limit depends on the base.
    """
    if metric == RUNS_PER_MIN:
        lasting = frozenset(new.origins[:first]) & frozenset(base.origins)
        uneven = Nature(bursts=max(new.bursts(first, lasting), base.bursts(None, lasting)))
        return (Possible(1.0, uneven, uneven),)
    after, before = new.threads(metric, first), base.threads(metric)
    shared = after & before
    one, two = new.tally(metric, first, shared), base.tally(metric, None, shared)
    spread = _spread(metric, new, base, first)
    found = []
    together = (
        bursts.possible(new.moments(metric, first), base.moments(metric)) if metric in RATES else bursts.NONE
    )
    # Where there is one thread only, it is compared with itself: nothing is said about other threads.
    weights = likeness.weights(one, two) if len(after | before) > 1 else likeness.INDEPENDENT
    for alike, weight in weights:
        own = _of_means(alike, spread) if metric == TOKENS_PER_RUN else alike
        worths = (
            (_of_percentile(one, alike), _of_percentile(two, alike))
            if metric in SHARES
            else (one.worth(own), two.worth(own))
        )
        if metric in RATES:
            found += [
                Possible(
                    weight * burst.weight,
                    Nature(_less(one, worths[0], burst.new), spread),
                    Nature(_less(two, worths[1], burst.base), spread),
                )
                for burst in together
            ]
            continue
        nearer = balance(*worths) if compared and metric in SHARES else 0.0
        found.append(Possible(weight, *(Nature(worth, spread, nearer=nearer) for worth in worths)))
    return found


def seen(metric: str, new: Sample, base: Sample) -> tuple[Belief | None, Belief | None]:
    """Return the beliefs about both sides, new and base, as the user sees them: of all runs, with an average worth."""
    possible = natures(metric, new, base, None, compared=False)
    one = _averaged([(each.weight, each.new) for each in possible])
    two = _averaged([(each.weight, each.base) for each in possible])
    return new.estimate(metric, one), base.estimate(metric, two)


def _averaged(possible: Sequence[tuple[float, Nature]]) -> Nature:
    nature = possible[0][1]
    if not nature.worth:
        return nature
    return nature._replace(worth=1.0 / math.fsum(weight / (each.worth or 1.0) for weight, each in possible))


def _less(tally: Tally, worth: float, more: float) -> float:
    """Return how many independent runs a sample is worth if it takes `more` runs for one, beside what threads make."""
    return max(1.0, tally.runs / (tally.runs / worth + more)) if worth and more else worth


def _of_means(alike: float, spread: float) -> float:
    """Return the correlation of the values of a mean, from that of whether two values exceed the median.

    This holds for a lognormal distribution; `spread` is its standard deviation divided by its mean.
    """
    logs = math.sin(math.pi / 2 * alike)
    squared = spread * spread
    return ((1.0 + squared) ** logs - 1.0) / squared if squared > 1e-6 else logs


def _of_percentile(tally: Tally, alike: float) -> float:
    """Return how many independent values have a percentile as certain as these.

    Threads are compared with the percentile of their own side, which lies among them, so they look less alike than
    they are: as in a variance, one thread fewer counts.
    """
    worth = tally.worth(alike)
    return max(1.0, worth * (1.0 - 1.0 / tally.worth(1.0))) if alike and worth else worth


def _spread(metric: str, new: Sample, base: Sample, first: int | None) -> float:
    """Return the standard deviation divided by the mean, of the values of both sides, each about its own mean."""
    if metric != TOKENS_PER_RUN:
        return 0.0
    squares, number = 0.0, -2
    for known in (new.values(metric, first), base.values(metric)):
        total = math.fsum(value for value, _ in known)
        if total > 0:
            average = total / len(known)
            squares += math.fsum((value / average - 1.0) ** 2 for value, _ in known)
            number += len(known)
    return math.sqrt(squares / number) if number > 0 else 0.0
