"""A dialog that asks before an action that cannot be undone. Only `y` answers Yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.keys.footer import Foot, Hint, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.line_pane import LinePane

WIDTH: Final = 72
"""Maximum width of the frame, in cells."""

_FRAME: Final = 4  # border and padding, both sides
_LEAST: Final = 20
_ELSE: Final = 5  # rows of the frame, the keys and the space above them


@dataclass(frozen=True, slots=True)
class Question:
    """The text of the dialog: `title` is the question, `lines` list the consequences, `yes` and `no` label the keys.

    An empty `yes` means that there is nothing to confirm: the dialog only informs, and all its keys answer No.
    """

    title: str
    lines: tuple[Line, ...]
    yes: str
    no: str


Ask = Callable[[int, int], Question]
"""Returns the current question for a width in cells and a height in rows."""


class ConfirmScreen(Dialog[bool]):
    """Asks a question, and updates it every second. `y` answers Yes; enter, esc, `n` and `q` answer No."""

    AUTO_FOCUS = ""  # the keys belong to the screen: no widget takes the focus
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "do it", show=False),
        Binding("n,escape,enter,q", "answer(False)", "leave it", show=False),
        # Keep the command palette closed: its commands could act on this dialog.
        Binding("ctrl+p", "stay", "nothing", show=False, priority=True),
    ]

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask
        self._possible = False

    def compose(self) -> ComposeResult:
        with Container(classes="frame dialog", id="confirm-frame"):
            yield _Text(id="confirm")
            yield Bar(id="confirm-yes", classes="hints")
            yield Bar(id="confirm-no", classes="hints")

    def on_mount(self) -> None:
        """Show the question, and update it every second."""
        self._show()
        self.every(1.0, self._show)

    def on_resize(self) -> None:
        """Fit the frame to the new size."""
        self._show()

    def _show(self) -> None:
        cells = max(_LEAST, min(WIDTH, self.size.width) - _FRAME)
        question = self._ask(cells, max(1, self.size.height - _ELSE))
        self._possible = bool(question.yes)
        lines = [*(ink.line(" ", *line) for line in question.lines), ink.BLANK]
        feet = _feet(question, cells)
        frame = self.query_one("#confirm-frame")
        frame.border_title = self.app.title_text(question.title)
        frame.styles.width = cells + _FRAME
        frame.styles.height = len(lines) + len(feet) + 2
        self.query_one(_Text).show(lines)
        for bar, foot in zip_longest(self.query(Bar), feet):
            bar.display = foot is not None
            bar.show_foot(foot or Foot(ink.BLANK))

    def action_answer(self, sure: bool) -> None:
        """Close with the answer; it is No if there is nothing to confirm."""
        self.dismiss(sure and self._possible)

    def action_stay(self) -> None:
        """Do nothing: the command palette stays closed."""


class _Text(LinePane, can_focus=False):
    """Lines that cannot take the focus."""


def _feet(question: Question, cells: int) -> list[Foot]:
    """Return the answers as one line, or as two if there is no room for both."""
    if not question.yes:
        return [hint_foot((Hint("enter", "close", "enter"),), cells)]
    hints = Hint("y", question.yes, "y", "bad"), Hint("n enter esc", question.no, "n", "text")
    wide = hint_foot(hints, cells)
    return [wide] if len(wide.spots) == len(hints) else [hint_foot((hint,), cells) for hint in hints]
