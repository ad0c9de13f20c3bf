"""The tests that the gate is compared with, from textbooks. They take every run as independent of the others.

Each returns two one-sided p-values for a metric and its limit: a small first one says that the metric is above the
limit, a small second one that it is below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist, fmean
from typing import Final, NamedTuple

_NORMAL: Final = NormalDist()
_STEPS: Final = 400  # places between 0 and 1 at which the always-valid test integrates


class PValues(NamedTuple):
    """One-sided p-values."""

    above: float
    below: float


class Counts(NamedTuple):
    """How many runs failed, of how many, on each side."""

    new: int
    news: int
    base: int
    bases: int


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


@lru_cache(maxsize=200_000)
def fisher(counts: Counts) -> PValues:
    """Fisher's exact test: the failures of both sides are fixed, and how many of them are new is hypergeometric."""
    failed, runs = counts.new + counts.base, counts.news + counts.bases
    total = _log_choose(runs, failed)
    first, last = max(0, failed - counts.bases), min(failed, counts.news)
    chances = [
        math.exp(_log_choose(counts.news, k) + _log_choose(counts.bases, failed - k) - total)
        for k in range(first, last + 1)
    ]
    at = counts.new - first
    return PValues(min(1.0, math.fsum(chances[at:])), min(1.0, math.fsum(chances[: at + 1])))


@lru_cache(maxsize=200_000)
def exact_binomial(failed: int, runs: int, limit: float) -> PValues:
    """The exact test of a rate against a fixed limit."""
    if not 0 < limit < 1:
        return PValues(1.0, 1.0)
    chances = [
        math.exp(_log_choose(runs, k) + k * math.log(limit) + (runs - k) * math.log1p(-limit))
        for k in range(runs + 1)
    ]
    return PValues(min(1.0, math.fsum(chances[failed:])), min(1.0, math.fsum(chances[: failed + 1])))


@lru_cache(maxsize=200_000)
def score_with_margin(counts: Counts, margin: float) -> PValues:
    """The score test of Farrington and Manning (1990): whether the rates differ by more than a margin.

    Its variance is that of the most likely rates that differ by exactly the margin.
    """
    new, base = counts.new / counts.news, counts.base / counts.bases
    share = counts.bases / counts.news
    a = 1 + share
    b = -(1 + share + new + share * base + margin * (share + 2))
    c = margin**2 + margin * (2 * new + share + 1) + new + share * base
    d = -new * margin * (1 + margin)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = math.copysign(math.sqrt(max(0.0, (b / (3 * a)) ** 2 - c / (3 * a))), v)
    w = (math.pi + math.acos(min(1.0, max(-1.0, v / u**3 if u else 0.0)))) / 3
    at_limit = min(1.0, max(0.0, 2 * u * math.cos(w) - b / (3 * a)))
    before = min(1.0, max(0.0, at_limit - margin))
    variance = at_limit * (1 - at_limit) / counts.news + before * (1 - before) / counts.bases
    if variance <= 0:
        return PValues(1.0, 1.0)
    z = (new - base - margin) / math.sqrt(variance)
    return PValues(_NORMAL.cdf(-z), _NORMAL.cdf(z))


def rates(counts: Counts, margin: float) -> PValues:
    """The test for two rates: Fisher's; with a margin, for which it has no form, the score test."""
    return score_with_margin(counts, margin) if margin else fisher(counts)


@lru_cache(maxsize=200_000)
def always_valid(counts: Counts, margin: float) -> PValues:
    """A mixture likelihood ratio for new runs, which may be asked after each of them; returns 1 / ratio.

    The base is a given sample: the true rate before has the posterior Beta(failed + 1/2, others + 1/2). At the limit,
    the new rate is that rate plus the margin. On either side of the limit the new rate is uniform. By Ville's
    inequality, the ratio exceeds 1 / alpha at any time with a probability of at most alpha, on average over the
    posterior.
    """
    places, weights = _posterior(counts.base, counts.bases)
    like = _likelihoods(counts.new, counts.news)
    sums = [0.0]
    for each in like:
        sums.append(sums[-1] + each)
    shift = round(margin * _STEPS)
    at = above = below = 0.0
    for place, weight in zip(places, weights, strict=True):
        limit = min(_STEPS - 1, place + shift)
        at += weight * like[limit]
        below += weight * (sums[limit] + like[limit] / 2) / (limit + 0.5)
        above += weight * (sums[-1] - sums[limit] - like[limit] / 2) / (_STEPS - limit - 0.5)
    return PValues(min(1.0, at / above) if above else 1.0, min(1.0, at / below) if below else 1.0)


def _likelihoods(failed: int, runs: int) -> list[float]:
    """Return the likelihoods of a rate in the middle of each step, divided by the greatest."""
    logs = [failed * one + (runs - failed) * other for one, other in _LOGS]
    top = max(logs)
    return [math.exp(log - top) for log in logs]


@lru_cache(maxsize=5_000)
def _posterior(failed: int, runs: int) -> tuple[list[int], list[float]]:
    """Return the steps at which the rate of the base probably lies, and their weights."""
    logs = [(failed - 0.5) * one + (runs - failed - 0.5) * other for one, other in _LOGS]
    top = max(logs)
    likely = [(place, math.exp(log - top)) for place, log in enumerate(logs) if log > top - 25]
    total = math.fsum(weight for _, weight in likely)
    return [place for place, _ in likely], [weight / total for _, weight in likely]


_LOGS: Final = [
    (math.log((step + 0.5) / _STEPS), math.log1p(-(step + 0.5) / _STEPS)) for step in range(_STEPS)
]


def welch(new: Sequence[float], base: Sequence[float], factor: float) -> PValues:
    """Welch's t-test: whether the mean is above that of the base times a factor."""
    sizes = len(new), len(base)
    if min(sizes) < 2:
        return PValues(1.0, 1.0)
    means = fmean(new), fmean(base) * factor
    parts = (
        _variance(new, means[0]) / sizes[0],
        _variance([value * factor for value in base], means[1]) / sizes[1],
    )
    if sum(parts) <= 0:
        return PValues(1.0, 1.0)
    t = (means[0] - means[1]) / math.sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(part * part / (size - 1) for part, size in zip(parts, sizes, strict=True))
    below = student(t, freedom)
    return PValues(1 - below, below)


def _variance(values: Sequence[float], mean: float) -> float:
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def quantile(new: Sequence[float], base: Sequence[float], share: float, factor: float) -> PValues:
    """The quantile test (the median test for other shares): Fisher's test of how many runs exceed the pooled quantile."""
    before = [value * factor for value in base]
    pooled = sorted([*new, *before])
    cut = pooled[min(len(pooled) - 1, math.ceil(share * len(pooled)) - 1)]
    return fisher(
        Counts(sum(value > cut for value in new), len(new), sum(value > cut for value in before), len(before))
    )


def student(t: float, freedom: float) -> float:
    """Return the distribution function of Student's t."""
    tail = incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    return 1 - tail if t > 0 else tail


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 300):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for part in (even, odd):
            d, c = 1 / (1 + part * d), 1 + part / c
            total *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return front * total / a
