"""The pinned order: whatever runs arrive, move and leave, the row under the cursor stays, and changes are counted."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.view.pinned_order import NOTHING, PendingChanges, settle, waiting

KEYS = [("thr_1", f"run_{number}") for number in range(14)]
ORDERS = st.lists(st.sampled_from(KEYS), unique=True, max_size=len(KEYS))
PAGES = st.integers(1, 16)


@st.composite
def looks(draw):
    """Draw an order of runs, and the same order after random removals, moves and additions."""
    shown = draw(ORDERS.filter(bool))
    wanted = list(shown)
    for _ in range(draw(st.integers(0, 4))):
        if wanted:
            wanted.pop(draw(st.integers(0, len(wanted) - 1)))
    for _ in range(draw(st.integers(0, 3))):
        if wanted:
            moving = wanted.pop(draw(st.integers(0, len(wanted) - 1)))
            wanted.insert(draw(st.integers(0, len(wanted))), moving)
    for number in range(draw(st.integers(0, 4))):
        wanted.insert(draw(st.integers(0, len(wanted))), ("thr_1", f"new_{number}"))
    return shown, wanted


def fewest_moves(shown, wanted):
    """Return the smallest number of rows that must move to get the wanted order, found by trying all subsets."""
    common = [key for key in shown if key in wanted]
    for stays in range(len(common), 0, -1):
        for rest in combinations(common, stays):
            places = [wanted.index(key) for key in rest]
            if places == sorted(places):
                return len(common) - stays
    return 0


@given(looks())
def test_pending_changes_are_counted_exactly(look):
    shown, wanted = look
    new, moved, gone = waiting(shown, wanted)
    assert new == len(set(wanted) - set(shown))
    assert gone == len(set(shown) - set(wanted))
    assert moved == fewest_moves(shown, wanted)


@given(looks(), PAGES, st.data())
def test_while_the_order_is_held_nothing_moves_and_pending_changes_are_counted(look, page, data):
    shown, wanted = look
    cursor = data.draw(st.sampled_from(shown))
    anchor = data.draw(st.sampled_from([cursor, None]))
    settled = settle(shown, wanted, cursor=cursor, anchor=anchor, line=0, page=page, held=True)
    order, top, waits = settled
    assert order == shown
    assert top is None
    assert waits == waiting(shown, wanted)
    assert bool(waits) == (shown != wanted)


@given(looks(), PAGES, st.data())
def test_if_the_order_is_not_held_the_newest_is_shown_and_the_cursor_moves_least(look, page, data):
    shown, wanted = look
    cursor = data.draw(st.sampled_from(shown))
    line = data.draw(st.integers(0, page - 1))
    settled = settle(shown, wanted, cursor=cursor, anchor=cursor, line=line, page=page, held=False)
    order, top, waits = settled
    if shown == wanted:
        assert settled == (shown, None, NOTHING)
        return
    assert [key for key in order if key in wanted] == wanted
    assert set(order) - set(wanted) <= {cursor}
    assert waits == waiting(order, wanted)
    ends = range(max(0, len(order) - page) + 1)
    place = order.index(cursor)
    assert top in ends
    assert abs(place - top - line) == min(abs(place - end - line) for end in ends)


@given(looks(), PAGES, st.data())
def test_a_run_under_the_cursor_that_left_the_order_stays_below_its_neighbour(look, page, data):
    shown, wanted = look
    cursor = data.draw(st.sampled_from(shown))
    wanted = [key for key in wanted if key != cursor]
    settled = settle(shown, wanted, cursor=cursor, anchor=cursor, line=0, page=page, held=False)
    above = [key for key in shown[: shown.index(cursor)] if key in wanted]
    place = settled.order.index(cursor)
    assert settled.order[:place] == (wanted[: wanted.index(above[-1]) + 1] if above else [])
    assert settled.waiting == PendingChanges(gone=1)


@given(looks(), PAGES, st.data())
def test_without_the_cursor_in_sight_the_first_remaining_row_stays_on_top(look, page, data):
    shown, wanted = look
    cursor, anchor = data.draw(st.sampled_from(shown)), data.draw(st.sampled_from(shown))
    wanted = [*wanted, *(("thr_1", f"old_{number}") for number in range(page))]
    order, top, _ = settle(shown, wanted, cursor=cursor, anchor=anchor, line=0, page=page, held=False)
    before = shown.index(anchor)
    there = [key for key in shown[before : before + page] if key in order]
    if there:
        assert order[top] == there[0]


@given(looks())
def test_until_the_user_has_chosen_a_run_the_newest_order_is_always_shown(look):
    shown, wanted = look
    settled = settle(shown, wanted, cursor=shown[0], anchor=None, line=0, page=5, held=False)
    assert settled == (wanted, None, NOTHING)


def test_an_empty_table_shows_its_first_rows_at_once():
    settled = settle([], KEYS, cursor=None, anchor=None, line=0, page=5, held=True)
    assert settled == (KEYS, None, NOTHING)


@pytest.mark.parametrize(
    ("waits", "text"),
    [
        (PendingChanges(3, 5), "3 new, 5 would move"),
        (PendingChanges(1), "1 new"),
        (PendingChanges(moved=2, gone=1), "2 would move, 1 would go"),
        (NOTHING, ""),
    ],
)
def test_pending_changes_in_words(waits, text):
    assert waits.text == text
    assert bool(waits) == bool(text)


def test_a_row_that_moves_to_the_other_end_is_one_move():
    assert waiting(KEYS, [*KEYS[1:], KEYS[0]]) == PendingChanges(moved=1)
    assert waiting(KEYS, KEYS[::-1]) == PendingChanges(moved=len(KEYS) - 1)
