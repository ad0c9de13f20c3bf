"""The still table's rules: over any arrivals, moves and departures, what one reads stays, and what waits is exact."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtui.model.still import NOTHING, Waiting, settle, waiting

KEYS = [("thr_1", f"run_{number}") for number in range(14)]
ORDERS = st.lists(st.sampled_from(KEYS), unique=True, max_size=len(KEYS))
PAGES = st.integers(1, 16)


@st.composite
def looks(draw):
    """An order, and what random departures, moves and arrivals make of it."""
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
    """By trying: how few rows must be lifted out for the others to stand in the order that is wanted."""
    common = [key for key in shown if key in wanted]
    for stays in range(len(common), 0, -1):
        for rest in combinations(common, stays):
            places = [wanted.index(key) for key in rest]
            if places == sorted(places):
                return len(common) - stays
    return 0


@given(looks())
def test_what_waits_is_counted_exactly(look):
    shown, wanted = look
    new, moved, gone = waiting(shown, wanted)
    assert new == len(set(wanted) - set(shown))
    assert gone == len(set(shown) - set(wanted))
    assert moved == fewest_moves(shown, wanted)


@given(looks(), PAGES, st.data())
def test_while_somebody_navigates_nothing_moves_and_everything_is_counted(look, page, data):
    shown, wanted = look
    cursor = data.draw(st.sampled_from(shown))
    order, top, waits = settle(shown, wanted, cursor=cursor, line=0, page=page, navigating=True)
    assert order == shown
    assert top is None
    assert waits == waiting(shown, wanted)
    assert bool(waits) == (shown != wanted)


@given(looks(), PAGES, st.data())
def test_at_rest_an_order_is_taken_only_if_the_cursor_keeps_its_line(look, page, data):
    shown, wanted = look
    cursor = data.draw(st.sampled_from(shown))
    line = data.draw(st.integers(0, page - 1))
    order, top, waits = settle(shown, wanted, cursor=cursor, line=line, page=page, navigating=False)
    can = cursor in wanted and 0 <= wanted.index(cursor) - line <= max(0, len(wanted) - page)
    if shown == wanted:
        assert (order, top, waits) == (shown, None, NOTHING)
    elif can:
        assert (order, waits) == (wanted, NOTHING)
        assert order.index(cursor) - top == line
        assert 0 <= top <= max(0, len(order) - page)
    else:
        assert (order, top, waits) == (shown, None, waiting(shown, wanted))


@given(looks())
def test_until_somebody_chose_a_run_every_order_is_welcome(look):
    shown, wanted = look
    for cursor, line in ((shown[0], None), (None, 3)):
        settled = settle(shown, wanted, cursor=cursor, line=line, page=5, navigating=True)
        assert settled == (wanted, None, NOTHING)


def test_the_first_rows_are_shown_at_once():
    settled = settle([], KEYS, cursor=KEYS[0], line=0, page=5, navigating=True)
    assert settled == (KEYS, None, NOTHING)


@pytest.mark.parametrize(
    ("waits", "text"),
    [
        (Waiting(3, 5), "3 new, 5 would move"),
        (Waiting(1), "1 new"),
        (Waiting(moved=2, gone=1), "2 would move, 1 would go"),
        (NOTHING, ""),
    ],
)
def test_what_waits_is_said_in_words(waits, text):
    assert waits.text == text
    assert bool(waits) == bool(text)


def test_a_row_that_goes_to_the_other_end_is_one_move():
    assert waiting(KEYS, [*KEYS[1:], KEYS[0]]) == Waiting(moved=1)
    assert waiting(KEYS, KEYS[::-1]) == Waiting(moved=len(KEYS) - 1)
