"""The time axis: each time has its cell, columns stand still while time goes on, labels never overlap."""

from __future__ import annotations

import math
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.paint import ink

NOW = 1_795_521_600.0  # 2026-11-24 12:00:00 UTC
HOUR, DAY = 3600.0, 86_400.0
SPANS = st.one_of(st.floats(60, 1e9), st.sampled_from([HOUR, 6 * HOUR, DAY, 7 * DAY]))


def text(line):
    return "".join(span.text for span in line)


@given(SPANS, st.integers(1, 200), st.floats(0, 1))
def test_each_time_of_the_span_has_a_cell(span, cells, part):
    axis = TimeAxis.rolling(span, NOW, cells)
    assert axis.cells == cells
    assert axis.until >= NOW
    assert axis.since <= NOW - span + 1e-3
    at = NOW - span * part
    cell = axis.cell_of(at)
    assert cell is not None
    edges = axis.edges()
    assert len(edges) == cells + 1
    assert edges[cell] - 1e-3 <= at <= edges[cell + 1] + 1e-3
    assert axis.cell_of(NOW) == cells - 1


@given(SPANS, st.integers(2, 200))
def test_only_a_new_cell_moves_the_columns(span, cells):
    axis = TimeAxis.rolling(span, NOW, cells)
    before_the_edge = (NOW + axis.until) / 2
    assert TimeAxis.rolling(span, before_the_edge, cells) == axis
    later = TimeAxis.rolling(span, axis.until + axis.step / 2, cells)
    assert later.since == pytest.approx(axis.since + axis.step)


@given(st.floats(60, 1e8), st.integers(2, 200))
def test_a_growing_axis_begins_where_it_should_and_ends_now(span, cells):
    axis = TimeAxis.growing(NOW - span, NOW, cells)
    assert axis.since == NOW - span
    assert axis.cell_of(NOW) == axis.cells - 1
    assert 0.9 * cells - 1 <= axis.cells <= cells


def test_a_growing_axis_changes_rarely():
    axes = {TimeAxis.growing(NOW, NOW + 12 * HOUR + second, 100) for second in range(600)}
    assert len(axes) <= 4


def test_times_beside_the_axis_have_no_cell():
    axis = TimeAxis(0, 100, 10)
    assert [axis.cell_of(at) for at in (None, -1, 0, 99.9, 100, 100.1, math.nan, math.inf)] == [
        None, None, 0, 9, 9, None, None, None,
    ]  # fmt: skip
    assert list(axis.cells_of(25, 31)) == [2, 3]
    assert list(axis.cells_of(25, 25)) == [2]
    assert list(axis.cells_of(-50, 5)) == [0]
    assert list(axis.cells_of(95, math.inf)) == [9]
    assert (
        list(axis.cells_of(-9, -1)) == list(axis.cells_of(101, 200)) == list(axis.cells_of(math.nan, 5)) == []
    )


def test_counts_begin_with_the_first_known_run():
    axis = TimeAxis(0, 40, 4)
    assert axis.counts([1, 12, 15, None, 99], 5) == [1, 2, 0, 0]
    assert axis.counts([12, 15], 12) == [None, 2, 0, 0]
    assert axis.counts([], None) == [None] * 4
    assert axis.groups([(1, "a"), (35, "b"), (None, "c"), (36, "d")]) == [["a"], [], [], ["b", "d"]]


@pytest.mark.parametrize(
    "axis",
    [
        TimeAxis(0, 100, 0), TimeAxis(100, 100, 5), TimeAxis(100, 0, 5), TimeAxis(0, math.inf, 5),
        TimeAxis(math.nan, 1, 5), TimeAxis.rolling(HOUR, NOW, 0), TimeAxis.rolling(-1, NOW, 9),
        TimeAxis.rolling(HOUR, 1e300, 9), TimeAxis.growing(NOW, NOW, 9), TimeAxis.growing(NOW, NOW, -4),
    ],
)  # fmt: skip
def test_an_axis_without_room_or_length_has_nothing(axis):
    assert axis.cell_of(NOW) is None or axis.step
    assert ink.width(axis_line(axis, UTC)) <= axis.cells
    assert len(axis.counts([NOW, 5.0], 0)) == max(0, axis.cells)


@pytest.mark.parametrize(
    ("span", "cells", "shown"),
    [
        (2 * HOUR, 40, "10:00    10:30     11:00     11:30   now"),
        (24 * HOUR, 60, "11:47          18:00         00:00          06:00        now"),
        (7 * DAY, 60, "17 Nov       19 Nov          21 Nov           23 Nov     now"),
        (60.0, 50, "11:59:06           11:59:30    11:59:45        now"),
        (2 * HOUR, 3, "now"),
        (2 * HOUR, 2, ""),
    ],
)
def test_labels_are_round_times_between_begin_and_now(span, cells, shown):
    line = text(axis_line(TimeAxis.rolling(span, NOW + 7, cells), UTC))
    assert line == shown


def test_a_long_axis_names_the_days_where_they_begin():
    line = text(axis_line(TimeAxis(NOW, NOW + 2 * DAY, 80), UTC))
    assert line.split("  ")[0] == "24 Nov"
    assert "25 Nov" in line
    assert "00:00" not in line
    assert line.endswith("12:00")


def test_labels_are_in_the_zone_of_the_user():
    axis = TimeAxis(NOW, NOW + 4 * HOUR, 60)
    assert text(axis_line(axis, ZoneInfo("Asia/Kolkata"))).split()[0] == "17:30"


@given(SPANS, st.integers(0, 120))
def test_labels_never_overlap_and_never_overflow(span, cells):
    line = axis_line(TimeAxis.rolling(span, NOW, cells), UTC, names=[(cells // 2, "02:04", "other")])
    assert ink.width(line) <= cells
    assert all(span.role != "dim" or " " not in span.text.strip() or span.text[0].isdigit() for span in line)
