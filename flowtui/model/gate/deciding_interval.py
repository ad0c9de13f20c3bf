"""The interval of a metric that decides a comparison: it lies on one side of the limit exactly if the verdict is certain.

The intervals of single estimates do not tell that: a limit may depend on the base, whose true value is not known either,
and interim looks decide at levels of their own. So this interval is drawn, not the 95 % one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

_HALVINGS = 12  # of the range of possible values: a track has far fewer cells


class Deciding(NamedTuple):
    """The ends of the interval, in the unit of the metric. None: no bound yet."""

    low: float | None
    high: float | None


def deciding_interval(
    at_most: Callable[[float], float],
    at_least: Callable[[float], float],
    limit: float,
    value: float,
    *,
    low_level: float,
    high_level: float,
    most: float = math.inf,
) -> Deciding:
    """Return the interval.

    `at_most` takes a shift and returns the probability that the true value is at most the limit plus the shift, and
    `at_least` that it is at least that. `low_level`: the true value is taken to be above the limit if the first is at
    most this; `high_level`: below the limit if the second is at most this. `limit` is the estimated limit, `value` the
    estimate.
    `most`: the greatest possible value, such as 1 for a share.
    """
    low = _edge(lambda shift: at_most(shift) <= low_level, value - limit, -limit)
    top = min(most, max(value, limit) * 16 + 1.0) - limit
    high = _edge(lambda shift: at_least(shift) <= high_level, value - limit, top)
    return Deciding(None if low is None else max(0.0, limit + low), None if high is None else limit + high)


def _edge(certain: Callable[[float], bool], inner: float, outer: float) -> float | None:
    """Return the shift between `inner` and `outer`, nearest to `inner`, from which on outwards it is `certain`; None if nowhere."""
    if not certain(outer):
        return None
    # Whether it is certain at the limit itself is the verdict, so the limit is tried first and never on the wrong side.
    if min(inner, outer) < 0.0 < max(inner, outer):
        inner, outer = (inner, 0.0) if certain(0.0) else (0.0, outer)
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2
        inner, outer = (inner, middle) if certain(middle) else (middle, outer)
    return outer
