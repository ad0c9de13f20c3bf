"""The tests that the gate is compared with give the p-values of textbooks."""

from __future__ import annotations

import math
import random
import sys
from pathlib import Path
from statistics import NormalDist

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))  # benchmarks are no part of the package

from benchmarks.gating.comparators import (
    Counts,
    always_valid,
    exact_binomial,
    fisher,
    incomplete_beta,
    quantile,
    score_with_margin,
    student,
    welch,
)


def test_fishers_exact_test():
    assert fisher(Counts(3, 4, 1, 4)).above == pytest.approx(17 / 70), "the lady and her tea"
    assert fisher(Counts(8, 10, 2, 10)).above == pytest.approx(0.011507, abs=1e-6)
    swapped = fisher(Counts(2, 10, 8, 10))
    assert swapped.below == pytest.approx(0.011507, abs=1e-6)
    assert fisher(Counts(0, 5, 0, 9)) == (1.0, 1.0)


def test_the_exact_binomial_test():
    assert exact_binomial(8, 10, 0.5).above == pytest.approx(56 / 1024)
    assert exact_binomial(0, 10, 0.1).below == pytest.approx(0.9**10)


def test_the_score_test_with_margin():
    # Without a margin it is the pooled z-test: 15/100 against 5/100 has z = 2.357.
    assert score_with_margin(Counts(15, 100, 5, 100), 0.0).above == pytest.approx(0.0092, abs=1e-4)
    counts, margin = Counts(5, 88, 7, 76), 0.1

    def log_likelihood(at):
        return (
            counts.new * math.log(at)
            + (counts.news - counts.new) * math.log1p(-at)
            + counts.base * math.log(at - margin)
            + (counts.bases - counts.base) * math.log1p(margin - at)
        )

    likeliest = max((margin + step / 10_000 for step in range(1, 9_000)), key=log_likelihood)
    before = likeliest - margin
    spread = math.sqrt(likeliest * (1 - likeliest) / counts.news + before * (1 - before) / counts.bases)
    z = (counts.new / counts.news - counts.base / counts.bases - margin) / spread
    found = score_with_margin(counts, margin)
    assert found.below == pytest.approx(NormalDist().cdf(z), rel=0.005)
    assert found.above == pytest.approx(1 - found.below)


def test_the_t_distribution_and_the_beta_function():
    assert student(1.0, 1) == pytest.approx(0.75)
    assert student(2.228139, 10) == pytest.approx(0.975, abs=1e-6)
    assert student(-1.812461, 10) == pytest.approx(0.05, abs=1e-6)
    assert incomplete_beta(0.5, 2, 2) == pytest.approx(0.5)
    assert incomplete_beta(0.3, 1, 3) == pytest.approx(1 - 0.7**3)


def test_welchs_test_and_the_quantile_test():
    # Equal sizes and variances: t = 1 with 8 degrees of freedom.
    assert welch([1, 2, 3, 4, 5], [2, 3, 4, 5, 6], 1.0).below == pytest.approx(0.17330, abs=1e-5)
    assert welch([2, 4, 6, 8, 10], [1, 2, 3, 4, 5], 2.0).below == pytest.approx(0.5)
    low, high = list(range(10)), list(range(100, 110))
    assert quantile(high, low, 0.5, 1.0).above == fisher(Counts(10, 10, 0, 10)).above
    assert quantile(high, low, 0.5, 100.0).below < 0.05


def test_the_always_valid_test_seldom_errs_however_often_it_is_asked():
    wrong = 0
    for seed in range(100):
        chance = random.Random(seed)
        base = sum(chance.random() < 0.1 for _ in range(300))
        failed = 0
        for runs in range(1, 61):
            failed += chance.random() < 0.1
            if min(always_valid(Counts(failed, runs, base, 300), 0.0)) <= 0.05:
                wrong += 1
                break
    assert wrong <= 9, "at most 5 of 100 on average"
    assert always_valid(Counts(8, 14, 10, 200), 0.0).above < 0.001
    assert always_valid(Counts(2, 100, 50, 1_000), 0.1).below < 0.01
