"""A menu over the current screen: entries with a letter each, of which the user chooses one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message

from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.line_pane import DocLine, LinePane

_NAME_CELLS: Final = 10
_HIGHEST: Final = 20  # most lines of the list


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


def menu_lines(entries: Sequence[Entry], cells: int) -> list[Line]:
    """Return the entries as lines of at most `cells` cells."""
    lines = []
    for entry in entries:
        hint = ink.cut(entry.hint, max(0, cells - _NAME_CELLS - 5))
        lines.append(
            ink.line(
                (f" {entry.letter}  ", "key" if entry.there else "dim"),
                (ink.fit(entry.name, _NAME_CELLS), "text" if entry.there else "dim"),
                " ",
                (hint, "dim"),
            )
        )
    return lines


class MenuList(LinePane):
    """The lines of a menu, with a cursor."""

    class Chosen(Message):
        """The user chose the entry at `place`, from 0."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    @property
    def place(self) -> int:
        """The line of the cursor, from 0."""
        return self._cursor

    def show_entries(self, entries: Sequence[Entry], cells: int) -> None:
        """Show the entries. Each line gets a fold path, so that there is a cursor; the fold key chooses the line."""
        lines = menu_lines(entries, cells)
        self.show_document([DocLine(line, (place,)) for place, line in enumerate(lines)])

    def action_fold(self) -> None:
        """Choose the entry under the cursor."""
        self.post_message(self.Chosen(self._cursor))

    def action_fold_all(self) -> None:
        """Do nothing: a menu has no folds."""

    def action_find(self) -> None:
        """Do nothing: a menu has no search."""


class Menu(Dialog[Choice | None]):
    """The menu. A letter, enter or a click chooses an entry, esc closes. `files`: `s` chooses the entry as a file."""

    BINDINGS = [Binding("escape,q", "dismiss", "close", show=False)]  # noqa: RUF012  Textual's own form

    DEFAULT_CSS = """
    Menu { align: center middle; background: $background 60%; }
    #menu-frame { width: 72; max-width: 96%; height: auto; max-height: 90%; padding: 0 1; border: round $primary; }
    .-ascii #menu-frame { border: ascii $primary; }
    """

    def __init__(self, title: str, entries: Sequence[Entry], *, files: bool = False) -> None:
        super().__init__(name="menu")
        self._title_text = title
        self._entries = entries
        self._files = files

    def compose(self) -> ComposeResult:
        with Container(classes="frame", id="menu-frame"):
            yield MenuList(id="menu")

    def on_mount(self) -> None:
        """Show the entries, the cursor on the first."""
        frame, entries = self.query_one("#menu-frame"), self.query_one(MenuList)
        frame.border_title = self.app.title_text(self._title_text)
        frame.border_subtitle = f"enter chooses{'   s saves as a file' if self._files else ''}   esc closes"
        entries.styles.height = min(len(self._entries), _HIGHEST)
        entries.focus()
        self._draw()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.after_paint(self._draw)

    def _draw(self) -> None:
        entries = self.query_one(MenuList)
        entries.show_entries(self._entries, entries.size.width)

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

    def on_menu_list_chosen(self, message: MenuList.Chosen) -> None:
        """Choose an entry by enter or a click."""
        self._choose(self._entries[message.place])

    def _choose(self, entry: Entry, *, as_file: bool = False) -> None:
        if entry.there:
            self.dismiss(Choice(entry.letter, as_file))
        else:
            self.notify(f"{entry.name} cannot be chosen: {entry.hint}", timeout=3, markup=False)
