"""The menu of orders: a letter, enter or a click chooses at once, the current one is marked, `S` takes the other way."""

from __future__ import annotations

from flowtui.config.settings import Settings
from flowtui.model.view.view import SORTABLE
from flowtui.ui.app.app import _STYLES
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.columns.orders import is_descending, ordered, run_orders
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.paint.theme import DEFAULT
from flowtui.ui.widgets.order_menu import OrderChoice, OrderEntry, OrderMenu, letters_of, order_line


def test_each_order_of_the_table_has_a_letter_of_its_own_that_moves_no_cursor():
    letters = letters_of(SORTABLE)
    assert dict(zip(SORTABLE, letters, strict=True)) == {
        "age": "a",
        "status": "s",
        "run": "r",
        "thread": "t",
        "agent": "e",
        "model": "m",
        "wait": "w",
        "time": "i",
        "tokens": "o",
        "note": "n",
    }
    assert letters_of([*SORTABLE, "tools[0].name"])[:-1] == letters, (
        "a column of the user takes no letter away"
    )
    assert letters_of(["g", "jk", "多言語"]) == ["1", "2", "3"]


def test_the_sign_of_an_order_says_what_comes_first():
    orders = {order.name: order for order in run_orders(["label.env"])}
    assert orders["age"].ways == ["newest first", "oldest first"]
    assert orders["tokens"].ways == ["largest first", "smallest first"]
    assert orders["label.env"].ways == ["A to Z", "Z to A"]
    told = [
        "".join(span.text for span in order_line(orders[name], "x", way, 8, glyphs)).rstrip()
        for name, way, glyphs in (
            ("tokens", 0, UNICODE),
            ("tokens", 1, UNICODE),
            ("status", 0, ASCII),
            ("age", None, ASCII),
        )
    ]
    assert told == [
        " x  tokens   ▼ largest first",
        " x  tokens   ▲ smallest first",
        " x  status   ^ queued first",
        " x  age        newest first",
    ]


def test_an_order_of_the_table_is_the_same_before_and_after_the_menu():
    for name in SORTABLE:
        for descending in (False, True):
            assert is_descending(ordered(name, descending=descending)) == descending


async def test_letters_enter_and_clicks_choose_and_the_reverse_is_one_key(own_environment):
    orders = [OrderEntry("cost", ("dearest first", "cheapest first")), OrderEntry("growth", ("most first",))]
    app, chosen = AppBase(Settings(keys={"invert": "x"}), lambda: 0.0, str(_STYLES)), []
    app.theme = DEFAULT
    async with app.run_test(size=(60, 15)) as pilot:

        async def choose(*keys, offset=None):
            app.push_screen(OrderMenu(orders, OrderChoice("cost", 1)), chosen.append)
            while not (app.screen.query("#orders") and app.screen.query_one("#orders").size.height):
                await pilot.pause()
            await pilot.press(*keys)
            if offset is not None:
                await pilot.click(offset=offset)
            while not chosen:
                await pilot.pause()
            return chosen.pop()

        assert await choose("r") == OrderChoice("growth")
        assert await choose("c") == await choose("enter") == OrderChoice("cost", 1), "it stays as it was"
        assert await choose("x") == OrderChoice("cost", 0)
        assert await choose("j", "x") == OrderChoice("growth"), "this one has no other way"
        assert await choose("j", "enter") == OrderChoice("growth")
        assert await choose("escape") is None
        assert await choose("q") is None
        app.push_screen(OrderMenu(orders, OrderChoice("cost")), chosen.append)
        while not (app.screen.query("#orders") and app.screen.query_one("#orders").size.height):
            await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "x reverse" in text
        row = app.screen.query_one("#orders").region
        await pilot.click(offset=(row.x + 3, row.y + 1))
        while not chosen:
            await pilot.pause()
        assert chosen.pop() == OrderChoice("growth")
        assert await choose(offset=(1, 10)) is None, "a click beside the menu closes it"
