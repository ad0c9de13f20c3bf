"""Sorting changes no column width, the arrow has one meaning in all columns, and the user can choose the direction."""

from __future__ import annotations

import re

import pytest

from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.view.sorting import order_of
from flowtui.model.view.view import SORTABLE
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.cells import head_cell
from flowtui.ui.table.layout import Slot, natural_width
from flowtui.ui.widgets.order_menu import letters_of


def _columns(seat):
    return [(slot.column.name, slot.start, slot.width) for slot in seat.table.slots]


@pytest.mark.parametrize(
    "size",
    [(120, 36), *(pytest.param(size, marks=pytest.mark.slow) for size in ((158, 38), (80, 24), (60, 15)))],
)
async def test_sorting_by_any_column_moves_no_column(app, size):
    async with app(size=size) as seat:
        before = _columns(seat)
        for letter in (*letters_of(SORTABLE)[1:], letters_of(SORTABLE)[0]):
            for _ in range(2):
                assert _columns(seat) == before, seat.dashboard.view.sort
                await seat.press("S")
            await seat.press("s", letter)
        assert seat.dashboard.view.sort == "age"
        assert _columns(seat) == before


@pytest.mark.slow  # saved views are tested in test_views_menu
async def test_a_saved_view_and_a_filter_restore_the_columns(app):
    async with app(size=(158, 38)) as seat:
        before = _columns(seat)
        for view in ("6", "5", "4"):
            await seat.press("F", view)
            await seat.until(lambda: seat.app.screen is seat.dashboard)
            await seat.press("F", "1")
            await seat.until(lambda: seat.app.screen is seat.dashboard)
            assert _columns(seat) == before
        await seat.press("slash", *"status:failed", "enter", "escape")
        await seat.until(lambda: not seat.dashboard.view.narrowed)
        assert _columns(seat) == before


async def test_a_click_on_a_title_leaves_its_column_as_wide_as_it_was(app):
    async with app(size=(158, 38)) as seat:
        before = _columns(seat)
        slot = next(slot for slot in seat.table.slots if slot.column.name == "time")
        for order in (("time", True), ("time", False)):  # the longest first, as in the menu
            await seat.pilot.click(seat.table, offset=(slot.start + 2, 0))
            await seat.until(
                lambda order=order: (seat.dashboard.view.sort, seat.dashboard.view.descending) == order
            )
            assert _columns(seat) == before


async def test_a_column_widened_by_a_view_shrinks_with_the_next_view_and_not_with_an_update(app):
    async with app(size=(158, 38)) as seat:
        before = _columns(seat)
        rows = [run._replace(total_tokens=123_456_789) for run in seat.rows]
        look = seat.table._style
        seat.table.show(rows, look)
        wide = seat.table.width_of("tokens")
        assert wide >= len("123,456,789")
        seat.table.show([run._replace(total_tokens=1) for run in rows], look)
        assert seat.table.width_of("tokens") == wide, "an update made a column narrower"
        await seat.press("a")
        await seat.press("a")
        assert _columns(seat) == before


def _title(name, order, width=None, glyphs=UNICODE):
    column = COLUMNS[name]
    slot = Slot(column, 0, natural_width(column, []) if width is None else width)
    asked, descending = order_of(order)
    look = CellStyle(Context(now=0.0), glyphs, order=(asked, descending))
    return "".join(span.text for span in head_cell(slot, look))


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "time"])
def test_the_arrow_down_means_largest_or_newest_first_in_every_column_and_fits_every_title(name):
    for glyphs in (UNICODE, ASCII):
        for said, sign in (("desc", glyphs.down), ("asc", glyphs.up)):
            title = _title(name, f"{name}:{said}", glyphs=glyphs).strip()
            assert title.removesuffix(sign).strip() == COLUMNS[name].title
            assert title.endswith(sign)
    natural = _title(name, name).strip()
    assert natural.endswith(UNICODE.down if name == "age" else UNICODE.up)


def test_a_title_that_was_made_narrow_keeps_its_sign():
    assert _title("tokens", "tokens:desc", 4) == "TO…▼"
    assert _title("tokens", "age", 4) == "TOK…"


DIRECTIONS = [
    ("tokens:desc", ("tokens", True), "TOKENS▼"),
    ("tok:asc", ("tokens", False), "TOKENS▲"),
    ("age:desc", ("age", False), "AGE▼"),
    ("age:asc", ("age", True), "AGE▲"),
    ("-age", ("age", True), "AGE▲"),
    ("tokens", ("tokens", False), "TOKENS▲"),
    ("-tokens", ("tokens", True), "TOKENS▼"),
]


@pytest.mark.slow  # test_sorting of the model sees the same directions
async def test_the_sort_command_accepts_a_direction(app):
    async with app(size=(158, 38)) as seat:
        for said, order, title in DIRECTIONS:
            await seat.press("colon", *f"sort {said}", "enter")
            await seat.until(
                lambda order=order: (seat.dashboard.view.sort, seat.dashboard.view.descending) == order
            )
            await seat.until(lambda title=title: title in re.sub(" ([▼▲])", r"\1", seat.text))


WRONG = {
    "tokens:down": "there is no direction 'down'. Say tokens:desc",
    "tokns:desc": "There is no column 'tokns'. Did you mean tokens?",
    "-tokens:desc": "Say -tokens or tokens:desc, not both",
}


async def test_a_wrong_direction_is_refused_with_the_possible_ones(app):
    async with app(size=(158, 38)) as seat:
        for said, wrong in WRONG.items():
            await seat.press("colon", *f"sort {said}", "enter")
            await seat.sees(wrong)
            assert seat.dashboard.view.sort == "age"
            await seat.press("escape")


async def test_the_command_line_offers_directions_after_a_colon(app):
    async with app(size=(158, 38)) as seat:
        await seat.press("colon", *"sort tokens:")
        await seat.sees("tokens:desc", "largest or newest first", "tokens:asc")
