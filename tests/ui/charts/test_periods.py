"""Spans of time on one line: each is seen, its words are beside it where there is room, gaps are dotted."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.history.coverage import coverage
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Watched
from flowtui.text import safe_text
from flowtui.ui.charts.periods import Period, gap_cells, period_line
from flowtui.ui.charts.signs import ASCII, UNICODE
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink

AXIS = TimeAxis(0, 30, 30)
TIMES = st.one_of(st.floats(-10, 40), st.sampled_from([math.nan, math.inf, -math.inf]))
WORDS = st.text(alphabet="ab 漢é\u0301", max_size=20).map(safe_text)


def text(line):
    return "".join(span.text for span in line)


def test_words_are_beside_their_period():
    assert (
        text(period_line(AXIS, [Period(3, 6, "crm 21m", "bad")], UNICODE)) == "───━━━ crm 21m ───────────────"
    )
    late = period_line(AXIS, [Period(27, 29, "API late 6m", "warn")], ASCII)
    assert text(late) == "-------------- API late 6m ==-"
    gap = period_line(AXIS, [Period(10, 14, "nobody", "warn", gap=True)], UNICODE, solid=True)
    assert text(gap) == "━━━━━━━━━━···· nobody ━━━━━━━━"
    assert [span.role for span in gap] == ["area-amount", "warn", "area-amount"]


def test_a_short_period_has_a_cell_and_words_without_room_are_cut_or_left_out():
    assert text(period_line(AXIS, [Period(5, 5.01, "", "bad")], UNICODE)) == "─────━────────────────────────"
    full = [Period(0, 12, "one", "bad"), Period(14, 18, "two", "bad"), Period(19, 30, "three", "bad")]
    assert text(period_line(AXIS, full, ASCII)) == "============--====-==========="
    long = text(period_line(AXIS, [Period(0, 15, "本" * 30, "bad")], UNICODE))
    assert long == "━" * 15 + " " + "本" * 6 + "… "


def test_nothing_to_show_is_a_track_as_wide_as_the_axis():
    assert text(period_line(AXIS, [], ASCII)) == "-" * 30
    assert period_line(TimeAxis(0, 30, 0), [Period(0, 9, "x", "bad")], UNICODE) == ()


@given(
    st.lists(st.builds(Period, TIMES, TIMES, WORDS, st.just("bad"), st.just(False)), max_size=8),
    st.integers(0, 40),
)
def test_the_line_is_as_wide_as_the_axis_and_each_period_is_seen(periods, cells):
    axis = TimeAxis(0, 30, cells)
    line = period_line(axis, periods, UNICODE)
    assert ink.width(line) == cells
    touched = {cell for period in periods for cell in axis.cells_of(period.since, period.until)}
    assert text(line).count("━") == len(touched)


def test_gaps_are_cells_that_nobody_watched_for_at_least_half_of_them():
    axis = TimeAxis(0, 60, 6)
    watched = [
        Watched(0, 12, LIVE), Watched(12, 22, UNANSWERED, "503"), Watched(18, 34, READ), Watched(36, 60, LIVE),
    ]  # fmt: skip
    assert gap_cells(axis, coverage(watched, 0, 60)) == {1}
    assert gap_cells(axis, coverage([], 0, 60)) == set(range(6))
    assert gap_cells(axis, coverage([], 70, 60)) == set()
    assert gap_cells(axis, coverage([], 30, 60)) == {3, 4, 5}
