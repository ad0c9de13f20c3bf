"""Releases and changes on a chart: names next to their ticks, never over each other, whatever they are called."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flowtui.text import safe_text
from flowtui.ui.charts.labels import Labels
from flowtui.ui.charts.signs import ASCII, COLORLESS, UNICODE
from flowtui.ui.charts.ticks import (
    CONFIG,
    RELEASE,
    Tick,
    config_ticks,
    name_line,
    release_line,
    tick_cells,
    tick_line,
)
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink

AXIS = TimeAxis(0, 40, 40)
NAMES = st.text(alphabet="ab-9漢字é\u0301●", max_size=14).map(safe_text)
TICKS = st.lists(st.builds(Tick, st.one_of(st.floats(-5, 45), st.just(math.nan)), NAMES), max_size=12)


def text(line):
    return "".join(span.text for span in line)


@pytest.mark.parametrize("signs", [UNICODE, COLORLESS, ASCII])
def test_each_sign_takes_one_cell_and_ascii_is_ascii(signs):
    for value in signs:
        for sign in "" if isinstance(value, bool) else value:
            assert cell_len(sign) == 1
            assert sign.isascii() or signs is not ASCII


def test_ticks_have_the_cell_of_their_time_and_a_release_comes_first():
    ticks = [Tick(3, "a"), Tick(3.5, "b", CONFIG), Tick(7, "c", CONFIG), Tick(99, "d")]
    assert tick_cells(AXIS, ticks) == {3: RELEASE, 7: CONFIG}
    assert tick_cells(AXIS, reversed(ticks)) == {3: RELEASE, 7: CONFIG}
    assert text(tick_line({3: RELEASE, 7: CONFIG, 50: RELEASE}, 40, UNICODE)) == "   ┆   ┆"
    assert text(tick_line({}, 40, ASCII)) == ""


@pytest.mark.parametrize(
    ("ticks", "shown"),
    [
        ([Tick(20, "release-42")], "           release-42"),
        ([Tick(2, "release-42")], "release-42"),
        ([Tick(39, "release-42")], "                              release-42"),
        ([Tick(20, "release-41"), Tick(24, "release-42")], "           release-41   release-42"),
        (
            [Tick(20, "release-41"), Tick(22, "release-42"), Tick(24, "release-43")],
            "             release-42 release-43",
        ),
        ([Tick(18, "リリース"), Tick(20, "release")], "           リリース release"),
        ([Tick(20, "a"), Tick(20.5, "b"), Tick(20.6, "a")], "                 a, b"),
        ([Tick(20, "x" * 60)], "x" * 39 + "…"),
        ([], ""),
    ],
)
def test_names_are_next_to_their_ticks(ticks, shown):
    assert text(name_line(AXIS, ticks)) == shown


def test_what_is_written_first_keeps_its_place():
    line = text(name_line(AXIS, [Tick(36, "release-42")], [(39, "now", "dim")]))
    assert line == " " * 26 + "release-42 now"


@given(TICKS, st.integers(0, 50), st.sampled_from([UNICODE, ASCII]))
def test_names_never_overlap_and_never_overflow(ticks, cells, signs):
    axis = TimeAxis(0, 40, cells)
    for line in (name_line(axis, ticks), release_line(axis, ticks, signs)):
        assert ink.width(line) <= cells
    on_it = tick_cells(axis, ticks)
    at, found = 0, set()
    for span in release_line(axis, ticks, signs):
        if span.text == signs.release:
            found.add(at)
        at += cell_len(span.text)
    assert found >= {cell for cell in on_it if any(axis.cell_of(t.at) == cell and t.name for t in ticks)}


def test_releases_are_named_left_or_right_of_their_sign():
    ticks = [Tick(15, "release-42"), Tick(18, "release-43"), Tick(20, "release-44")]
    assert text(release_line(AXIS, ticks, UNICODE)) == "    release-42 ▲  ▲ ▲ release-44"
    assert (
        text(release_line(AXIS, [Tick(0, "r1"), Tick(39, "r2")], ASCII))
        == "^ r1                                r2 ^"
    )


# -- labels --------------------------------------------------------------------------------------------------------


def test_only_the_newest_change_of_configuration_is_named_and_all_have_a_sign():
    axis = TimeAxis(0.0, 60.0, 60)
    ticks = config_ticks([10.0, 30.0, 50.0])
    assert text(release_line(axis, ticks, UNICODE)).count("▲") == 3
    assert text(release_line(axis, ticks, UNICODE)).count("config") == 1
    assert text(name_line(axis, ticks)).split() == ["config"]
    assert config_ticks([]) == []


def test_a_text_is_cut_only_if_that_is_wanted_and_not_to_nothing():
    labels = Labels(12)
    assert labels.put("first", "dim", 0, ("after",))
    assert not labels.put("second-name", "dim", 8, ("after", "before"))
    assert labels.put("second-name", "dim", 8, ("after",), least=4)
    assert text(labels.line()) == "first second…"[:6] + "secon…"
    assert not labels.put("x", "dim", 8, ("after",), least=4)
    assert not labels.put("", "dim", 3, ("after",))
    assert not labels.put("x", "dim", 12, ("after",))


@given(
    st.lists(st.tuples(NAMES, st.integers(-2, 32), st.integers(0, 6), st.booleans()), max_size=10),
    st.integers(0, 30),
)
def test_texts_never_touch(texts, cells):
    labels = Labels(cells)
    for said, cell, least, exact in texts:
        labels.put(said, "dim", cell, ("before", "around", "after"), least=least, exact=exact)
    spans = labels.line()
    assert ink.width(spans) <= cells
    assert all(one.role != two.role for one, two in pairwise(spans))
