"""A list whose cursor stays on its entry while the entries change places."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from flowtui.ui.paint.ink import Line, Span, width
from flowtui.ui.widgets.line_pane import DocLine, LinePane


class KeyedList(LinePane, inherit_bindings=False):
    """Lines with a cursor, each identified by a string. Its keys are bound by the screen."""

    class Moved(Message):
        """The cursor moved to another line."""

    class Chosen(Message):
        """The user double-clicked the line under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: Sequence[str] = ()

    @property
    def place(self) -> int:
        """The line of the cursor, from 0."""
        return self._cursor

    @property
    def key(self) -> str | None:
        """The identifier of the line under the cursor; None in an empty list."""
        return self._keys[self._cursor] if self._cursor < len(self._keys) else None

    def hold(self, keys: Sequence[str]) -> None:
        """Replace the identifiers. The cursor moves with its identifier, except on the first line: there it stays."""
        if self.key is not None and self._cursor and self.key in keys:
            self._cursor = keys.index(self.key)
        self._cursor = min(self._cursor, max(0, len(keys) - 1))
        self._keys = tuple(keys)

    def show_rows(self, lines: Sequence[Line]) -> None:
        """Show one line for each identifier."""
        self.show_document([DocLine(line, (place,)) for place, line in enumerate(lines)])

    def show_instead(self, lines: Sequence[Line]) -> None:
        """Show a centred message instead of entries."""
        self.hold(())
        cells, above = self.size.width, max(1, (self.size.height - len(lines)) // 3)
        padded = [(Span(" " * max(0, (cells - width(line)) // 2)), *line) for line in lines]
        self.show([(), *[()] * (above - 1), *padded])

    def move(self, place: int) -> None:
        """Move the cursor to a line."""
        self._move(place)
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked line; a double click chooses it."""
        event.prevent_default()
        position = event.get_content_offset(self)
        if position is None or self.scroll_offset.y + position.y >= len(self._keys):
            return
        self.move(self.scroll_offset.y + position.y)
        if event.chain > 1:
            self.post_message(self.Chosen())
