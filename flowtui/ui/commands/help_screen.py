"""The help screens: the keys of the current screen, or the text of a topic; `/` searches in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query import query
from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.keys.bindings import KEYS, TITLES
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt


def help_lines(
    places: tuple[str, ...], words: str = "", remapped: Mapping[str, str] | None = None
) -> list[Line]:
    """Return lines with the keys of `places`, parts of the screen; only keys that match each of `words`.

    A word matches if the name of the key or its help text contains it. `remapped` maps the ids of keys to the keys that
    the user set for them in the config file.
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
    """A dialog that lists the keys of `places`, which are parts of the screen. esc, q or ? closes the dialog."""

    BINDINGS = [Binding("escape,q,question_mark", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    def __init__(self, places: tuple[str, ...]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
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
        remapped = self.app.user_keys
        self.query_one("#help", LinePane).show(help_lines(self._places, words, remapped))

    def on_line_pane_find_asked(self) -> None:
        """Open the search."""
        self.query_one(Prompt).open()

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """After each typed character, show only the matching lines."""
        self._narrow(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Keep showing the matching lines, and move the focus to them."""
        self._narrow(message.text)
        self.query_one("#help", LinePane).focus()


_WIDTH: Final = 100  # cells of a line of prose
_FRAME: Final = 6  # cells of border and padding, left and right together


class Topic(NamedTuple):
    """A help topic. `summary` is its note in the completion list. `text` returns its text."""

    summary: str
    text: Callable[[], str]


def _findings() -> str:
    parts = [f"{kind.name}: {kind.title}\n\n{kind.meaning}\n{kind.next_step}" for kind in FINDINGS.values()]
    return "\n\n".join(parts)


TOPICS: Final[Mapping[str, Topic]] = {
    "keys": Topic("the keys of every part of the screen", lambda: ""),
    "filter": Topic("the language of filters", lambda: query.HELP),
    "findings": Topic("what can look wrong, and what to do", _findings),
}
"""The help topics, by name."""


class TopicScreen(HelpScreen):
    """Shows the text of a topic, or all keys if `text` is empty. A search with `/` leaves the lines that have all words."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(tuple(TITLES))
        self._topic = name
        self._text = text

    def _narrow(self, words: str) -> None:
        if not self._text:
            super()._narrow(words)
            return
        self.query_one("#help-frame").border_title = f"Help on {self._topic}"
        wanted = words.casefold().split()
        width = max(20, min(_WIDTH, int(self.app.size.width * 0.96) - _FRAME))
        lines: list[Line] = []
        for each in self._text.splitlines():
            if all(word in each.casefold() for word in wanted):
                lines += [ink.line((part, "text")) for part in ink.wrap(each, width)]
        self.query_one("#help", LinePane).show(lines or [ink.line(("No line contains that.", "dim"))])
