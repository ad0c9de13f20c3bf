"""The probabilities, compared with sums of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from flowtui.model.answers.brief.chance import at_least, at_most, more_often


def exactly(hits, runs, share):
    return comb(runs, hits) * share**hits * (1 - share) ** (runs - hits)


@pytest.mark.parametrize(
    ("runs", "share"), [(1, Fraction(1, 2)), (30, Fraction(1, 50)), (40, Fraction(3, 4))]
)
def test_the_tails_are_those_of_the_binomial_distribution(runs, share):
    for hits in range(runs + 1):
        above = sum(exactly(each, runs, share) for each in range(hits, runs + 1))
        below = sum(exactly(each, runs, share) for each in range(hits + 1))
        assert at_least(hits, runs, float(share)) == pytest.approx(float(above), abs=1e-12)
        assert at_most(hits, runs, float(share)) == pytest.approx(float(below), abs=1e-12)


def test_what_is_sure_or_impossible():
    assert (at_least(0, 0, 0.5), at_least(0, 9, 0.0), at_least(9, 9, 1.0)) == (1.0, 1.0, 1.0)
    assert (at_least(1, 9, 0.0), at_least(10, 9, 0.5), at_most(-1, 9, 0.5)) == (0.0, 0.0, 0.0)


def test_more_often_is_the_exact_test_of_fisher():
    for hits, runs, base_hits, base_runs in ((3, 5, 2, 40), (0, 7, 3, 9), (20, 31, 20, 900), (4, 4, 0, 1)):
        marked, whole = hits + base_hits, runs + base_runs
        ways = sum(
            comb(runs, each) * comb(base_runs, marked - each)
            for each in range(hits, min(runs, marked) + 1)
            if marked - each <= base_runs
        )
        exact = Fraction(ways, comb(whole, marked))
        assert more_often(hits, runs, base_hits, base_runs) == pytest.approx(float(exact), rel=1e-9)


def test_large_numbers_neither_overflow_nor_take_long():
    assert at_least(60_000, 1_000_000, 0.05) < 1e-300
    assert at_least(50_000, 1_000_000, 0.05) == pytest.approx(0.5, abs=0.01)
    assert more_often(900, 10_000, 1_000, 1_000_000) < 1e-300
