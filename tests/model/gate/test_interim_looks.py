"""Interim looks: at which numbers of runs, and how much of alpha each may spend."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.gate.interim_looks import EARLY, look, sizes


def test_looks_are_at_numbers_of_runs_that_grow_by_half():
    assert list(islice(sizes(), 8)) == [5, 8, 12, 18, 27, 41, 62, 93]


def test_the_look_stays_the_same_until_the_next_number_of_runs_is_reached():
    assert look(41, 200, final=False) == look(61, 200, final=False)
    assert look(62, 200, final=False) != look(61, 200, final=False)
    assert look(4, 200, final=False) is None


@pytest.mark.parametrize("base", [0, 20, 200, 5_000])
@pytest.mark.parametrize("stop", [0, 4, 5, 60, 200, 7_000])
def test_all_looks_together_spend_at_most_alpha(base, stop):
    early = [look(size, base, final=False).share for size in islice(sizes(), 30) if size <= stop]
    last = look(stop, base, final=True)
    assert all(share > 0 for share in early)
    assert sum(early) <= EARLY
    assert sum(early) + (last.share if last else 0.0) <= 1 + 1e-12


def test_there_is_no_final_look_without_runs():
    assert look(0, 200, final=True) is None


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_the_final_look_takes_all_runs_and_most_of_alpha(new, base):
    last = look(new, base, final=True)
    assert last.runs == new
    assert last.share >= 1 - EARLY
