"""Finds the span of time in which runs failed most unlike the rest: Kulldorff's scan statistic. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol

FEWEST: Final = 5
"""Fewer failures make no span."""

_PLACES: Final = 120  # failures between which spans are tried; of more, some are left out


class Exposed(Protocol):
    """The ended runs that may have failed."""

    @property
    def runs(self) -> int:
        """How many runs there are."""

    def before(self, at: float) -> int:
        """Return how many of the runs ended before a time."""

    def until(self, at: float) -> int:
        """Return how many of the runs ended at a time or before it."""


def densest(
    failed: Sequence[float], exposed: Exposed, level: float, table: Sequence[float]
) -> tuple[int, int] | None:
    """Return the numbers of the first and last failure of the span; None if chance may have made it.

    `failed`: when runs failed, in order; `exposed`: all runs, these among them. `level`: the probability with
    which chance may make a span. `table`: see `weighed_logs`.
    """
    many, whole = len(failed), exposed.runs
    step = max(1, many // _PLACES)
    tried = sorted({*range(0, many, step), many - 1})
    lows = [(place, exposed.before(failed[place])) for place in tried]
    highs = [(place + 1, exposed.until(failed[place])) for place in tried]
    best, span = 0.0, None
    for number, (first, low) in enumerate(lows):
        for last, high in highs[number:]:
            hits, runs = last - first, high - low
            # `odds` is 0 unless the share in the span is higher; to call it for each span would take twice as long
            if (
                hits >= FEWEST
                and hits * whole > many * runs
                and (own := odds(hits, runs, many, whole, table)) > best
            ):
                best, span = own, (first, last - 1)
    limit = math.log(len(tried) * (len(tried) + 1) / 2 / level)
    return span if best > limit else None


def weighed_logs(most: int) -> Sequence[float]:
    """Return for each number up to `most`, and some more, the number times its logarithm."""
    return _logs(1 << most.bit_length())


@lru_cache(maxsize=8)
def _logs(end: int) -> Sequence[float]:
    return [0.0, *(number * math.log(number) for number in range(1, end))]


def odds(hits: int, runs: int, many: int, whole: int, table: Sequence[float]) -> float:
    """Return by how much a share of its own in a span is likelier than one share everywhere, as a logarithm.

    0 if the share in the span is not higher. `hits` of `runs` in the span, `many` of `whole` altogether. `table`: see
    `weighed_logs`.
    """
    rest, others = many - hits, whole - runs
    if hits * others <= rest * runs:
        return 0.0
    apart = (
        table[hits] + table[runs - hits] - table[runs] + table[rest] + table[others - rest] - table[others]
    )
    return apart - (table[many] + table[whole - many] - table[whole])
