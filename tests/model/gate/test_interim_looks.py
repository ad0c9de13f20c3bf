"""Interim looks: at which numbers of runs, and at which level each decides."""

from __future__ import annotations

import math
import random
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtui.model.gate.interim_looks import EARLY, Look, level, look, sizes


def early(count):
    return [Look(size, final=False) for size in islice(sizes(), count)]


def test_looks_are_at_numbers_of_runs_that_grow_by_a_quarter():
    assert list(islice(sizes(), 8)) == [5, 7, 9, 12, 15, 19, 24, 30]


def test_the_look_stays_the_same_until_the_next_number_of_runs_is_reached():
    assert look(48, final=False) == look(59, final=False)
    assert look(60, final=False) != look(59, final=False)
    assert look(4, final=False) is None


def test_there_is_no_final_look_without_runs():
    assert look(0, final=True) is None


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3_000), st.sampled_from([0.05, 0.02, 0.004]))
def test_the_final_look_takes_all_runs_and_most_of_alpha(new, alpha):
    last = look(new, final=True)
    assert last == Look(new, final=True)
    assert (1 - EARLY) * alpha <= level(alpha, last) <= alpha * (1 + 1e-9)


def test_a_final_look_before_the_first_interim_look_takes_all_of_alpha():
    assert level(0.05, Look(4, final=True)) == pytest.approx(0.05, rel=1e-4)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_each_look_decides_at_a_level_above_what_it_spends_and_below_alpha(alpha):
    looks = early(25)
    spent = [alpha * EARLY * each.runs / (each.runs + 50) for each in looks]
    assert level(alpha, looks[0]) == pytest.approx(spent[0], rel=1e-3)
    for each, (before, after) in zip(looks[1:], pairwise(spent), strict=True):
        assert after - before < level(alpha, each) < alpha


def test_random_walks_cross_the_levels_of_all_looks_as_often_as_alpha_says():
    chance = random.Random(4)
    looks = [*early(13), Look(118, final=True)]
    bounds = [(each.runs, level(0.05, each)) for each in looks]
    crossed = walks = 0
    for _ in range(6_000):
        at, height = 0, 0.0
        walks += 1
        for runs, bound in bounds:
            height += chance.gauss(0, math.sqrt(runs - at))
            at = runs
            if math.erfc(height / math.sqrt(2 * runs)) / 2 <= bound:
                crossed += 1
                break
    assert 0.04 < crossed / walks < 0.056
