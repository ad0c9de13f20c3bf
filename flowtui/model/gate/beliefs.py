"""Confidence distributions of metrics: where the true value probably lies, given one sample.

A rate is computed from exact binomial tails (mid-P), and shown with Wilson's interval. A percentile is computed by the
bootstrap of an order statistic, in closed form and without resampling. A mean is computed by a studentised bootstrap of
its logarithm, with a seed from the data. Arrivals are counted in bins, so that bursts widen the distribution. The same
values in any order give the same belief.

A sample whose runs are alike (`likeness.py`) is worth fewer independent runs than it has, which widens its belief.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import accumulate, pairwise, repeat
from operator import add, itemgetter, mul
from statistics import NormalDist
from typing import Final, NamedTuple

NORMAL: Final = NormalDist()

RESAMPLES: Final = 400
"""Number of resamples of a bootstrap. Two sides are compared by all pairs of their resamples: 160,000."""

FEWEST: Final = 10
"""Least number of values to tell the spread of a mean; with fewer, a belief is an estimate only."""

# blocks into which a larger sample is shuffled; their averages have the same spread and are less work
_BLOCKS: Final = 50
_TAIL: Final = 20  # number of resamples on each side that are replaced by an exponential tail
_PLACES: Final = 200  # number of values that stand for a continuous distribution
_REACH: Final = 9.0  # standard errors covered on each side; what lies beyond is 0 in double precision
_FREEDOM: Final = 0.5  # least degrees of freedom, for values that are worth one
_FAR: Final = 50.0  # greatest log(true mean / mean of the sample), far beyond any real metric
_Z95: Final = NORMAL.inv_cdf(0.975)


class Belief(NamedTuple):
    """A confidence distribution, computed from a sample."""

    value: float
    """The estimate."""
    low: float | None
    """The lower end of the 95 % interval; None: no bound yet."""
    high: float | None
    """The upper end of the 95 % interval; None: no bound yet."""
    n: int
    """The number of values in the sample."""
    places: Sequence[float] = ()
    """Possible true values, ascending. Empty if the spread is unknown."""
    up_to: Sequence[float] = ()
    """For each place, the sum of the weights of all places up to this one. The last sum is 1."""
    threads: int | None = None
    """The number of threads of the runs with a value; None if threads do not matter."""
    worth: float | None = None
    """How many independent runs tell as much as the sample; None if threads do not matter."""

    def weights(self) -> Iterator[tuple[float, float]]:
        """Yield each place with its weight."""
        before = 0.0
        for place, total in zip(self.places, self.up_to, strict=True):
            yield place, total - before
            before = total


class Limits(NamedTuple):
    """The possible values of a limit, computed from a belief about the base. NaN: the limit cannot be computed."""

    values: Sequence[float]
    weights: Sequence[float]
    """How probable each value is; the sum is 1."""


def limits(base: Belief | None, limit: Callable[[float], float]) -> Limits:
    """Return the possible limits; `limit` computes one from the true value of the base.

    If `base` is None, the limit does not depend on the base.
    """
    known = list(base.weights()) if base is not None else [(0.0, 1.0)]
    return Limits([limit(place) for place, _ in known], [weight for _, weight in known])


def sides(new: Belief, possible: Limits, shift: float = 0.0) -> tuple[float, float]:
    """Return two probabilities: `at_most` and `at_least`."""
    return at_most(new, possible, shift), at_least(new, possible, shift)


def at_most(new: Belief, possible: Limits, shift: float = 0.0) -> float:
    """Return the probability that the true new value is at most the limit.

    `shift` is added to the limit. If the limit cannot be computed for a value of the base, the weight of that value is
    added. This only makes the probability larger, and a comparison is decided only when one of two is small.
    """
    # Called ten thousand times in a watch: `map` is several times faster than a loop. NaN is put after all places.
    found = map(bisect_right, repeat(new.places), [value + shift for value in possible.values])
    return reduce(add, map(mul, possible.weights, map((0.0, *new.up_to).__getitem__, found)), 0.0)


def at_least(new: Belief, possible: Limits, shift: float = 0.0) -> float:
    """Return the probability that the true new value is at least the limit; see `at_most`."""
    beyond = [1.0 - before for before in (0.0, *new.up_to)]
    # NaN is put before all places.
    found = map(bisect_left, repeat(new.places), [value + shift for value in possible.values])
    return reduce(add, map(mul, possible.weights, map(beyond.__getitem__, found)), 0.0)


def wilson(hits: float, n: float, z: float = _Z95) -> tuple[float, float]:
    """Return Wilson's score interval of a rate; `z` is the quantile of the normal distribution, by default for 95 %."""
    rate, squared = hits / n, z * z / n
    middle = rate + squared / 2
    reach = z * math.sqrt(rate * (1 - rate) / n + squared / (4 * n))
    low, high = (middle - reach) / (1 + squared), (middle + reach) / (1 + squared)
    return (max(0.0, low) if hits else 0.0), (min(1.0, high) if hits < n else 1.0)


@lru_cache(maxsize=512)
def rate(hits: int, n: int, worth: float | None = None) -> Belief:
    """Return the belief about a rate, given `hits` among `n` runs (at least 1).

    `worth`: how many independent runs these are worth, at least 1; None: `n`.

    The belief is the average of two Beta distributions: of at least and of more than `hits`.
    """
    found = rate_estimate(hits, n, worth)
    worth = float(n) if worth is None else worth
    seen = hits / n * worth
    # Measured as an arcsine, a rate has the same standard error everywhere between 0 and 1.
    middle, reach = math.asin(math.sqrt((seen + 0.5) / (worth + 1))), _REACH / (2 * math.sqrt(worth))
    first, last = max(0.0, middle - reach), min(math.pi / 2, middle + reach)
    step = (last - first) / _PLACES
    places = [first + step * (number + 0.5) for number in range(_PLACES)]
    edge = [_density(seen, worth, first + step * number) for number in range(_PLACES + 1)]
    inner = [_density(seen, worth, place) for place in places]
    weights = [
        step * (middle if math.isinf(left + right) else (left + 4 * middle + right) / 6)
        for left, middle, right in zip(edge, inner, edge[1:], strict=False)
    ]
    missing = 1.0 - math.fsum(
        weights
    )  # close to an end, the density may be infinite; half of it is there without hits
    weights[0 if seen < worth / 2 else -1] += max(0.0, missing)
    up_to = _ascending(list(accumulate(weights)))
    return found._replace(places=[math.sin(place) ** 2 for place in places], up_to=up_to)


def rate_estimate(hits: int, n: int, worth: float | None = None) -> Belief:
    """Return estimate and interval of a rate as `rate` does, but without places, which take most of the time."""
    worth = float(n) if worth is None else worth
    return Belief(hits / n, *wilson(hits / n * worth, worth), n)


def _density(hits: float, n: float, place: float) -> float:
    """Return the density of the belief about a rate at the arcsine `place`; infinite at an end of a steep belief."""
    true, rest = math.sin(place) ** 2, math.cos(place) ** 2
    if true < 1e-15 or rest < 1e-15:
        return 0.0 if (hits if true < rest else n - hits) > 0.5 else math.inf
    split = (n - hits) * true + hits * rest  # of the two distributions
    return split * math.exp(_log_chance(hits, n, true)) / math.sqrt(true * rest)


def _log_chance(hits: float, n: float, true: float) -> float:
    """Return the logarithm of the probability of just `hits` among `n` runs."""
    chosen = math.lgamma(n + 1) - math.lgamma(hits + 1) - math.lgamma(n - hits + 1)
    return chosen + hits * math.log(true) + (n - hits) * math.log1p(-true)


@lru_cache(maxsize=128)
def percentile(
    values: tuple[float, ...], share: float, nearer: float = 0.0, worth: float | None = None
) -> Belief:
    """Return the belief about the percentile at `share` (0 to 1).

    `values` are ascending, non-negative and not empty. How many of them lie below the percentile is binomially
    distributed, whatever the distribution of the values; the percentile may also exceed the largest value. Where the
    percentile lies between two neighbouring values is unknown. With `nearer` 0 it is taken to be in the middle, with 1
    at the neighbour closer to the estimate.

    `worth`: how many independent values these are worth, at least 1; None: each counts. A sample that is worth 31
    values is represented by 31 of them. They do not tell how far apart independent values are, so below the smallest
    of them the percentile may be as low as 0.
    """
    alike = worth is not None and worth < len(values)
    used = _thinned(values, int(worth or 1)) if alike else values
    nearer = 0.0 if alike else nearer  # these are evenly spread, so it would be too certain
    n = len(used)
    middle, reach = n * share, _REACH * math.sqrt(n * share * (1 - share)) + 2
    value = quantile(values, share)
    # How many values may lie below the percentile.
    ranks = range(max(0, int(middle - reach)), min(n, int(middle + reach)) + 1)
    chances = [math.exp(_log_chance(rank, n, share)) for rank in ranks]
    total = math.fsum(chances)
    gaps = ((used[rank - 1] if rank else 0.0, used[rank] if rank < n else math.inf) for rank in ranks)
    places = [
        _between(left, right, 0.5 + nearer / 2 * ((right <= value) - (left >= value))) for left, right in gaps
    ]
    if alike and not ranks[0]:
        places[0] = 0.0
    up_to = _ascending(list(accumulate(chance / total for chance in chances)))
    low, high = (places[bisect_left(up_to, edge)] for edge in (0.025, 0.975))
    return Belief(value, low, high if math.isfinite(high) else None, len(values), places, up_to)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value at `share` (0 to 1) of ascending values."""
    n = len(values)
    return values[min(n - 1, max(0, math.ceil(share * n) - 1))]


def _thinned(values: Sequence[float], number: int) -> tuple[float, ...]:
    """Return `number` of the values, evenly spread."""
    return tuple(values[int((at + 0.5) * len(values) / number)] for at in range(max(1, number)))


def balance(new: float, base: float) -> float:
    """Return the similarity of two sample sizes, from 0 to 0.75 (equal).

    Used as `nearer` of `percentile` for a comparison of two percentiles. With 0, such a comparison is too cautious,
    most of all if the sizes are equal. With this value, the rate of false alarms is nearly alpha. The rule was found by
    simulating sizes and distributions.
    """
    return round(1.5 * min(new, base) / (new + base), 2) if new + base else 0.0


def _between(left: float, right: float, part: float) -> float:
    """Return the value at `part` (0 to 1) of the way from `left` to `right`.

    The way is measured on a logarithmic scale if both values exceed 0.
    """
    if left == right or math.isinf(right):
        return right
    if left <= 0:
        return right * part
    place: float = left ** (1.0 - part) * right**part
    return min(right, max(left, place))  # rounding may give a value outside


@lru_cache(maxsize=128)
def mean(values: tuple[float, ...], spread: float = 0.0, worth: float | None = None) -> Belief:
    """Return the belief about the mean of `values`: ascending, non-negative and not empty.

    `spread`: a standard deviation of such values divided by their mean, if more is known about it than these values
    tell. A small sample that lacks the rare large values has a mean that is too small, and looks too certain.
    `worth`: how many independent values these are worth; None: each counts.
    """
    n = len(values)
    value = math.fsum(values) / n
    if n < FEWEST:
        return Belief(value, None, None, n)
    if values[0] == values[-1]:
        return Belief(value, value, value, n, (value,), (1.0,))
    chance = random.Random(f"{n} {value!r} {values[0]!r} {values[-1]!r}")  # noqa: S311  a seed, no secret
    # Values that are worth only `worth` tell their own spread from so many, too.
    alike = math.sqrt((n - 1) / max(_FREEDOM, worth - 1)) if worth else 1.0
    logs = sorted(_studentised(_parts(values, value, chance), spread / math.sqrt(n), alike))
    all_logs, up_to = _with_tails(logs)
    places = [value * math.exp(min(_FAR, max(-_FAR, log))) for log in all_logs]
    low, high = (places[bisect_left(up_to, edge)] for edge in (0.025, 0.975))
    return Belief(value, low, high, n, places, up_to)


def _with_tails(logs: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return places and cumulative weights of ascending values of equal weight, with smooth tails.

    The outermost values say little about very small probabilities. On each side they are replaced by an exponential
    tail with the same mean.
    """
    each = 1.0 / len(logs)
    weights = (
        [each] * (_TAIL - 1) + [each / 2**number for number in range(1, _TAIL)] + [each / 2 ** (_TAIL - 1)]
    )
    inner = [mass - weight / 2 for mass, weight in zip(accumulate(weights[::-1]), weights[::-1], strict=True)]
    depths = [math.log(_TAIL * each / mass) for mass in inner]  # the outermost place first

    def tail(edge: float, values: Sequence[float]) -> list[float]:
        excess = math.fsum(value - edge for value in values) / len(values)
        return [edge + excess * depth for depth in depths]

    low = tail(logs[_TAIL], logs[:_TAIL])
    high = tail(logs[-_TAIL - 1], logs[-_TAIL:])[::-1]
    middle = list(logs[_TAIL:-_TAIL])
    return low + middle + high, _ascending(
        list(accumulate([*weights[::-1], *[each] * len(middle), *weights]))
    )


def _parts(values: Sequence[float], average: float, chance: random.Random) -> list[float]:
    """Return the values divided by their mean `average`.

    Many values are first put into `_BLOCKS` random blocks, and the averages of the blocks are taken instead.
    """
    if len(values) <= _BLOCKS:
        return [value / average for value in values]
    mixed = list(values)
    chance.shuffle(mixed)
    size = len(mixed) / _BLOCKS
    cuts = [round(number * size) for number in range(_BLOCKS + 1)]
    return [math.fsum(mixed[start:end]) / (end - start) / average for start, end in pairwise(cuts)]


@lru_cache(maxsize=64)
def _picks(n: int) -> Sequence[Callable[[Sequence[complex]], tuple[complex, ...]]]:
    """Return for each resample the function that picks it from `n` values. Cached, as making them takes longest."""
    chance = random.Random(n)  # noqa: S311  a seed, no secret
    return [itemgetter(*chance.choices(range(n), k=n)) for _ in range(RESAMPLES)]


def _studentised(parts: Sequence[float], least: float, alike: float) -> Iterator[float]:
    """Yield for each resample a possible value of log(true mean / mean of the sample).

    `least`: the relative standard error of the mean is at least this. It grows by the factor `alike`, as the values
    are not independent.
    """
    error = alike * max(least, _relative_error(len(parts), sum(parts), sum(part * part for part in parts)))
    for log, spread in _resampled(tuple(parts)):
        if spread > 0:
            yield -error * log / spread
        else:  # a resample of equal values has no spread: put it as far away as possible
            yield _FAR if log <= 0 else -_FAR


@lru_cache(maxsize=128)
def _resampled(parts: tuple[float, ...]) -> Sequence[tuple[float, float]]:
    """Return for each resample the logarithm of its mean, and its relative standard error."""
    n = len(parts)
    pairs = [complex(part, part * part) for part in parts]  # adds up the values and their squares in one pass
    sums = [sum(pick(pairs), 0j) for pick in _picks(n)]
    return [(math.log(both.real / n), _relative_error(n, both.real, both.imag)) for both in sums]


def _relative_error(n: int, total: float, squares: float) -> float:
    """Return the standard error of a mean divided by the mean.

    `total` is the sum of the `n` values, `squares` the sum of their squares.
    """
    return math.sqrt(max(0.0, n * squares / (total * total) - 1.0) / n) if total > 0 else 0.0


def arrivals(count: int, minutes: float, bursts: float) -> Belief:
    """Return the belief about runs per minute, from `count` runs in `minutes`.

    `bursts` says how unevenly the runs arrived: that time is divided into equal parts, and the variance of their counts
    is divided by the mean of their counts. For independent arrivals it is about 1. With 8, the belief is that of bursts
    of 8 runs each, which arrive independently.
    """
    each = max(1.0, bursts)
    middle = math.sqrt(count / each + 0.375)
    steps = [_REACH * (2 * number / _PLACES - 1) for number in range(_PLACES + 1)]
    places = [max(0.0, middle + step / 2) ** 2 * each / minutes for step in steps]
    up_to = [NORMAL.cdf(step) for step in steps[:-1]] + [1.0]
    low, high = (max(0.0, middle + sign * _Z95 / 2) ** 2 * each / minutes for sign in (-1, 1))
    return Belief(count / minutes, low, high, count, places, _ascending(up_to))


def _ascending(up_to: list[float]) -> list[float]:
    """Return cumulative sums corrected for rounding: they never fall, and the last one is 1."""
    return [*accumulate((min(1.0, max(0.0, total)) for total in up_to[:-1]), max), 1.0]
