"""Help by topic, for the command line: the language of filters and the findings, each as a text that can be searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query import query
from flowtui.ui.commands.help_screen import HelpScreen
from flowtui.ui.keys.bindings import TITLES
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.line_pane import LinePane

_WIDTH: Final = 100  # cells of a line of prose
_FRAME: Final = 6  # cells around it


class Topic(NamedTuple):
    """What a topic is about, and what makes its text."""

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
"""Topics by name."""


class TopicScreen(HelpScreen):
    """Shows a text; `/` leaves the lines that hold every word. Without a text it shows all keys."""

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
        self.query_one("#help", LinePane).show(lines or [ink.line(("No line holds that.", "dim"))])
