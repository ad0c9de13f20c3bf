"""The help screens: the keys of the current screen, or the text of a topic; `/` searches in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from flowtui.model.findings.kinds import FINDINGS
from flowtui.model.query import query
from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.commands.help_columns import Section, key_sections, narrowed, section_lines
from flowtui.ui.keys import bindings
from flowtui.ui.keys.bindings import TITLES
from flowtui.ui.keys.footer import Hint, footer, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.line_pane import LinePane
from flowtui.ui.widgets.prompt import Prompt

HINTS: Final = (
    Hint("j", "", "j"),
    Hint("k", "scroll", "k"),
    Hint("/", "search", "/"),
    Hint("esc", "close", "escape"),
)


class HelpScreen(Dialog[None]):
    """A dialog that lists the keys of `places`, which are parts of the screen. esc, q or ? closes the dialog."""

    BINDINGS = [Binding("escape,q,question_mark", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__(name="help")
        self._places = places
        self._words = ""

    def compose(self) -> ComposeResult:
        with Container(classes="frame dialog", id="help-frame"):
            yield LinePane(id="help")
            yield Prompt("what do you want to do?")
            yield Bar(id="help-keys", classes="hints")

    @property
    def pane(self) -> LinePane:
        """The lines."""
        return self.query_one("#help", LinePane)

    def on_mount(self) -> None:
        """Show the keys."""
        self.query_one("#help-frame").border_title = self.app.title_text(self.heading)
        self.pane.focus()
        self.after_paint(self._draw)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.after_paint(self._draw)

    @property
    def heading(self) -> str:
        """The title of the frame."""
        return "Keys"

    def _draw(self) -> None:
        self.pane.show([ink.line(" ", *line) for line in self.lines_of(max(20, self.pane.cells - 2))])
        bar = self.query_one("#help-keys", Bar)
        if isinstance(self.focused, Prompt):
            foot = footer((bindings.PROMPT,), bar.size.width, remapped=self.app.user_keys)
        else:
            foot = hint_foot(HINTS, bar.size.width)
        bar.show_foot(foot)

    def lines_of(self, cells: int) -> list[Line]:
        """Return the lines that match the search, at most `cells` wide."""
        sections = key_sections(self._places, self._words, self.app.user_keys)
        topics = [(f":help {name}", topic.summary) for name, topic in TOPICS.items()]
        sections += narrowed([Section("More help", topics)], self._words)
        return section_lines(sections, cells, self._words)

    def _narrow(self, words: str) -> None:
        self._words = words
        self._draw()

    def on_descendant_focus(self) -> None:
        """Show the keys of what has the focus now."""
        self.after_paint(self._draw)

    def on_line_pane_find_asked(self) -> None:
        """Open the search."""
        self.query_one(Prompt).open()

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """After each typed character, show only the matching lines."""
        self._narrow(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Keep showing the matching lines, and move the focus to them."""
        self.pane.focus()
        self._narrow(message.text)


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

    @property
    def heading(self) -> str:
        """The title of the frame."""
        return f"Help on {self._topic}" if self._text else super().heading

    def lines_of(self, cells: int) -> list[Line]:
        """Return the lines of the topic that match the search, at most `cells` wide."""
        if not self._text:
            return super().lines_of(cells)
        wanted = self._words.casefold().split()
        lines: list[Line] = []
        for each in self._text.splitlines():
            if all(word in each.casefold() for word in wanted):
                lines += [ink.highlight(part, "text", wanted) for part in ink.wrap(each, cells)]
        return lines or [ink.line(("No line contains that", "dim"))]
