"""How many of the last runs must be beyond the limit of a rule, so that it is no chance; and when that is over. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from flowtui.config.values.notify_rules import ALPHA, FAILED_SHARE, PERIOD, NotifyRule
from flowtui.model.events.ended_window import Ended


@lru_cache(maxsize=64)
def told_from(share: float, runs: int) -> int:
    """Return how many of the last `runs` runs must be beyond a limit of `share`, so that it is no chance.

    It is the least number with this promise: for an agent whose true share is just the limit, and whose runs are independent of
    each other, the number is reached in any `PERIOD` runs with a probability of at most `ALPHA`, although it is looked at after
    each of them. The probability that a run makes the number rise to k is that of k - 1 among the `runs` - 1 runs before
    it, of an end beyond the limit now, and of one within it that leaves the last runs.
    """
    each = ALPHA / PERIOD
    for number in range(max(1, math.ceil(share * runs)), runs + 1):
        if share * (1 - share) * _chance(number - 1, runs - 1, share) <= each:
            return number
    return runs + 1


def over_at(share: float, runs: int) -> int:
    """Return at how many runs beyond the limit a broken rule is over."""
    return math.floor(share * runs + 1e-9)


def _chance(hits: int, runs: int, share: float) -> float:
    """Return the probability of just `hits` among `runs` independent runs."""
    chosen = math.lgamma(runs + 1) - math.lgamma(hits + 1) - math.lgamma(runs - hits + 1)
    return math.exp(chosen + hits * math.log(share) + (runs - hits) * math.log1p(-share))


def is_beyond(rule: NotifyRule) -> Callable[[Ended], bool]:
    """Return whether a run is beyond the limit of a rule."""
    if rule.metric == FAILED_SHARE:
        return lambda run: run.failed
    return lambda run: run.seconds is not None and run.seconds > rule.limit
