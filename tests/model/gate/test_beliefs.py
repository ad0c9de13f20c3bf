"""Beliefs about metrics: known intervals, and that the same data give the same belief."""

from __future__ import annotations

import math
import random
from itertools import pairwise

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


def exact_tail(hits, n, true):
    """Return the probability of more than `hits` among `n` runs, plus half the probability of just `hits`."""
    more = sum(
        math.comb(n, at) * true**at * (1 - true) ** (n - at) for at in range(hits + 1, min(n, hits + 400) + 1)
    )
    return more + math.comb(n, hits) * true**hits * (1 - true) ** (n - hits) / 2


@pytest.mark.parametrize(
    ("hits", "n"), [(5, 5), (0, 5), (1, 1), (3, 200), (60, 200), (0, 50), (50, 400), (1, 30)]
)
def test_the_belief_about_a_rate_is_the_exact_binomial_tail(hits, n):
    found = beliefs.rate(hits, n)
    middles = [math.asin(math.sqrt(place)) for place in found.places]
    for (left, right), total in list(zip(pairwise(middles), found.up_to, strict=False))[::7]:
        edge = math.sin((left + right) / 2) ** 2
        assert total == pytest.approx(exact_tail(hits, n, edge), rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(("hits", "n", "worth"), [(8, 200, 25.0), (80, 200, 12.5), (3, 4, 1.03), (0, 8, 1.1)])
def test_a_sample_of_lesser_worth_gives_the_belief_of_a_smaller_sample_with_the_same_rate(hits, n, worth):
    found, whole = beliefs.rate(hits, n, worth), beliefs.rate(hits, n)
    assert found.value == whole.value
    assert found.n == whole.n
    assert found.high - found.low > whole.high - whole.low
    assert found.up_to[-1] == 1.0
    if worth == 25.0:
        smaller = beliefs.rate(1, 25)
        assert list(found.places) == pytest.approx(list(smaller.places))
        assert list(found.up_to) == pytest.approx(list(smaller.up_to))


def test_a_percentile_and_a_mean_of_lesser_worth_have_wider_intervals():
    for whole, less in (
        (beliefs.percentile(SOME, 0.5), beliefs.percentile(SOME, 0.5, worth=30.0)),
        (beliefs.mean(SOME), beliefs.mean(SOME, worth=30.0)),
    ):
        assert less.value == whole.value
        assert less.high - less.low > 2.5 * (whole.high - whole.low)


def test_a_mean_is_less_certain_where_more_is_known_about_the_spread():
    own = beliefs.mean(SOME[:40])
    wide = beliefs.mean(SOME[:40], 2.0)
    assert wide.low < own.low < own.value == wide.value < own.high < wide.high
    assert beliefs.mean(SOME[:40], 1e-3) == own


def test_the_tails_of_a_mean_go_on_beyond_all_resamples():
    found = beliefs.mean(SOME)
    assert 0 < found.up_to[0] < 1e-6
    assert 0 < 1 - found.up_to[-2] < 1e-6
    assert found.places[0] < found.low / 1.05


def test_after_five_failures_of_five_runs_a_rate_below_seven_percent_is_nearly_impossible():
    assert 0 < beliefs.sides(beliefs.rate(5, 5), beliefs.limits(None, lambda _: 0.07))[0] < 1e-5


@settings(deadline=None)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_weights_of_a_rate_are_a_distribution_around_the_estimate(both):
    found = beliefs.rate(*both)
    assert list(found.places) == sorted(found.places)
    assert list(found.up_to) == sorted(found.up_to)
    assert found.up_to[-1] == 1.0
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert beliefs.sides(found, beliefs.limits(None, lambda _: found.low / 2))[0] <= 0.1


def test_the_interval_of_a_percentile_consists_of_values_near_its_rank():
    found = beliefs.percentile(tuple(map(float, range(1, 101))), 0.5)
    assert found.value == 50.0
    assert 39 <= found.low <= 42
    assert 59 <= found.high <= 62


def test_long_runs_of_one_thread_do_not_show_a_higher_median():
    new, base = (90.0, 95.0, 100.0, 105.0, 110.0), tuple(float(value) for value in range(10, 31))
    before = beliefs.percentile(base, 0.5)

    def at_most(found: beliefs.Belief) -> float:
        return beliefs.sides(found, beliefs.limits(before, lambda place: place))[0]

    assert at_most(beliefs.percentile(new, 0.5, worth=1.2)) == pytest.approx(0.5, abs=1e-4)
    assert at_most(beliefs.percentile(new, 0.5, worth=4.0)) == pytest.approx(1 / 16, abs=1e-4)
    assert at_most(beliefs.percentile(new, 0.5)) < 0.001  # how far independent values lie apart is known


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
    at_most, at_least = beliefs.sides(same, beliefs.limits(same, lambda base: base))
    assert at_most == pytest.approx(0.5, abs=0.02)
    assert at_least == pytest.approx(0.5, abs=0.02)


def test_a_limit_that_cannot_be_computed_makes_nothing_certain():
    hopeless = beliefs.limits(beliefs.rate(0, 100), lambda _: math.nan)
    assert beliefs.sides(beliefs.rate(0, 100), hopeless) == pytest.approx((1.0, 1.0))


def test_bursts_widen_the_belief_about_arrivals():
    even, bursty = beliefs.arrivals(100, 50.0, 1.0), beliefs.arrivals(100, 50.0, 9.0)
    assert even.value == bursty.value == 2.0
    assert bursty.low < even.low < 2.0 < even.high < bursty.high
