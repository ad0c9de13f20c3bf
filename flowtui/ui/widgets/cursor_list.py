"""A list with a cursor, which stays on its entry while entries change places.

Only visible lines are drawn, and of these only changed cells are repainted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.movement import Movable, clamp, top_for

Key = TypeVar("Key", bound=Hashable)
"""Identifies an entry."""


def scroll(view: ScrollView, top: int) -> None:
    """Scroll at once, so that line `top` is the first in sight."""
    view.scroll_to(y=top, animate=False, force=True, immediate=True)


class CursorList(Movable, ScrollView, Generic[Key], can_focus=True):
    """Shows one line for each entry, or `each` lines."""

    app: AppBase
    BINDINGS = bindings.bindings(bindings.PANE, *bindings.MOVES)
    CLICKS: ClassVar[int] = 2
    """How many clicks on an entry choose it."""

    class Moved(Message):
        """The cursor moved, or the entries changed."""

    class Chosen(Message):
        """The user chose the entry under the cursor."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._keys: Sequence[Key] = ()
        self._draw: Callable[[int], Line] = lambda _: ink.BLANK
        self._words: Sequence[str] = ()
        self._placeholder: Sequence[Line] = ()
        self._place = 0
        self._follows = True
        self._head: Sequence[Line] = ()
        """Lines above the entries, which do not scroll."""
        self._painted: dict[int, tuple[Line, bool]] = {}
        self.each = 1

    @property
    def place(self) -> int:
        """The index of the entry under the cursor."""
        return self._place

    @property
    def count(self) -> int:
        """How many entries there are."""
        return len(self._keys)

    @property
    def _page(self) -> int:
        return max(1, (self.size.height - len(self._head)) // self.each - 1)

    @property
    def cells(self) -> int:
        """The width of a line in cells, without the scrollbar."""
        width: int = self.scrollable_content_region.width
        return width

    @property
    def key(self) -> Key | None:
        """The identifier of the entry under the cursor; None in an empty list."""
        return self._keys[self._place] if self._place < len(self._keys) else None

    @property
    def following(self) -> bool:
        """Whether the cursor stays on the first entry: the list is at its top, and the user has moved the cursor nowhere else."""
        return self._follows and self._place == 0 and self.scroll_offset.y == 0

    @property
    def text(self) -> str:
        """The text of all lines, without colours."""
        lines = (*self._head, *map(self._draw, range(self.count)))
        return "\n".join("".join(span.text for span in line) for line in lines)

    def show_entries(
        self,
        keys: Sequence[Key],
        draw: Callable[[int], Line],
        *,
        words: Sequence[str] = (),
        placeholder: Sequence[Line] = (),
    ) -> None:
        """Show one entry for each of `keys`, which identify them; `draw` returns the line of the entry at an index.

        The cursor stays on its entry and its line; at the top it stays on the first entry. `words` (casefolded) are
        highlighted. Without entries, the lines of `placeholder` are shown.
        """
        held, before, following = self.key, self._place, self.following
        same, top, full = keys == self._keys, self.scroll_offset.y, len(keys) == self.count > 0
        self._keys, self._draw, self._words, self._placeholder = keys, draw, words, placeholder
        if same:
            self.repaint()
            return
        self.virtual_size = Size(0, len(keys) * self.each)
        self._place = clamp(before, len(keys))
        if held is not None and not following and held in keys and keys.index(held) != before:
            self._place = keys.index(held)
            scroll(self, top + (self._place - before) * self.each)
        if full and self.scroll_offset.y == top:  # a few entries have other places
            self.repaint()
        else:
            self.refresh()
        self.post_message(self.Moved())

    def go(self, place: int) -> None:
        """Move the cursor to the entry at `place`, or to the nearest one, and scroll to it."""
        self._place = clamp(place, self.count)
        self._follows = self._place == 0
        height = max(1, self.size.height - len(self._head))
        top = top_for((self._place + 1) * self.each - 1, self.scroll_offset.y, height)
        top = top_for(self._place * self.each, top, height)
        if top != self.scroll_offset.y:
            scroll(self, top)
        self.repaint()
        self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        """Move the cursor down by `step` entries, or up if negative, at most to the last or first one."""
        self.go(self._place + step)

    def action_choose(self) -> None:
        """Choose the entry under the cursor."""
        if self._keys:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked entry; `CLICKS` clicks choose it."""
        position = event.get_content_offset(self)
        if position is not None and position.y >= len(self._head):
            place = self._place_at(position.y)
            if place < self.count:
                self.clicked(place, event.chain)

    def clicked(self, place: int, clicks: int) -> None:
        """Move the cursor to a clicked entry; `CLICKS` clicks choose it."""
        self.go(place)
        if clicks >= self.CLICKS:
            self.action_choose()

    # -- drawing -----------------------------------------------------------------------------------------------

    def cursor_style(self) -> Style:
        """Return the style of the cursor's line."""
        return self.app.palette.cursor_row if self.has_focus else Style.null()

    def _place_at(self, y: int) -> int:
        """Return the index of the entry at `y` of the widget."""
        return (self.scroll_offset.y + y - len(self._head)) // self.each

    def line_at(self, y: int, place: int) -> Line:
        """Return the line at `y` of the widget, where the entry at `place` is."""
        if y < len(self._head):
            return self._head[y]
        if not self._keys:
            lines = ink.centred(self._placeholder, self.cells, self.size.height)
            return lines[y] if y < len(lines) else ink.BLANK
        line = self._draw(place) if place < len(self._keys) else ink.BLANK
        if not self._words:
            return line
        return tuple(part for span in line for part in ink.highlight(span.text, span.role, self._words))

    def _paint(self, y: int, place: int) -> tuple[Line, bool]:
        """Return the line at `y`, and whether it is the cursor's."""
        return self.line_at(y, place), place == self._place and y >= len(self._head) and bool(self._keys)

    def repaint(self) -> None:
        """Repaint the cells that have changed since the last paint."""
        width, height = self.size
        for y, old in list(self._painted.items()):
            new = self._paint(y, self._place_at(y)) if y < height else old
            if new == old:
                continue
            first, end = 0, width
            if new[1] == old[1]:
                first, end = ink.changed(old[0], new[0], width) or (0, 0)
            if end:
                self.refresh(Region(first, y, end - first, 1))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`."""
        spans, cursor = self._painted[y] = self._paint(y, self._place_at(y))
        base = self.rich_style + self.cursor_style() if cursor else self.rich_style
        return ink.strip(spans, self.app.palette, base, self.size.width)
