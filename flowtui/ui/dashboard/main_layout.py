"""How the table and the pane below it share their room: a short list takes only its rows, the pane the rest."""

from __future__ import annotations

from typing import Final

from textual.dom import DOMNode
from textual.widget import Widget

from flowtui.model.view.view import View

_FRAME: Final = 2
_HEAD: Final = 1
_LEAST: Final = 6  # rows: with fewer, the pane would move with each run that comes
_PANE: Final = 8  # least lines of the pane
_SHARE: Final = 3 / 5  # of the lines for the table, if it has that many rows


def table_height(lines: int, rows: int) -> int | None:
    """Return the height of the table's frame among `lines` lines if it has so few rows that it needs less than its share.

    None: it gets its share.
    """
    own = max(rows, _LEAST) + _HEAD + _FRAME
    share = lines - max(_PANE, lines - int(lines * _SHARE))
    return own if rows and own < share else None


class MainLayout:
    """Keeps the heights of both frames. While the user looks at the same view, a list never gets shorter."""

    def __init__(self, screen: DOMNode) -> None:
        self._runs, self._detail = (screen.query_one(f"#{name}-frame", Widget) for name in ("runs", "detail"))
        self._main = screen.query_one("#main", Widget)
        self._view: View | None = None
        self._most = 0
        self._height: int | None = None

    def lay_out(self, view: View, rows: int, *, alone: bool) -> None:
        """Give both their heights, now that the table has so many rows. `alone`: only one of them is there."""
        self._most = rows if view != self._view else max(rows, self._most)
        self._view = view
        height = None if alone else table_height(self._main.size.height, self._most)
        if height == self._height:
            return
        self._height = height
        for frame, rule in ((self._runs, height), (self._detail, "1fr")):
            # with None, the height of the style sheet holds; unlike `clear_rule` this lays the screen out again
            frame.styles.height = None if height is None else rule
