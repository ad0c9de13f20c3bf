"""A menu over the current screen: entries with a letter each, of which the user chooses one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import Hint, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.cursor_list import CursorList

_NAME_CELLS: Final = 10
_HIGHEST: Final = 20  # most lines of the list


AS_FILE: Final = Hint("s", "save as a file", "s")
HINTS: Final = (Hint("enter", "choose", "enter"), AS_FILE, Hint("esc", "close", "escape"))


class Entry(NamedTuple):
    """One entry. `letter` chooses it at once, `hint` explains it; if `there` is False, it is shown but cannot be chosen."""

    letter: str
    name: str
    hint: str
    there: bool = True


class Choice(NamedTuple):
    """The letter of the chosen entry, and whether the user wants it as a file."""

    letter: str
    as_file: bool = False


def menu_line(entry: Entry, cells: int) -> Line:
    """Return an entry as a line of at most `cells` cells."""
    return ink.line(
        (f" {entry.letter}  ", "key" if entry.there else "dim"),
        (ink.fit(entry.name, _NAME_CELLS), "text" if entry.there else "dim"),
        " ",
        (ink.cut(entry.hint, max(0, cells - _NAME_CELLS - 5)), "dim"),
    )


class MenuList(CursorList[str]):
    """A list in a dialog. A click chooses an entry, and so does the key that folds a line in a pane of text."""

    BINDINGS = bindings.bindings(bindings.PANE, "fold")
    CLICKS = 1

    def action_fold(self) -> None:
        """Choose the entry under the cursor."""
        self.action_choose()


class Menu(Dialog[Choice | None]):
    """The menu. A letter, enter or a click chooses an entry, esc closes.

    `files`: `s` chooses the entry as a file. `wide`: entries are long, so the menu takes what the screen has.
    """

    BINDINGS = [Binding("escape,q", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    DEFAULT_CSS = """
    Menu { align: center middle; }
    #menu-frame { width: 72; max-width: 96%; height: auto; max-height: 90%; }
    Menu.-wide #menu-frame { width: 120; }
    """

    def __init__(
        self, title: str, entries: Sequence[Entry], *, files: bool = False, wide: bool = False
    ) -> None:
        super().__init__(name="menu", classes="-wide" if wide else None)
        self._title_text = title
        self._entries = entries
        self._files = files

    def compose(self) -> ComposeResult:
        with Container(classes="frame dialog", id="menu-frame"):
            yield MenuList(id="menu")
            yield Bar(id="menu-keys", classes="hints")

    def on_mount(self) -> None:
        """Show the entries, the cursor on the first."""
        entries = self.query_one(MenuList)
        self.query_one("#menu-frame").border_title = self.app.title_text(self._title_text)
        entries.styles.height = min(len(self._entries), _HIGHEST)
        entries.focus()
        letters = [entry.letter for entry in self._entries]
        entries.show_entries(letters, lambda place: menu_line(self._entries[place], entries.size.width))
        self.after_paint(self._show_hints)

    def on_resize(self) -> None:
        """Show the hints that fit."""
        self.after_paint(self._show_hints)

    def _show_hints(self) -> None:
        bar = self.query_one("#menu-keys", Bar)
        bar.show_foot(
            hint_foot([hint for hint in HINTS if self._files or hint is not AS_FILE], bar.size.width)
        )

    def on_key(self, event: events.Key) -> None:
        """Choose an entry by its letter."""
        for entry in self._entries:
            if event.character == entry.letter:
                event.stop()
                self._choose(entry)
                return
        if self._files and event.character == "s":
            event.stop()
            self._choose(self._entries[self.query_one(MenuList).place], as_file=True)

    def on_cursor_list_chosen(self) -> None:
        """Choose an entry by enter or a click."""
        self._choose(self._entries[self.query_one(MenuList).place])

    def _choose(self, entry: Entry, *, as_file: bool = False) -> None:
        if entry.there:
            self.dismiss(Choice(entry.letter, as_file))
        else:
            self.notify(f"{entry.name} cannot be chosen: {entry.hint}", timeout=3, markup=False)
