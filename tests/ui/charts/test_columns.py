"""Columns: as high as their values say, never wider or higher than their room, in every character set."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.charts.columns import Columns, columns, height, is_known, trend, up_and_down
from flowtui.ui.charts.signs import ASCII, COLORLESS, UNICODE
from flowtui.ui.paint import ink
from flowtui.ui.paint.theme import behind, swapped

SIGNS = (UNICODE, COLORLESS, ASCII)
UP, DOWN, BACK = "area-completed", "area-failed", "area-amount"
ODD = st.sampled_from([None, math.nan, math.inf, -math.inf, -3, 0, 1, 10**400, 1e308, 5e-324])
VALUES = st.lists(st.one_of(ODD, st.floats(0, 100), st.integers(0, 20)), max_size=12)


def drawn(lines):
    """Return the cells as rows of (character, role)."""
    return [[(sign, span.role) for span in line for sign in span.text] for line in lines]


def text(lines):
    return ["".join(span.text for span in line) for line in lines]


def filled(cells, levels, role):
    """Return how many parts of these cells are filled in a role, also before or behind another one."""
    whole = len(levels)
    return sum(
        levels.index(sign) + 1 if own in (role, swapped(role)) or own.startswith(f"{role} on ")
        # Behind a part of another column, the rest of the cell is filled.
        else whole if own.endswith(f" on {role}") else 0
        for sign, own in cells
    )  # fmt: skip


@given(VALUES, st.integers(0, 5), st.sampled_from([0.0, 1.0, 20.0, 1e308, math.inf]), st.sampled_from(SIGNS))
def test_a_column_is_as_high_as_its_value_and_never_too_high(values, rows, top, signs):
    lines = columns(Columns(values, UP), rows, top, signs)
    assert [ink.width(line) for line in lines] == [len(values)] * rows
    grid = drawn(lines)
    for cell, value in enumerate(values):
        column = [row[cell] for row in grid]
        assert filled([each for each in column if each[1] == UP], signs.up, UP) == height(
            value, top, rows * len(signs.up)
        )
        known = is_known(value)
        assert rows == 0 or (column[-1] == (" ", "text")) == (not known)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=8), st.integers(1, 40), st.floats(0.1, 100))
def test_a_larger_value_is_never_lower_and_what_is_not_zero_is_seen(values, units, top):
    values.sort()
    heights = [height(value, top, units) for value in values]
    assert heights == sorted(heights)
    assert all((found > 0) == (value > 0) for found, value in zip(heights, values, strict=True))
    assert height(top, top, units) == units


@given(VALUES, VALUES, st.integers(0, 4), st.integers(0, 4), st.sampled_from(SIGNS))
def test_up_and_down_have_one_scale(up, down, above, below, signs):
    lines = up_and_down(Columns(up, UP), Columns(down, DOWN), (above, below), 20.0, signs)
    count = max(len(up), len(down))
    assert [ink.width(line) for line in lines] == [count] * (above + below)
    grid = drawn(lines)
    bottom = 20.0 * below / above if above else 20.0
    for cell, value in enumerate(down):
        hanging = [row[cell] for row in grid[above:]]
        assert filled([each for each in hanging if each[0] != " "], signs.down, DOWN) == height(
            value, bottom, below * len(signs.down)
        )


@pytest.mark.parametrize(
    ("signs", "shown"),
    [
        (UNICODE, [" ▄", "█▁", "▇▄", " █"]),
        (COLORLESS, [" ▅", "█▁", "▀▀", " █"]),
        (ASCII, [" :", "#_", "''", " x"]),
    ],
)
def test_failed_columns_hang_from_the_line(signs, shown):
    lines = up_and_down(Columns((8, 0), UP), Columns((1, 4), DOWN), (1, 1), 8, signs)
    assert text(lines) == [shown[1], shown[2]]
    lines = up_and_down(Columns((8, 12), UP), Columns((1, 12), DOWN), (2, 2), 16, signs)
    assert text(lines)[0] == shown[0]
    assert text(lines)[2][1] == shown[3][1]


@pytest.mark.parametrize("signs", [COLORLESS, ASCII])
def test_without_colours_the_smallest_column_is_no_zero(signs):
    zero, smallest, largest = text(columns(Columns((0, 1, 1000), UP), 1, 1000, signs))[0]
    assert len({zero, smallest, largest}) == 3
    assert zero == signs.floor


def test_a_part_of_a_hanging_cell_has_swapped_colours():
    grid = drawn(up_and_down(Columns((0, 0), UP), Columns((2, 8), DOWN), (1, 1), 8, UNICODE))
    assert grid[1] == [("▆", swapped(DOWN)), ("█", DOWN)]


def test_zero_is_a_thin_floor_and_unknown_is_empty():
    assert text(columns(Columns((0, None, math.nan, 3), UP), 2, 4, UNICODE)) == ["   ▄", "▁  █"]


def test_a_gap_is_dotted_on_the_line_and_never_hides_a_column():
    assert text(columns(Columns((None, 0, 4), UP), 2, 4, UNICODE, gaps={0, 1, 2})) == ["  █", "··█"]
    lines = up_and_down(Columns((None, 4), UP), Columns((None, 0), DOWN), (2, 1), 4, UNICODE, gaps={0})
    assert text(lines) == [" █", "·█", "  "]


def test_a_tick_crosses_what_is_empty_or_full():
    ticks = {0: "other", 1: "warn", 2: "other"}
    grid = drawn(columns(Columns((0, 3, 4), UP), 2, 4, UNICODE, ticks=ticks))
    assert grid[0] == [("┆", "other"), ("▄", UP), ("┆", behind("other", UP))]
    assert grid[1] == [("┆", "other"), ("┆", behind("warn", UP)), ("┆", behind("other", UP))]
    assert text(columns(Columns((0, 3, 4), UP), 2, 4, ASCII, ticks=ticks)) == ["!:#", "!##"]


def test_emphasised_columns_have_their_own_role():
    grid = drawn(columns(Columns((4, 4), UP, {1}, "area-failed"), 1, 4, UNICODE))
    assert [role for _, role in grid[0]] == [UP, "area-failed"]


# -- a column before another one ---------------------------------------------------------------------------------


@given(st.integers(0, 24), st.integers(0, 24))
def test_both_columns_are_seen_to_within_half_a_cell(front, rear):
    lines = columns(Columns((front,), UP), 3, 24, UNICODE, back=Columns((rear,), BACK))
    column = [row[0] for row in drawn(lines) if row[0][1] != "track" and row[0][0] != " "]
    near = filled([each for each in column if each[1] != BACK], UNICODE.up, UP)
    far = sum(
        8 if behind(UP, BACK) == role else UNICODE.up.index(sign) + 1 for sign, role in column
    )  # fmt: skip
    assert abs(near - front) <= 4
    assert abs(far - max(front, rear)) <= 4
    assert near <= far
    assert (near > 0) == (front > 0)


def test_without_colours_what_is_behind_is_drawn_otherwise():
    back = Columns((4, 4), BACK)
    assert text(columns(Columns((2, 0), UP), 2, 4, COLORLESS, back=back)) == ["░░", "█░"]
    assert text(columns(Columns((2, 0), UP), 2, 4, ASCII, back=back)) == ["::", "#:"]


def test_a_trend_is_one_line():
    line = trend((None, 0, 1, 4, 9), "area-plain", 4, UNICODE, gaps={0}, ticks={1: "other"})
    assert text([line]) == ["·┆▂██"]
    assert trend((), "area-plain", 4, UNICODE) == ()
