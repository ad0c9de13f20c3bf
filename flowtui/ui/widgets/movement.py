"""Movement of a cursor by keys, and the scroll position that keeps it in sight. Pure."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

_FAR: Final = 1 << 40  # more than any list has entries


def clamp(place: int, count: int) -> int:
    """Return the index nearest to `place` in a list of `count` entries; 0 in an empty list."""
    return min(max(place, 0), max(0, count - 1))


def top_for(place: int, top: int, page: int) -> int:
    """Return the first line in sight so that `place` is in sight, as near to `top` as possible; `page`: lines in sight."""
    return min(max(top, place - page + 1), place)


class Movable:
    """The actions of the movement keys, for a widget with a cursor."""

    @property
    @abstractmethod
    def _page(self) -> int:
        """How many entries a page key moves the cursor."""

    @abstractmethod
    def action_move(self, step: int) -> None:
        """Move the cursor down by `step` entries, or up if negative, at most to the last or first one."""

    def action_page(self, pages: float) -> None:
        """Move the cursor down by `pages` pages; up, if negative."""
        self.action_move(int(pages * self._page))

    def action_first(self) -> None:
        """Move the cursor to the first entry."""
        self.action_move(-_FAR)

    def action_last(self) -> None:
        """Move the cursor to the last entry."""
        self.action_move(_FAR)
