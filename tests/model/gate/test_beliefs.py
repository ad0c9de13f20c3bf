"""Beliefs about metrics: known intervals, and that the same data give the same belief."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowtui.model.gate import beliefs

CHANCE = random.Random(1)
SOME = tuple(sorted(CHANCE.lognormvariate(3, 0.7) for _ in range(300)))
VALUES = st.lists(st.floats(0, 1e12, allow_subnormal=False), min_size=1, max_size=80)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (15, 200, 0.0460, 0.1200),
        (1, 20, 0.0089, 0.2361),
    ],
)
def test_wilsons_interval_has_its_known_values(hits, n, low, high):
    assert beliefs.wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("hits", "n", "true"), [(5, 5, 0.07), (3, 200, 0.05), (60, 200, 0.2), (0, 50, 0.01), (50, 1_000, 0.055)]
)
def test_the_binomial_tail_of_a_rate_is_exact(hits, n, true):
    exact = sum(
        math.comb(n, at) * true**at * (1 - true) ** (n - at) for at in range(hits + 1, min(n, hits + 400) + 1)
    )
    exact += math.comb(n, hits) * true**hits * (1 - true) ** (n - hits) / 2
    assert beliefs._at_least(hits, n, true) == pytest.approx(exact, rel=1e-6)


def test_after_five_failures_of_five_runs_a_rate_below_seven_percent_is_nearly_impossible():
    assert 0 < beliefs.sides(beliefs.rate(5, 5), None, lambda _: 0.07)[0] < 1e-5


@settings(deadline=None)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_weights_of_a_rate_are_a_distribution_around_the_estimate(both):
    found = beliefs.rate(*both)
    assert list(found.places) == sorted(found.places)
    assert list(found.up_to) == sorted(found.up_to)
    assert found.up_to[-1] == 1.0
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert beliefs.sides(found, None, lambda _: found.low / 2)[0] <= 0.1


def test_the_interval_of_a_percentile_consists_of_values_near_its_rank():
    found = beliefs.percentile(tuple(map(float, range(1, 101))), 0.5)
    assert found.value == 50.0
    assert 39 <= found.low <= 42
    assert 59 <= found.high <= 62


def test_a_high_percentile_of_few_values_has_no_upper_bound():
    assert beliefs.percentile(tuple(map(float, range(20))), 0.95).high is None
    assert beliefs.percentile(tuple(map(float, range(200))), 0.95).high is not None


def test_the_interval_of_a_mean_contains_it_and_is_wider_towards_the_long_tail():
    found = beliefs.mean(SOME)
    assert found.low < found.value < found.high
    assert found.high - found.value > found.value - found.low
    assert found.value == pytest.approx(sum(SOME) / len(SOME))


def test_a_mean_of_few_values_has_no_interval():
    found = beliefs.mean(SOME[:9])
    assert (found.low, found.high, list(found.places)) == (None, None, [])


def test_the_bootstrap_is_deterministic():
    first = beliefs.mean(SOME)
    beliefs.mean.cache_clear()
    beliefs._picks.cache_clear()
    assert beliefs.mean(SOME) == first
    assert beliefs.mean(SOME[:-1]) != first


@settings(deadline=None)
@given(VALUES)
@example([1499724004.0, 1499724004.0, 8.342491689925626e-300])
def test_any_values_give_a_distribution(values):
    some = tuple(sorted(values))
    for found in (beliefs.mean(some), beliefs.percentile(some, 0.95), beliefs.percentile(some, 0.5)):
        assert some[0] * 0.999 <= found.value <= some[-1] * 1.001
        assert list(found.places) == sorted(found.places)
        assert not found.places or found.up_to[-1] == 1.0
        assert not any(map(math.isnan, found.places))


def test_of_two_equal_sides_each_is_equally_likely_to_be_worse():
    same = beliefs.mean(SOME)
    at_most, at_least = beliefs.sides(same, same, lambda base: base)
    assert at_most == pytest.approx(0.5, abs=0.02)
    assert at_least == pytest.approx(0.5, abs=0.02)


def test_a_limit_that_cannot_be_computed_makes_nothing_certain():
    assert beliefs.sides(beliefs.rate(0, 100), beliefs.rate(0, 100), lambda _: math.nan) == pytest.approx(
        (1.0, 1.0)
    )


def test_bursts_widen_the_belief_about_arrivals():
    even, bursty = beliefs.arrivals(100, 50.0, 1.0), beliefs.arrivals(100, 50.0, 9.0)
    assert even.value == bursty.value == 2.0
    assert bursty.low < even.low < 2.0 < even.high < bursty.high
