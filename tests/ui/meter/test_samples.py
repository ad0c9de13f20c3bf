"""Rings of measured numbers: quantiles of the last ones, the worst and the growth of the last seconds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.meter.samples import Recent, Samples

NUMBERS = st.lists(st.floats(0, 1e6), min_size=1, max_size=150)


def ring(numbers, size=100):
    samples = Samples(size)
    for number in numbers:
        samples.add(number)
    return samples


@pytest.mark.parametrize(
    ("numbers", "half", "most"),
    [([7], 7, 7), ([2, 1], 1, 2), ([3, 1, 2], 2, 3), (range(1, 101), 50, 95), (range(1, 21), 10, 19)],
)
def test_quantiles_are_numbers_that_were_measured(numbers, half, most):
    samples = ring(numbers)
    assert (samples.quantile(0.5), samples.quantile(0.95)) == (half, most)


def test_of_nothing_there_is_no_quantile():
    assert Samples().quantile(0.5) is None


def test_the_oldest_go():
    samples = ring([900, 900, 1, 2, 3], size=3)
    assert len(samples) == 3
    assert samples.quantile(1.0) == 3


@given(NUMBERS, st.floats(0.01, 1.0))
def test_a_quantile_is_the_least_that_its_share_does_not_exceed(numbers, share):
    last = numbers[-100:]
    found = ring(numbers).quantile(share)
    assert sum(number <= found for number in last) >= share * len(last) - 1e-9
    assert sum(number < found for number in last) < share * len(last)


def test_what_is_too_old_is_forgotten():
    recent = Recent(60.0)
    assert recent.worst is None
    assert recent.span == 0
    for at, number in ((0, 9.0), (30, 1.0), (60, 2.0)):
        recent.add(at, number)
    assert recent.worst == 9
    assert recent.span == 60
    recent.add(61, 0.0)
    assert recent.worst == 2


def test_a_rate_needs_two_moments():
    recent = Recent(10.0)
    assert recent.rate is None
    recent.add(5.0, 1_000)
    assert recent.rate is None
    recent.add(5.0, 1_000)
    assert recent.rate is None
    recent.add(7.0, 1_500)
    assert recent.rate == 250
    recent.add(17.0, 1_500)
    assert recent.rate == 0  # of the last ten seconds
