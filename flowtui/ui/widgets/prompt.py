"""A one-line input box for a filter, a search or a name; hidden until it is opened."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

from flowtui.ui.keys import bindings


class Prompt(Input):
    """An input box that closes with enter, which keeps the text, or with esc, which discards it."""

    BINDINGS = bindings.bindings(bindings.PROMPT)

    DEFAULT_CSS = "Prompt { display: none; height: 1; border: none; padding: 0 1; }"

    class Typed(Message):
        """The user changed the text."""

        def __init__(self, prompt: Prompt, text: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.text = text

    class Closed(Message):
        """The box was closed; `text` is the kept text, "" after esc."""

        def __init__(self, prompt: Prompt, text: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.text = text

    def __init__(self, hint: str, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(placeholder=hint, compact=True, select_on_focus=False, id=id)

    def open(self, text: str = "") -> None:
        """Show the box with `text`, the cursor at its end, and give it the focus."""
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Post the text while the user types."""
        event.stop()
        if self.display:
            self.post_message(self.Typed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close and keep the text."""
        event.stop()
        self._close(event.value)

    def action_cancel(self) -> None:
        """Close and discard the text."""
        self._close("")

    def _close(self, text: str) -> None:
        self.display = False
        self.post_message(self.Closed(self, text))
