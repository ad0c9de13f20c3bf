"""Bars: shares fill them, what is not zero has a cell, and a dot says whether a value is as usual."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.charts.bars import Part, band, filled, is_unusual, legend, length_bar, share_bar, share_cells
from flowtui.ui.charts.columns import is_known
from flowtui.ui.charts.signs import ASCII, COLORLESS, UNICODE
from flowtui.ui.paint import ink

AMOUNTS = st.lists(
    st.one_of(
        st.integers(0, 50),
        st.floats(0, 1e308),
        st.sampled_from([None, math.nan, math.inf, -1, 10**400, 5e-324]),
    ),
    max_size=7,
)


def text(line):
    return "".join(span.text for span in line)


def is_some(amount):
    return amount is not None and amount > 0


@given(AMOUNTS, st.integers(0, 60))
def test_shares_fill_the_bar_and_what_is_not_zero_has_a_cell(amounts, cells):
    given_cells = share_cells(amounts, cells)
    some = [place for place, amount in enumerate(amounts) if is_some(amount)]
    assert sum(given_cells) == (cells if some else 0)
    assert all(not given_cells[place] for place in range(len(amounts)) if place not in some)
    if cells >= len(some):
        assert all(given_cells[place] for place in some)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=6), st.integers(6, 60))
def test_a_larger_share_never_has_fewer_cells(amounts, cells):
    given_cells = share_cells(amounts, cells)
    for one, own in zip(amounts, given_cells, strict=True):
        assert all(own >= cell for other, cell in zip(amounts, given_cells, strict=True) if one > other)


@given(st.lists(st.integers(20, 100), min_size=1, max_size=5))
def test_shares_are_right_to_the_cell(amounts):
    cells = 60
    for amount, own in zip(amounts, share_cells(amounts, cells), strict=True):
        assert abs(own - amount / sum(amounts) * cells) < 1


@pytest.mark.parametrize(
    ("signs", "shown"), [(UNICODE, "▆▆▆▆▆▆▆▆▆▆"), (COLORLESS, "███████××─"), (ASCII, "=======xx-")]
)
def test_kinds_are_told_apart_by_colour_or_by_sign(signs, shown):
    parts = (Part(70, "completed"), Part(20, "failed"), Part(1, "cancelled"))
    line = share_bar(parts, 10, signs)
    assert text(line) == shown
    assert [span.role for span in line] == ["area-completed", "area-failed", "area-cancelled"]


def test_usual_failures_are_less_bright():
    assert Part(1, "failed", quiet=True).role == "area-failed-quiet"
    assert Part(1, "completed", quiet=True).role == "area-completed"


def test_nothing_to_share_is_a_track():
    assert text(share_bar((Part(0, "failed"), Part(None, "completed")), 4, UNICODE)) == "────"
    assert share_bar((Part(1, "failed"),), 0, UNICODE) == ()


@given(st.one_of(st.none(), st.floats()), st.one_of(st.none(), st.floats()), st.integers(0, 20))
def test_a_length_has_its_room(value, whole, cells):
    assert ink.width(length_bar(value, whole, cells, UNICODE)) == cells
    assert 0 <= filled(value, whole, cells) <= cells
    assert bool(filled(value, whole, cells)) == (cells > 0 and is_some(value))


def test_a_length_is_a_part_of_its_track():
    assert text(length_bar(1, 4, 8, UNICODE)) == "━━──────"
    assert text(length_bar(1, 1000, 8, ASCII)) == "=-------"


# -- against usual -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown", "role"),
    [(8, "──━━●━──", "strong"), (14, "──━━━━─●", "warn"), (0, "●─━━━━──", "warn"), (None, "──━━━━──", None)],
)
def test_a_dot_on_its_usual_range(value, shown, role):
    line = band(value, (4, 11), 16, 8, UNICODE)
    assert text(line) == shown
    assert [span.role for span in line if span.text == "●"] == ([role] if role else [])


@given(
    st.one_of(st.none(), st.floats(), st.just(10**400)),
    st.one_of(st.none(), st.tuples(st.floats(), st.floats())),
    st.floats(),
    st.integers(0, 12),
)
def test_a_band_has_its_room_whatever_the_numbers(value, usual, top, cells):
    line = band(value, usual, top, cells, UNICODE)
    assert ink.width(line) == cells
    known = is_known(value)
    assert text(line).count("●") == (1 if cells and known else 0)


def test_what_is_not_known_is_not_unusual():
    assert not is_unusual(None, (1, 2))
    assert not is_unusual(3, None)
    assert not is_unusual(math.nan, (1, 2))
    assert not is_unusual(3, (1, math.nan))
    assert is_unusual(3, (2, 1))


def test_a_legend_leaves_out_what_has_no_room():
    parts = [("completed", "completed"), ("failed", "失敗"), ("cancelled", "cancelled")]
    assert text(legend(parts, 40, UNICODE)) == "▆ completed   ▆ 失敗   ▆ cancelled"
    assert text(legend(parts, 20, ASCII)) == "= completed   x 失敗"
    assert {span.role for span in legend(parts, 40, UNICODE)[1::3]} == {"dim"}
