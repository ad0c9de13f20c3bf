"""The command line: an input at the bottom, completions above it, and a history.

It is drawn over the current screen. `CommandActions` decides what a line does. An invalid line is not run: the command
line shows the error and stays open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message

from flowtui.errors import FlowtuiError
from flowtui.model.query.completion import Completions, accept
from flowtui.text import safe_text
from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.base.workers import start_worker
from flowtui.ui.commands.actions import Act, CommandActions
from flowtui.ui.filter.filter_box import CompletionList
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import footer
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.prompt import Prompt

_HIGHEST: Final = 10  # most lines of the completion list
_KEPT: Final = 50  # most lines in the history
_LONGEST: Final = 2_000  # most characters of a line
_HINT: Final = "sort tokens, filter status:failed, thread, run, theme day, export csv, help, quit"


def add_to_history(history: list[str], line: str) -> list[str]:
    """Return the history with `line` added as its last. An equal earlier line is removed, and only 50 lines are kept."""
    return [*(said for said in history if said != line), line][-_KEPT:]


class CommandInput(Prompt):
    """The input field of the command line, with its keys."""

    BINDINGS = bindings.bindings(bindings.COMMAND)

    def validate_value(self, value: str) -> str:
        """Make the text display-safe, because it may be pasted."""
        return safe_text(value)

    class EndPassed(Message):
        """The user moves the cursor right at the end of the line."""

    def action_cursor_right(self, select: bool = False) -> None:
        """Move the cursor right, but not past the end of the line."""
        if select or not self.cursor_at_end:
            super().action_cursor_right(select)
        else:
            self.post_message(self.EndPassed())


class CommandLine(Dialog[Act | None]):
    """A dialog in which the user types a command. Its result is a function that runs the command; None: nothing to run.

    `actions` parses and completes lines. `history` has the earlier lines, the newest last; a valid line is added.
    `profiles` returns the names of all profiles, and blocks. `begun` is the text that is typed when the dialog opens.
    """

    DEFAULT_CSS = """
    CommandLine { background: transparent; align: left bottom; }
    #command-box { height: auto; dock: bottom; }
    #command-row { height: 1; background: $panel; }
    #command-colon { width: 2; }
    #command-row > CommandInput { width: 1fr; padding: 0; }
    #command-said { display: none; background: $panel; }
    #command-keys { background: $surface; }
    """

    def __init__(
        self,
        actions: CommandActions,
        history: list[str],
        profiles: Callable[[], Sequence[str]] | None = None,
        begun: str = "",
    ) -> None:
        super().__init__(name=bindings.COMMAND)
        self.actions = actions
        self._history, self._profiles, self._begun = history, profiles, begun
        self._back = 0  # 1 shows the newest line of the history, 2 the one before; 0: the line being typed
        self._draft = ""
        self._found = Completions(0, 0)
        self._place: int | None = None  # index of the completion that was written last
        self._stem: tuple[str, Completions] | None = (
            None  # the text before a completion was written into it, and its completions
        )
        self._writing = False

    @property
    def input(self) -> CommandInput:
        """The input field."""
        return self.query_one(CommandInput)

    @property
    def list(self) -> CompletionList:
        """The list of completions."""
        return self.query_one(CompletionList)

    @property
    def said(self) -> str:
        """The error message above the line, "" if there is none."""
        bar = self.query_one("#command-said", Bar)
        return bar.text.strip() if bar.display else ""

    def compose(self) -> ComposeResult:
        with Vertical(id="command-box"):
            yield CompletionList(id="completions")
            yield Bar(id="command-said")
            with Horizontal(id="command-row"):
                yield Bar(id="command-colon")
                yield CommandInput(_HINT)
            yield Bar(id="command-keys")

    def on_mount(self) -> None:
        """Start with an empty line, or with the given text."""
        self.query_one("#command-colon", Bar).show(ink.line((" :", "key")))
        self.input.max_length = _LONGEST
        self.input.open(self._begun)
        self.watch(self.input, "selection", self._moved, init=False)
        self.after_paint(self.update_completions)
        self.after_paint(self._show_hints)
        if self._profiles is not None:
            start_worker(self, partial(self._read_profiles, self._profiles), "profiles")

    async def _read_profiles(self, names: Callable[[], Sequence[str]]) -> None:
        try:
            self.actions.profiles = await asyncio.to_thread(names)
        except FlowtuiError:
            return  # the error shows when the user switches to a profile
        if self.is_current:
            self.update_completions()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.after_paint(self._draw)
        self.after_paint(self._show_hints)

    def _show_hints(self) -> None:
        foot = footer((bindings.COMMAND,), self.size.width, remapped=self.app.user_keys)
        self.query_one("#command-keys", Bar).show_foot(foot)

    # -- completions -------------------------------------------------------------------------------------------

    def _moved(self) -> None:
        if not self._writing:
            self.update_completions()

    def on_prompt_typed(self) -> None:
        """After the user has typed a character: remove the error message, and complete the new text."""
        if not self._writing:
            self.query_one("#command-said", Bar).display = False
            self.update_completions()
        self._writing = False

    def update_completions(self) -> None:
        """Search completions for the text at the cursor, and draw them."""
        self._place = self._stem = None
        self._found = self.actions.complete(self.input.value, self.input.cursor_position)
        self._draw()

    def action_complete(self, step: int) -> None:
        """Write the next completion into the line, or the previous one if `step` is -1.

        A further press replaces the written completion by the next. But after the only completion,
        a further press completes the new text.
        """
        if self._stem is None:
            self._stem = (self.input.value, self._found)
        text, found = self._stem
        if not found.items:
            return
        count = len(found.items)
        start = -1 if step > 0 else count
        self._place = ((start if self._place is None else self._place) + step) % count
        self._write(*accept(text, found, found.items[self._place]))
        if count == 1:
            self.update_completions()
        else:
            self._draw()

    def take(self, place: int = 0) -> bool:
        """Write the completion with index `place` into the line, and complete the new text. Return whether the line changed."""
        if not self._found.items or not self.input.value:
            return False
        before = self.input.value
        self._write(*accept(before, self._found, self._found.items[place]))
        self.update_completions()
        return before != self.input.value

    def _write(self, text: str, cursor: int) -> None:
        self._writing = text != self.input.value
        self.input.value = text
        self.input.cursor_position = cursor

    def on_command_input_end_passed(self) -> None:
        """Write the first completion into the line."""
        self.take()

    def on_completion_list_picked(self, message: CompletionList.Picked) -> None:
        """Write the clicked completion, and keep the focus in the input. The list may have changed since the click."""
        message.stop()
        self.input.focus()
        found = self._stem[1] if self._stem is not None else self._found
        text = self._stem[0] if self._stem is not None else self.input.value
        if message.place < len(found.items):
            self._write(*accept(text, found, found.items[message.place]))
        self.update_completions()

    # -- history ----------------------------------------------------------------------------------------------

    def action_history(self, step: int) -> None:
        """Show the line `step` lines back in the history (negative: forward). After the newest comes the line being typed."""
        if self._back == 0:
            self._draft = self.input.value
        back = min(max(0, self._back + step), len(self._history))
        if back == self._back:
            return
        self._back = back
        text = self._history[-back] if back else self._draft
        self._write(text, len(text))
        self.update_completions()

    # -- the end -----------------------------------------------------------------------------------------------

    def action_submit(self) -> None:
        """Close the command line and run the line. An empty line is not run; an invalid line shows its error and stays."""
        text = self.input.value.strip().lstrip(":").strip()
        if not text:
            self.dismiss(None)
            return
        do, wrong = self.actions.plan(text)
        if do is None:
            bar = self.query_one("#command-said", Bar)
            bar.show((Span(f" {wrong}", "warn"),))
            bar.display = True
            self.after_paint(self._draw)
            return
        self._history[:] = add_to_history(self._history, text)
        self.dismiss(do)

    def on_prompt_closed(self) -> None:
        """Close without running anything."""
        self.dismiss(None)

    # -- drawing -----------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        shown, found = self.list, self._stem[1] if self._stem is not None else self._found
        row = self.query_one("#command-box").region
        height = min(len(found.items), _HIGHEST, max(0, row.y - 1))
        if height <= 0:
            shown.display = False
            return
        place, cells = self._place, self.size.width
        left = cell_len(self.input.value[: found.start]) + 1
        shown.show(found, place or 0, chosen=place is not None, height=height, cells=cells, left=left)
