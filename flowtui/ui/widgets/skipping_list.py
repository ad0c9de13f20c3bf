"""A list in which some entries are only titles or rules: the cursor passes over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.cursor_list import CursorList, Key, scroll
from flowtui.ui.widgets.movement import clamp


class SkippingList(CursorList[Key]):
    """Shows entries, of which the cursor can stand on all but those for which `is_title` is true."""

    def is_title(self, key: Key) -> bool:
        """Whether an entry is a title, on which the cursor never stands. At first none is."""
        del key
        return False

    @property
    def _first(self) -> int:
        """The index of the first entry on which the cursor can stand."""
        return next((place for place, key in enumerate(self._keys) if not self.is_title(key)), 0)

    @property
    def following(self) -> bool:
        """Whether the cursor stays on the first entry: the list is at its top, and the cursor was not moved elsewhere."""
        return self._follows and self._place <= self._first and self.scroll_offset.y == 0

    def show_entries(
        self,
        keys: Sequence[Key],
        draw: Callable[[int], Line],
        *,
        words: Sequence[str] = (),
        placeholder: Sequence[Line] = (),
    ) -> None:
        """Show entries as `CursorList` does; a cursor that would stand on a title goes to the next entry."""
        following = self.following
        super().show_entries(keys, draw, words=words, placeholder=placeholder)
        wanted = self._first if following else self._beside(self._place, 1)
        if wanted != self._place:
            self._place = wanted
            self.repaint()
            self.post_message(self.Moved())

    def go(self, place: int) -> None:
        """Move the cursor to the entry at `place`, beyond it if that is a title, and scroll to it and to a title above it."""
        place = clamp(place, self.count)
        place = self._beside(place, 1 if place >= self._place else -1)
        super().go(place)
        self._follows = place == self._first
        above = place - 1
        if above >= 0 and self.is_title(self._keys[above]) and self.scroll_offset.y > above * self.each:
            scroll(self, above * self.each)

    def _beside(self, place: int, step: int) -> int:
        """Return the nearest entry from `place` on in the direction of `step` that is no title; else one the other way."""
        for way in (step, -step):
            at = place
            while 0 <= at < self.count:
                if not self.is_title(self._keys[at]):
                    return at
                at += way
        return place
