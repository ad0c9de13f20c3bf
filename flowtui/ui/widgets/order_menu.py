"""The menu of orders, the same on all screens with an order: a small list at the right, of which a letter chooses one.

A screen opens it with `self.app.push_screen(OrderMenu(orders, now), self._ordered)`; the function gets an `OrderChoice`, or None if
the user closed the menu.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import digits
from typing import Final, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.keys.footer import Hint, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.menu import MenuList

_TAKEN: Final = "jkgGqS"  # letters that move the cursor, close the menu or reverse
_REVERSE: Final = "invert"  # the id of the key that reverses an order on the dashboard
_NAME_CELLS: Final = 20  # most cells of a name
_AROUND: Final = 11  # cells of a line besides name and words, and of the frame
_LEAST: Final = 42  # cells of the frame: its keys fit
_FRAME: Final = 3  # lines of the frame, and of the keys in it


class OrderEntry(NamedTuple):
    """One order. `name` identifies it. `ways`: what comes first, in words; with a second entry it can be reversed.

    `falls`: whether the first way begins with the largest or the newest.
    """

    name: str
    ways: Sequence[str]
    falls: bool = True


class OrderChoice(NamedTuple):
    """An order and its way, an index of `OrderEntry.ways`."""

    name: str
    way: int = 0


def letters_of(names: Sequence[str]) -> list[str]:
    """Return a letter for each name: the first of its own that is free, else a digit, else ""."""
    given: list[str] = []
    for name in names:
        free = (each for each in (*name.lower(), *digits[1:], digits[0]) if each not in (*given, *_TAKEN))
        given.append(next((each for each in free if each.isascii() and each.isalnum()), ""))
    return given


def order_line(order: OrderEntry, letter: str, way: int | None, name_cells: int, glyphs: Glyphs) -> Line:
    """Return an order as a line. `way`: how it is ordered now, with its sign; None: it is ordered otherwise."""
    falls = order.falls != bool(way)
    sign = " " if way is None else glyphs.down if falls else glyphs.up
    return ink.line(
        (f" {letter or ' '}  ", "key"),
        (ink.fit(order.name, name_cells), "text" if way is None else "title"),
        (f" {sign} ", "title"),
        (order.ways[way or 0], "dim" if way is None else "text"),
    )


class OrderMenu(Dialog[OrderChoice | None]):
    """The menu. A letter, enter or a click chooses an order, the key for reversing chooses its other way, esc closes."""

    BINDINGS = [Binding("escape,q", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    DEFAULT_CSS = """
    OrderMenu { align: right top; }
    #order-frame { height: auto; max-width: 100%; margin: 2 1 0 0; }
    """

    def __init__(self, orders: Sequence[OrderEntry], now: OrderChoice) -> None:
        super().__init__(name="order")
        self._orders, self._now = orders, now
        self._letters = letters_of([order.name for order in orders])

    def compose(self) -> ComposeResult:
        with Container(classes="frame dialog", id="order-frame"):
            yield MenuList(id="orders")
            yield Bar(id="order-keys", classes="hints")

    def on_mount(self) -> None:
        """Show the orders, the cursor on the current one."""
        frame, listed, orders = self.query_one("#order-frame"), self.query_one(MenuList), self._orders
        frame.border_title = self.app.title_text("Order")
        names = min(_NAME_CELLS, max(cell_len(order.name) for order in orders))
        words = max(cell_len(way) for order in orders for way in order.ways)
        width = max(_LEAST, names + words + _AROUND)
        frame.styles.width = width
        listed.styles.height = max(1, min(len(orders), self.app.size.height - _FRAME - 3))
        listed.focus()

        def line(place: int) -> Line:
            order = orders[place]
            way = self._now.way if order.name == self._now.name else None
            return order_line(order, self._letters[place], way, names, self.app.glyphs)

        listed.show_entries([order.name for order in orders], line)
        listed.go(self._current)
        self._show_hints(min(width, self.app.size.width) - 2)

    def _show_hints(self, cells: int) -> None:
        reverse = self.app.user_keys.get(_REVERSE, "S")
        both = any(len(order.ways) > 1 for order in self._orders)
        hints = [Hint("enter", "choose", "enter"), *([Hint(reverse, "reverse", reverse)] if both else [])]
        foot = hint_foot([*hints, Hint("esc", "close", "escape")], cells)
        self.query_one("#order-keys", Bar).show_foot(foot)

    @property
    def _current(self) -> int:
        """The place of the current order."""
        names = [order.name for order in self._orders]
        return names.index(self._now.name) if self._now.name in names else 0

    @property
    def _place(self) -> int:
        """The place of the cursor; a key may come before the list is there."""
        listed = self.query(MenuList)
        return listed.first().place if listed else self._current

    def on_key(self, event: events.Key) -> None:
        """Choose an order by its letter, or the other way of the one under the cursor."""
        if event.character and event.character in self._letters:
            event.stop()
            self._choose(self._letters.index(event.character))
        elif self.app.user_keys.get(_REVERSE, "S") in (event.key, event.character):
            event.stop()
            self._choose(self._place, reverse=True)

    def on_cursor_list_chosen(self) -> None:
        """Choose an order by enter or a click."""
        self._choose(self._place)

    def on_click(self, event: events.Click) -> None:
        """Close the menu if the user clicked beside it."""
        if not self.query_one("#order-frame").region.contains(event.screen_x, event.screen_y):
            self.dismiss(None)

    def _choose(self, place: int, *, reverse: bool = False) -> None:
        """Close with an order. The current one keeps its way, unless `reverse`."""
        order, now = self._orders[place], self._now
        way = now.way if order.name == now.name else 0
        if reverse and len(order.ways) > 1:
            way = 1 - way
        self.dismiss(OrderChoice(order.name, way))
