"""Interim looks: at which numbers of runs, and at which level each decides."""

from __future__ import annotations

import math
import random
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowtui.model.gate.interim_looks import FAILING, LAST, PASSING, Look, level, look, sizes


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


BOTH = st.sampled_from([FAILING, PASSING])
BASES = st.one_of(st.none(), st.integers(0, 5_000))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 3_000), BASES, st.sampled_from([0.05, 0.02, 0.004]), BOTH)
def test_the_final_look_takes_all_runs_and_at_least_what_is_left_of_alpha(new, base, alpha, spending):
    last = look(new, final=True)
    assert last == Look(new, final=True)
    assert (1 - spending.early) * alpha <= level(alpha, last, base, spending) <= alpha * (1 + 1e-3)


@pytest.mark.parametrize("base", [50, 200, 1_000, None])
def test_after_two_hundred_runs_four_fifths_of_alpha_are_left_for_the_final_look(base):
    assert level(0.05, Look(200, final=True), base, PASSING) > LAST * 0.05


def test_a_final_look_before_the_first_interim_look_takes_all_of_alpha():
    assert level(0.05, Look(4, final=True), 200, FAILING) == pytest.approx(0.05, rel=1e-4)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize("base", [50, 1_000, None])
def test_each_interim_look_decides_at_a_level_below_alpha_and_none_before_the_tenth_run_at_a_high_one(
    alpha, base
):
    levels = [level(alpha, each, base, PASSING) for each in early(25)]
    assert all(0 < each < 0.25 * alpha for each in levels)
    assert max(levels[:3]) < 0.1 * alpha


@pytest.mark.parametrize("runs", [12, 60])
def test_looks_that_see_more_of_the_same_decide_at_a_higher_level(runs):
    levels = [level(0.05, Look(runs, final=False), base, FAILING) for base in (20, 200, 2_000, None)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > levels[-1]


@pytest.mark.parametrize(("base", "last", "spending"), [(None, 118, PASSING), (40, 300, FAILING)])
def test_random_walks_cross_the_levels_of_all_looks_as_often_as_alpha_says(base, last, spending):
    chance = random.Random(11)
    looks = [look for look in early(30) if look.runs < last] + [Look(last, final=True)]
    rounded = base and 48  # a base counts as large as the next look
    bounds = [
        (
            each.runs if base is None else each.runs * rounded / (each.runs + rounded),
            level(0.05, each, base, spending),
        )
        for each in looks
    ]
    crossed, walks = 0, 5_000
    for _ in range(walks):
        at, height = 0.0, 0.0
        for evidence, bound in bounds:
            height += chance.gauss(0, math.sqrt(evidence - at))
            at = evidence
            if math.erfc(height / math.sqrt(2 * evidence)) / 2 <= bound:
                crossed += 1
                break
    assert 0.043 < crossed / walks < 0.056
