"""The top of a scale: round, at or above the data, and never smaller while the user looks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.charts.scale import Scales, largest, round_top, scale_column, split

UNITS = ("count", "seconds", "share", "amount")


@given(st.floats(0, 1e300), st.sampled_from(UNITS))
def test_a_top_is_at_or_above_the_value_and_not_far_above(value, unit):
    top = round_top(value, unit)
    assert top >= (min(value, 1) if unit == "share" else value)
    least = round_top(0, unit)
    assert top == least or top <= max(value * 2.01, 2 * least)


@pytest.mark.parametrize(
    ("value", "unit", "top"),
    [
        (0, "count", 1), (1, "count", 1), (3, "count", 3), (7, "count", 8), (11, "count", 15), (14, "count", 15),
        (0.31, "share", 0.4), (0.001, "share", 0.05), (1, "share", 1.0), (3, "share", 1.0),
        (26, "seconds", 30), (0.2, "seconds", 1), (61, "seconds", 120), (7_000, "seconds", 7_200),
        (70_000, "seconds", 86_400), (0.3, "amount", 0.3), (0.32, "amount", 0.4), (421_000, "amount", 500_000),
        (0, "amount", 0.01),
    ],
)  # fmt: skip
def test_tops_are_round(value, unit, top):
    assert round_top(value, unit) == top


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.0, 10**400, 1.7e308])
@pytest.mark.parametrize("unit", UNITS)
def test_a_top_is_always_a_number_above_zero(value, unit):
    assert 0 < round_top(value, unit) < math.inf


def test_the_largest_value_is_known_and_finite():
    assert largest((None, 2, math.nan), (math.inf, 5.0, -1)) == 5
    assert largest((), (None,)) == 0
    assert math.isfinite(largest((10**400,)))


def test_a_scale_never_shrinks_until_the_user_looks_at_something_else():
    scales = Scales()
    assert [scales.top("runs", value, "count") for value in (3, 12, 1)] == [3, 15, 15]
    assert scales.top("other", 1, "count") == 1
    scales.forget()
    assert scales.top("runs", 1, "count") == 1


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(0, 12))
def test_both_sides_of_a_split_fit(up, down, rows):
    found = split(up, down, rows)
    assert sum(found.rows) == rows
    assert min(found.rows) >= (1 if rows > 1 else 0)
    if rows > 1:
        assert found.top >= up
        assert found.bottom >= down * (1 - 1e-9)


def test_a_split_never_shrinks_and_follows_the_height():
    scales = Scales()
    first = scales.split("night", 14, 3, 6)
    assert first == scales.split("night", 2, 1, 6)
    larger = scales.split("night", 2, 9, 6)
    assert larger.top >= 14
    assert larger.bottom >= 9
    assert sum(scales.split("night", 2, 1, 8).rows) == 8


def test_a_scale_stands_to_the_right():
    lines = scale_column({0: "40%", 2: "0"}, 3, 5)
    assert ["".join(span.text for span in line) for line in lines] == ["  40%", "     ", "    0"]
