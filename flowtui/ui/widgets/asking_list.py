"""A list of a menu: a cursor on its lines, and keys that ask its screen for something."""

from __future__ import annotations

from textual.message import Message

from flowtui.ui.widgets.line_pane import Lines


class AskingList(Lines):
    """Lines that one chooses from; what is wanted of the chosen one is the screen's business."""

    class Asked(Message):
        """Somebody wants something, in a word of the screen's."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    @property
    def place(self) -> int:
        """Where the cursor is, from 0."""
        return self._cursor

    def go(self, place: int) -> None:
        """Put the cursor on a line."""
        self._move(place)

    def action_ask(self, what: str) -> None:
        """Pass on what is wanted."""
        self.post_message(self.Asked(what))

    def action_find(self) -> None:
        """There is too little to search in."""
