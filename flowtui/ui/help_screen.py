"""The help: every key of where one is, from the key definitions."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.screen import ModalScreen

from flowtui.ui import ink
from flowtui.ui.ink import Line
from flowtui.ui.keys import APP, DASHBOARD, KEYS, PANE, RUN, TABLE, THREADS
from flowtui.ui.lines import Lines

TITLES = {
    TABLE: "In the table",
    THREADS: "In the thread list",
    PANE: "In a pane of text",
    DASHBOARD: "On the dashboard",
    RUN: "On the run screen",
    APP: "Everywhere",
}


def help_lines(places: tuple[str, ...]) -> list[Line]:
    """Return the keys of some parts of the screen."""
    lines: list[Line] = []
    for place in places:
        lines.append(ink.line((TITLES[place], "strong")))
        lines += [
            ink.line("  ", (ink.fit(key.shown, 14), "key"), (key.help, "text"))
            for key in KEYS
            if key.where == place
        ]
        lines.append(ink.BLANK)
    return lines


class HelpScreen(ModalScreen[None]):
    """Shows the keys; any of esc, q and ? closes it."""

    BINDINGS = [Binding("escape,q,question_mark", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    def __init__(self, places: tuple[str, ...]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        """Make the parts."""
        with Container(classes="frame", id="help-frame"):
            yield Lines(id="help")

    def on_mount(self) -> None:
        """Show the keys."""
        frame = self.query_one("#help-frame")
        frame.border_title = "Keys"
        frame.border_subtitle = "esc closes"
        lines = self.query_one(Lines)
        lines.show(help_lines(self._places))
        lines.focus()
