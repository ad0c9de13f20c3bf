"""When is looked, and how sure each look has to be."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.gate.interim_looks import EARLY, look, sizes


def test_looks_are_at_numbers_that_grow_by_half():
    assert list(islice(sizes(), 8)) == [5, 8, 12, 18, 27, 41, 62, 93]


def test_between_two_numbers_the_look_stays_the_same():
    assert look(41, 200, final=False) == look(61, 200, final=False)
    assert look(62, 200, final=False) != look(61, 200, final=False)
    assert look(4, 200, final=False) is None


@pytest.mark.parametrize("base", [0, 20, 200, 5_000])
@pytest.mark.parametrize("stop", [0, 4, 5, 60, 200, 7_000])
def test_all_looks_together_spend_no_more_than_there_is(base, stop):
    early = [look(size, base, final=False).share for size in islice(sizes(), 30) if size <= stop]
    last = look(stop, base, final=True)
    assert all(share > 0 for share in early)
    assert sum(early) <= EARLY
    assert sum(early) + (last.share if last else 0.0) <= 1 + 1e-12


def test_there_is_no_last_look_at_nothing():
    assert look(0, 200, final=True) is None


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_the_last_look_is_at_everything_and_keeps_most_of_the_error(new, base):
    last = look(new, base, final=True)
    assert last.runs == new
    assert last.share >= 1 - EARLY
