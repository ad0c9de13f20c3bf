"""How failures of different threads hang together in time, as in an outage of a tool.

In an outage runs fail whatever their thread, so twenty failures in three outages tell less than twenty at any time. The
model: times of outage come and go by chance, only in them runs fail, and then a part of them does (a hidden Markov
model, whose likelihood is computed run by run). How large that part is and how long an outage lasts is unknown, so some
values are tried, each with a weight: how probable the outcomes on both sides are with it.

Before anything is seen, outages are as probable as failures independent of time. As long as the runs do not make them
clearly more probable, they have no effect. Of the runs of one thread that follow each other only one tells of outages,
as these are alike for another reason (`likeness.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

FAILING: Final = (0.3, 0.6, 0.95)
"""The shares of the runs of an outage that fail, each as probable as the others."""

LASTING: Final = ((60.0, 0.35), (300.0, 0.15))
"""The average lengths of an outage in seconds, each with its probability before anything is seen."""

_INDEPENDENT: Final = 1.0 - math.fsum(prior for _, prior in LASTING)
_ENOUGH: Final = 0.75  # with a smaller probability of outages, they have no effect
_LEAST: Final = 1e-3  # a smaller weight is left out
_REACH: Final = (
    2.0  # the outage around a run lasts twice as long as others on average, as lengths vary by chance
)
_APART: Final = 5.0  # lengths of an outage after which another run of a thread tells of it
_MOST: Final = 300.0  # greatest logarithm


class Moment(NamedTuple):
    """A run of a side."""

    at: float
    """When it was created, in seconds."""
    thread: str
    """The raw id of its thread."""
    hit: bool
    """Whether it failed, or was cancelled if that is what is counted."""


class Bursts(NamedTuple):
    """One possibility for how the hits of different threads hang together."""

    weight: float
    """How probable it is; all together have the weight 1."""
    new: float
    """How many more runs it takes on the new side to tell as much as one independent run; 0 if they are independent."""
    base: float
    """The same of the base."""


NONE: Final = (Bursts(1.0, 0.0, 0.0),)
"""Hits of different threads are independent."""


class _Seen(NamedTuple):
    log: float
    """The logarithm of how much more probable the outcomes are than if they were independent."""
    more: float
    """That of `Bursts`."""


def possible(new: Sequence[Moment], base: Sequence[Moment]) -> Sequence[Bursts]:
    """Return the possibilities. Both sides are given in order of creation."""
    found = [Bursts(_INDEPENDENT, 0.0, 0.0)]
    for lasting, prior in LASTING:
        for failing in FAILING:
            one, two = (_seen(tuple(side), failing, lasting) for side in (new, base))
            weight = prior / len(FAILING) * math.exp(min(_MOST, one.log + two.log))
            found.append(Bursts(weight, one.more, two.more))
    total = math.fsum(each.weight for each in found)
    if found[0].weight > (1.0 - _ENOUGH) * total:
        return NONE
    kept = [each for each in found if each.weight > _LEAST * total]
    rest = math.fsum(each.weight for each in kept)
    return [each._replace(weight=each.weight / rest) for each in kept]


@lru_cache(maxsize=32)
def _seen(side: tuple[Moment, ...], failing: float, lasting: float) -> _Seen:
    """Return what a side tells of outages in which the share `failing` of the runs fails, for `lasting` seconds."""
    if not side:
        return _Seen(0.0, 0.0)
    hits = sum(run.hit for run in side)
    rate = (hits + 0.5) / (len(side) + 1.0)
    failing = min(1.0, max(failing, rate / 0.9))
    share = min(0.98, rate / failing)  # of the time, in outages
    forget = 1.0 / (lasting * (1.0 - share))
    ill, before, log = share, side[0].at, 0.0  # the probability of an outage now, and of what was seen
    told: dict[str, float] = {}
    for at, thread, hit in side:
        if at - told.get(thread, -math.inf) < _APART * lasting:
            continue
        told[thread] = at
        ill = share + (ill - share) * math.exp((before - at) * forget)
        before = at
        chance = ill * failing
        log += math.log(chance / rate if hit else (1.0 - chance) / (1.0 - rate))
        ill = 1.0 if hit else ill * (1.0 - failing) / (1.0 - chance)
    log = log if hits > 1 else min(0.0, log)  # one hit cannot tell that hits come together
    likeness = failing * failing * share * (1.0 - share) / (rate * (1.0 - rate))
    return _Seen(log, likeness * _REACH * _neighbours(side, lasting))


@lru_cache(maxsize=32)
def _neighbours(side: tuple[Moment, ...], lasting: float) -> float:
    """Return how many runs of other threads came shortly before a run, on average; earlier ones count less."""
    before = near = around = 0.0
    own: dict[str, tuple[float, float]] = {}
    for at, thread, _ in side:
        near *= math.exp((before - at) / lasting)
        before = at
        since, mine = own.get(thread, (at, 0.0))
        mine *= math.exp((since - at) / lasting)
        around += max(0.0, near - mine)
        near += 1.0
        own[thread] = at, mine + 1.0
    return around / len(side)
