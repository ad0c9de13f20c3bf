"""The one-line box for a filter or a search. Hidden until somebody asks for it; what is typed works at once."""

from __future__ import annotations

from textual.message import Message
from textual.widgets import Input

from flowtui.ui.keys import bindings


class Prompt(Input):
    """An input that opens with a purpose and closes with enter (keep) or esc (take back)."""

    BINDINGS = bindings.bindings(bindings.PROMPT)

    DEFAULT_CSS = "Prompt { display: none; height: 1; border: none; padding: 0 1; }"

    class Typed(Message):
        """The text changed."""

        def __init__(self, prompt: Prompt, text: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.text = text

    class Closed(Message):
        """The box was closed; `text` is what holds from now on."""

        def __init__(self, prompt: Prompt, text: str) -> None:
            super().__init__()
            self.prompt = prompt
            self.text = text

    def __init__(self, hint: str, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(placeholder=hint, compact=True, select_on_focus=False, id=id)

    def open(self, text: str = "") -> None:
        """Show the box with this text in it."""
        self.value = text
        self.cursor_position = len(text)
        self.display = True
        self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what is typed while it is typed."""
        event.stop()
        if self.display:
            self.post_message(self.Typed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was typed."""
        event.stop()
        self._close(event.value)

    def action_cancel(self) -> None:
        """Take back what was typed."""
        self._close("")

    def _close(self, text: str) -> None:
        self.display = False
        self.post_message(self.Closed(self, text))
