"""Marks: they belong to runs, a range takes all between, and esc takes them away after the filter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.table.selection import Marks

A, B, C, D = (("t", name) for name in "abcd")


def _marked(*keys):
    marks = Marks()
    for key in keys:
        marks.toggle(key)
    return marks


def test_marks_keep_the_order_in_which_they_were_made():
    assert _marked(C, A, B, A).keys == (C, B)


def test_a_range_goes_from_the_last_mark_in_either_direction():
    for first, to in ((B, D), (D, B)):
        marks = _marked(A, first)
        marks.extend([A, B, C, D], to)
        assert set(marks.keys) == {A, B, C, D}


def test_a_range_without_a_mark_in_sight_marks_its_end_alone():
    marks = _marked(D)
    marks.extend([A, B, C], B)
    assert marks.keys == (D, B)


@given(st.lists(st.sampled_from([A, B, C, D])))
def test_a_run_is_marked_if_it_was_toggled_an_odd_number_of_times(keys):
    marks = _marked(*keys)
    assert {key for key in (A, B, C, D) if key in marks} == {k for k in keys if keys.count(k) % 2}
    assert len(marks) == len(marks.keys)


async def test_space_marks_and_moves_on_and_esc_clears(app):
    async with app() as seat:
        first, second, third, *_ = seat.rows
        await seat.press("g", "space")
        await seat.until(lambda: seat.table.cursor == second.key)
        await seat.sees(f"{UNICODE.mark}{UNICODE.status[first.status_class]}", "1 marked")
        await seat.press("j", "V")
        await seat.until(lambda: seat.table.marks.keys == (first.key, second.key, third.key))
        await seat.sees("3 marked")
        await seat.press("escape")
        await seat.until(lambda: not len(seat.table.marks))
        assert UNICODE.mark not in seat.text
        assert "marked" not in seat.text


async def test_marks_stay_with_their_runs_when_the_order_changes(app):
    async with app() as seat:
        marked = seat.rows[0]
        await seat.press("g", "space", "S")
        await seat.until(lambda: seat.rows[0].key != marked.key)
        await seat.press("G")
        await seat.until(lambda: f"{UNICODE.mark}{UNICODE.status[marked.status_class]}" in seat.text)
        assert seat.table.marks.keys == (marked.key,)
        assert sum(UNICODE.mark in line for line in seat.text.split("\n")) == 1
