"""The menu of saved views, with the number of runs each would show. Views can be shown, saved and deleted.

Its owner passes the functions that save and delete a view.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from flowtui import formatting
from flowtui.config.values.views import SavedView, view_name
from flowtui.model.view.saved_views import DIGITS, ListedView
from flowtui.model.view.view import filter_of
from flowtui.text import safe_text
from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.base.workers import start_worker
from flowtui.ui.keys.footer import Foot, Hint, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.menu import MenuList
from flowtui.ui.widgets.prompt import Prompt

_NAME_CELLS: Final = 26
_COUNT_CELLS: Final = 7
_HIGHEST: Final = 16  # most lines of the list
_AGAIN: Final = 2.0  # seconds between two counts
HINTS: Final = (
    Hint("enter", "show", "enter"),
    Hint("s", "save this view", "s"),
    Hint("x", "delete", "x"),
    Hint("esc", "close", "escape"),
)

ChangeViews = Callable[[str], Awaitable[Sequence[ListedView] | None]]
"""Saves or deletes the view of a name. Returns the new list of views; None if the state file cannot be written."""


def view_line(each: ListedView, count: int | None, cells: int, *, current: bool) -> Line:
    """Return one view as a line of `cells` cells: digit, name, filter, and number of runs (`count`; None: unknown)."""
    view = each.view
    tail = formatting.count(count)
    name = min(_NAME_CELLS, max(8, cells // 3))
    said = _said(view)
    wrong = filter_of(view.filter)[1] if view.filter else None
    if wrong is not None:
        said, tail = f"cannot be read: {wrong}", "—"
    mark = " config" if each.origin == "config" else ""
    room = max(0, cells - 4 - name - 1 - _COUNT_CELLS - 1 - len(mark))
    return ink.line(
        (f" {each.number if each.number <= DIGITS else ' '}  ", "key"),
        (ink.fit(safe_text(view.name), name), "accent" if current else "text"),
        " ",
        (ink.fit(safe_text(said), room), "dim" if wrong is None else "warn"),
        (mark, "dim"),
        (ink.fit(tail, _COUNT_CELLS, "right"), "dim" if wrong is None and count == 0 else "text"),
        " ",
    )


def _said(view: SavedView) -> str:
    """Return the filter, group, order and columns of a view in a few words."""
    parts = [view.filter] if view.filter else []
    if view.thread:
        parts.append(f"on {view.thread}")
    elif view.group and view.group != "thread":
        parts.append(f"by {view.group}")
    if view.sort and view.sort != "age":
        parts.append(f"sorted by {view.sort}")
    elif view.sort and view.descending:
        parts.append("oldest first")
    if view.columns:
        parts.append(f"{len(view.columns)} columns")
    return " · ".join(parts)


class ViewList(MenuList):
    """The lines of the views, with a cursor."""

    BINDINGS = [  # noqa: RUF012  Textual's own form
        Binding("s", "screen.save", "save this view", show=False),
        Binding("x,delete", "screen.delete", "delete", show=False),
        *(Binding(str(number), f"screen.pick({number})", show=False) for number in range(1, DIGITS + 1)),
    ]


class ViewsMenu(Dialog[ListedView | None]):
    """A dialog that closes with the view to show, or None. `count` returns how many runs a view shows; None: unknown.

    `keep` saves the current view under a name, `forget` deletes a saved view. `count` may block and runs in a thread.
    """

    BINDINGS = [Binding("escape,q,F", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    DEFAULT_CSS = """
    ViewsMenu { align: center middle; }
    #views-frame { width: 96; max-width: 98%; height: auto; max-height: 90%; }
    #view-name { padding: 0 1; }
    """

    def __init__(
        self,
        title: str,
        views: Sequence[ListedView],
        *,
        current: str,
        count: Callable[[SavedView], int | None],
        keep: ChangeViews,
        forget: ChangeViews,
    ) -> None:
        super().__init__(name="views")
        self._title_text, self._views, self._current = title, list(views), current
        self._count, self._keep, self._forget = count, keep, forget
        self._counts: dict[SavedView, int | None] = {}
        self._hints = True  # whether the last line has the hints, not a message
        self._to_confirm = ""  # the view whose replacement or deletion the user must confirm

    def compose(self) -> ComposeResult:
        with Container(classes="frame dialog", id="views-frame"):
            yield ViewList(id="views")
            yield Prompt("a name for this view", id="view-name")
            yield Bar(id="views-said", classes="hints")

    def on_mount(self) -> None:
        """Show the views, the cursor on the current one."""
        views = self._list
        self.query_one("#views-frame").border_title = self.app.title_text(self._title_text)
        views.focus()
        self._draw()
        names = [each.view.name for each in self._views]
        views.go(names.index(self._current) if self._current in names else 0)
        self.after_paint(self._fit)
        self._count_again()
        self.every(_AGAIN, self._count_again)

    def _fit(self) -> None:
        """Draw for the width that is known now, and scroll to the cursor, which a key may have moved already."""
        self._draw()
        self._list.go(self._list.place)
        if self._hints:
            self._show_message()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.after_paint(self._fit)

    @property
    def _list(self) -> ViewList:
        return self.query_one(ViewList)

    def _draw(self) -> None:
        if not self.query(ViewList):
            return  # the dialog was closed while the runs were counted
        views = self._list
        views.styles.height = min(len(self._views), _HIGHEST, max(2, self.app.size.height - 8))
        views.show_entries([each.view.name for each in self._views], self._line)

    def _line(self, place: int) -> Line:
        each, cells = self._views[place], self._list.size.width
        return view_line(each, self._counts.get(each.view), cells, current=each.view.name == self._current)

    def _show_message(self, text: str = "", role: str = "dim") -> None:
        """Show a message in the place of the hints; "" shows the hints again."""
        bar = self.query_one("#views-said", Bar)
        self._hints = not text
        bar.show_foot(Foot((Span(f" {text}", role),)) if text else hint_foot(HINTS, bar.size.width))

    def _count_again(self) -> None:
        start_worker(self, self._count_all, "counts", exclusive=True)

    async def _count_all(self) -> None:
        for each in tuple(self._views):
            self._counts[each.view] = await asyncio.to_thread(self._count, each.view)
        self._draw()

    # -- requests ----------------------------------------------------------------------------------------------

    def on_cursor_list_chosen(self) -> None:
        """Show the view under the cursor."""
        self._show(self._views[self._list.place])

    def action_pick(self, number: int) -> None:
        """Show the view with this number, if there is one."""
        for place, each in enumerate(self._views):
            if each.number == number:
                self._list.go(place)
                self._show(each)
                return

    def _show(self, each: ListedView) -> None:
        wrong = filter_of(each.view.filter)[1] if each.view.filter else None
        if wrong is not None:
            self._show_message(f"{safe_text(each.view.name)} cannot be shown: {wrong}", "warn")
        else:
            self.dismiss(each)

    def action_save(self) -> None:
        """Ask for the name to save the current view under."""
        self._to_confirm = ""
        self._show_message("enter saves the filter, the order, the columns and the group as they are now")
        own = {each.view.name for each in self._views if each.origin == "own"}
        self.query_one(Prompt).open(self._current if self._current in own else "")

    def action_delete(self) -> None:
        """Delete the view under the cursor, if the user saved it; the second press of the key does it."""
        each = self._views[self._list.place]
        name = safe_text(each.view.name)
        if each.origin != "own":
            where = "is in the config file" if each.origin == "config" else "is built in"
            self._show_message(f"{name} {where}, and stays", "warn")
        elif self._to_confirm != each.view.name:
            self._to_confirm = each.view.name
            self._show_message(f"x again deletes {name}", "warn")
        else:
            self._to_confirm = ""
            self._change(self._forget, each.view.name, f"{name} is deleted")

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Show what saving under this name would do."""
        message.stop()
        self._to_confirm = ""
        self._show_message(*self._about(message.text.strip()))

    def _about(self, name: str) -> tuple[str, str]:
        """Return what saving under `name` would do, as a message and its role."""
        if not name:
            return "esc saves nothing", "dim"
        origin = next((each.origin for each in self._views if each.view.name == name), None)
        if origin is None:
            return f"enter saves this view as {safe_text(name)}", "dim"
        if origin == "own":
            return f"there is a view {safe_text(name)}: enter twice replaces it", "warn"
        where = "in the config file" if origin == "config" else "built in"
        return f"{safe_text(name)} is {where}: choose another name", "warn"

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Save under the name. A view that the user saved is replaced by a second enter, others never."""
        message.stop()
        name = message.text.strip()
        origin = next((each.origin for each in self._views if each.view.name == name), None)
        if name and origin not in (None, "own"):
            self._reopen(message.text)
            return
        if name and origin == "own" and self._to_confirm != name:
            self._reopen(message.text)
            self._to_confirm = name
            self._show_message(f"enter again replaces {safe_text(name)}", "warn")
            return
        self._list.focus()
        self._to_confirm = ""
        self._show_message()
        if not name:
            return
        try:
            view_name(name)
        except ValueError as error:
            self._show_message(str(error), "warn")
            return
        self._current = name
        self._change(self._keep, name, f"{safe_text(name)} is saved")

    def _reopen(self, text: str) -> None:
        prompt = self.query_one(Prompt)
        with prompt.prevent(Prompt.Typed):
            prompt.open(text)
        self._show_message(*self._about(text.strip()))

    def _change(self, change: ChangeViews, name: str, done: str) -> None:
        start_worker(self, partial(self._changed, change, name, done), "views")

    async def _changed(self, change: ChangeViews, name: str, done: str) -> None:
        views = await change(name)
        if views is None:
            self._show_message("flowtui's state file cannot be written: see `flowtui doctor`", "warn")
            return
        self._views = list(views)
        self._show_message(done, "good")
        self._draw()
        names = [each.view.name for each in views]
        if name in names:
            self._list.go(names.index(name))
        self._count_again()

    def on_key(self, event: events.Key) -> None:
        """Cancel a pending confirmation when another key is pressed."""
        if event.key not in ("x", "delete", "enter") and self._to_confirm:
            self._to_confirm = ""
            self._show_message()
