"""A list whose entries take one line or several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.cursor_list import CursorList

Key = TypeVar("Key")


class EntryList(CursorList[Key], inherit_bindings=False):
    """Shows entries of `each` lines; the screen binds the keys."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._lines: Callable[[int], Sequence[Line]] = lambda _: ()

    def show_all(
        self,
        keys: Sequence[Key],
        lines: Callable[[int], Sequence[Line]],
        each: int,
        *,
        words: Sequence[str] = (),
        placeholder: Sequence[Line] = (),
    ) -> None:
        """Show the entries with these keys; `lines` returns the `each` lines of the one at an index. The rest: see `show_entries`."""
        self._lines = lines
        if each != self.each:
            self.each = each
            self._keys = ()  # so that the new height is taken
        self.show_entries(keys, lambda place: lines(place)[0], words=words, placeholder=placeholder)

    def line_at(self, y: int, place: int) -> Line:
        """Return the line at `y` of the widget, where the entry at `place` is."""
        line = (self.scroll_offset.y + y) % self.each
        if not line or place >= self.count:
            return super().line_at(y, place)
        return self._lines(place)[line] if self.count else ink.BLANK
