"""The selection belongs to runs, a range includes all runs between, and esc clears the filter first, then it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.table.selection import Selection

A, B, C, D = (("t", name) for name in "abcd")


def _selected(*keys):
    selection = Selection()
    for key in keys:
        selection.toggle(key)
    return selection


def test_a_selection_keeps_the_order_in_which_it_was_made():
    assert _selected(C, A, B, A).keys == (C, B)


def test_a_range_goes_from_the_last_selected_run_in_either_direction():
    for first, to in ((B, D), (D, B)):
        selection = _selected(A, first)
        selection.extend([A, B, C, D], to)
        assert set(selection.keys) == {A, B, C, D}


def test_a_range_without_a_selected_run_in_the_order_selects_only_its_end():
    selection = _selected(D)
    selection.extend([A, B, C], B)
    assert selection.keys == (D, B)


@given(st.lists(st.sampled_from([A, B, C, D])))
def test_a_run_is_selected_if_it_was_toggled_an_odd_number_of_times(keys):
    selection = _selected(*keys)
    assert {key for key in (A, B, C, D) if key in selection} == {k for k in keys if keys.count(k) % 2}
    assert len(selection) == len(selection.keys)


async def test_space_selects_and_moves_on_and_esc_clears(app):
    async with app() as seat:
        first, second, third, *_ = seat.rows
        await seat.press("g", "space")
        await seat.until(lambda: seat.table.cursor == second.key)
        await seat.sees(f"{UNICODE.selected}{UNICODE.status[first.status_class]}", "1 selected")
        await seat.press("j", "V")
        await seat.until(lambda: seat.table.selection.keys == (first.key, second.key, third.key))
        await seat.sees("3 selected")
        await seat.press("escape")
        await seat.until(lambda: not len(seat.table.selection))
        assert UNICODE.selected not in seat.text
        assert "selected" not in seat.text


async def test_the_selection_stays_with_its_runs_when_the_order_changes(app):
    async with app() as seat:
        chosen = seat.rows[0]
        await seat.press("g", "space", "S")
        await seat.until(lambda: seat.rows[0].key != chosen.key)
        await seat.press("G")
        await seat.until(lambda: f"{UNICODE.selected}{UNICODE.status[chosen.status_class]}" in seat.text)
        assert seat.table.selection.keys == (chosen.key,)
        assert sum(UNICODE.selected in line for line in seat.text.split("\n")) == 1
