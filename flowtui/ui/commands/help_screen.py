"""The help: every key of where one is, from the key definitions; `/` narrows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.keys.bindings import KEYS, TITLES
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from flowtui.ui.app.app import FlowtuiApp


def help_lines(
    places: tuple[str, ...], words: str = "", remapped: Mapping[str, str] | None = None
) -> list[Line]:
    """Return the keys of some parts of the screen, narrowed to those that hold every word.

    `remapped` maps ids to the keys that a config put in place of ours.
    """
    wanted = words.casefold().split()
    shown = {key.id: key.shown for key in KEYS} | dict(remapped or {})
    lines: list[Line] = []
    for place in places:
        fitting = [
            key
            for key in KEYS
            if key.where == place and all(word in f"{shown[key.id]} {key.help}".casefold() for word in wanted)
        ]
        if fitting:
            lines.append(ink.line((TITLES[place], "strong")))
            lines += [
                ink.line("  ", (ink.fit(shown[key.id], 14), "key"), (key.help, "text")) for key in fitting
            ]
            lines.append(ink.BLANK)
    return lines or [ink.line(("No key does that.", "dim"))]


class HelpScreen(Dialog[None]):
    """Shows the keys; any of esc, q and ? closes it."""

    BINDINGS = [Binding("escape,q,question_mark", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    def __init__(self, places: tuple[str, ...]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        """Make the parts."""
        with Container(classes="frame", id="help-frame"):
            yield Prompt("what do you want to do?")
            yield LinePane(id="help")

    def on_mount(self) -> None:
        """Show the keys."""
        frame = self.query_one("#help-frame")
        frame.border_title = "Keys"
        frame.border_subtitle = "/ searches   esc closes"
        lines = self.query_one("#help", LinePane)
        self._narrow("")
        lines.focus()

    def _narrow(self, words: str) -> None:
        remapped = cast("FlowtuiApp", self.app).user_keys
        self.query_one("#help", LinePane).show(help_lines(self._places, words, remapped))

    def on_line_pane_find_asked(self) -> None:
        """Open the search."""
        self.query_one(Prompt).open()

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Narrow while somebody types."""
        self._narrow(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Keep what was found in sight."""
        self._narrow(message.text)
        self.query_one("#help", LinePane).focus()
