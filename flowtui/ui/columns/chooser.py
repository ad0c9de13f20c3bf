"""The column chooser: a dialog over the lower half of the screen; the table above shows each change at once.

It changes a `ColumnChoice`; its owner applies and remembers it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.suggester import SuggestFromList

from flowtui.errors import UsageError
from flowtui.model.columns.column_choice import FIXED, ColumnChoice, choose
from flowtui.model.columns.path_columns import MAX_PATHS, column_name, is_own
from flowtui.model.run.labels import EXAMPLE, label_field
from flowtui.ui.base.view_screen import Dialog
from flowtui.ui.keys.footer import Hint, hint_foot
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.cursor_list import CursorList
from flowtui.ui.widgets.prompt import Prompt

_NAME: Final = 22  # cells
_WIDTH: Final = 9
_NO_ROOM: Final = "no room"
_HIGHEST: Final = 14  # most lines of the list
_OFFERED: Final = 8
_AGAIN: Final = 0.5  # seconds between two updates of the columns' texts
_MOVES: Final = ("down", "up")
HINTS: Final = (
    Hint("space", "show", "space"),
    Hint("J", "", "J"),
    Hint("K", "move", "K"),
    Hint("<", "", "<"),
    Hint(">", "width", ">"),
    Hint("a", "add a label or path", "a"),
    Hint("x", "remove", "x"),
    Hint("0", "defaults", "0"),
    Hint("=", "auto", "="),
    Hint("esc", "keep", "escape"),
)

ValueOf = Callable[[str], str]
"""Returns the text of a column (by name) for the run under the cursor; "" without one."""


def column_line(
    name: str, choice: ColumnChoice, said: str, glyphs: Glyphs, cells: int, *, fits: bool = True
) -> Line:
    """Return the line of one column: whether it is shown, its name, its width, and its text `said` for a run.

    `fits`: the table has room for it.
    """
    shown = name in choice.shown
    check = "x" if glyphs.selected.isascii() else "✓"
    sign = Span(f" {check if shown else ' '} ", "dim" if name in FIXED else "good")
    label = name.removeprefix(".") if is_own(name) else name
    room = min(_NAME, max(8, cells - _WIDTH - 12))
    told = choice.widths.get(name)
    missing = shown and not fits
    width = ink.fit(_NO_ROOM if missing else "auto" if told is None else str(told), _WIDTH - 2, "right")
    role = "focus" if is_own(name) else "text"
    return (
        sign,
        Span(ink.fit(label, room), role if shown else "dim"),
        Span(" "),
        Span(width, "warn" if missing else "dim" if told is None else "accent"),
        Span("   "),
        Span(ink.cut(said, max(0, cells - room - _WIDTH - 6)), "dim"),
    )


def head_line(cells: int) -> Line:
    """Return the titles above the lines of columns."""
    name = ink.fit("COLUMN", min(_NAME, max(8, cells - _WIDTH - 12)))
    text = f"   {name} {'WIDTH':>{_WIDTH - 2}}   VALUE"
    return (Span(ink.cut(text, cells), "dim"),)


class ColumnList(CursorList[int]):
    """The lines of the columns below their titles, with a cursor; keys change the column under it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "screen.change('toggle')", "show or hide", show=False),
        Binding("J,shift+down", "screen.change('down')", "further right", show=False),
        Binding("K,shift+up", "screen.change('up')", "further left", show=False),
        Binding("greater_than_sign,right", "screen.change('wider')", "wider", show=False),
        Binding("less_than_sign,left", "screen.change('narrower')", "narrower", show=False),
        Binding("equals_sign", "screen.change('fit')", "as wide as its texts", show=False),
        Binding("a", "screen.change('add')", "add a label or a path", show=False),
        Binding("x,delete", "screen.change('remove')", "remove an own column", show=False),
        Binding("0", "screen.change('defaults')", "the default columns", show=False),
        Binding("enter,escape,q,C", "screen.change('close')", "keep", show=False),
    ]
    CLICKS = 1

    def draw_head(self) -> None:
        """Draw the titles for the width of the list."""
        self._head = [head_line(self.size.width)]


class ColumnChooser(Dialog[ColumnChoice]):
    """The dialog. `apply` is called with each changed choice; the dialog closes with the last one.

    `fitting` returns the columns that the table has room for. `paths` are labels of runs and paths of opened runs, offered as completions.
    """

    DEFAULT_CSS = """
    ColumnChooser { align: center bottom; }
    #columns-frame { width: 100%; height: auto; max-height: 80%; }
    #columns { height: auto; }
    """

    def __init__(
        self,
        title: str,
        choice: ColumnChoice,
        *,
        apply: Callable[[ColumnChoice], None],
        value_of: ValueOf,
        width_of: Callable[[str], int],
        fitting: Callable[[], Collection[str]],
        paths: Sequence[str],
    ) -> None:
        super().__init__(name="columns")
        self.choice = choice
        self._title_text, self._apply, self._paths = title, apply, paths
        self._value_of, self._width_of, self._fitting = value_of, width_of, fitting

    def compose(self) -> ComposeResult:
        with Container(classes="frame dialog", id="columns-frame"):
            yield ColumnList(id="columns")
            yield Prompt(
                f"a label such as {EXAMPLE}, or a path into the run such as tools[0].name", id="columns-path"
            )
            yield Bar(id="columns-said", classes="hints")

    def on_mount(self) -> None:
        """Show the columns, the cursor on the first one that can be hidden."""
        self.styles.background = "transparent"  # the table above stays visible
        self.query_one("#columns-frame").border_title = self.app.title_text(self._title_text)
        prompt = self.query_one(Prompt)
        prompt.suggester = SuggestFromList(self._paths, case_sensitive=False)
        self._list.focus()
        self._draw()
        self._list.go(len(FIXED))
        self.after_paint(self._fit)
        self.every(_AGAIN, self._draw_list)

    def _fit(self) -> None:
        """Draw for the width that is known now, and scroll to the cursor, which a key may have moved already."""
        self._draw()
        self._list.go(self._list.place)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.after_paint(self._draw)

    @property
    def _list(self) -> ColumnList:
        return self.query_one(ColumnList)

    def _draw(self) -> None:
        self._draw_list()
        if not self.query_one(Prompt).display:
            bar = self.query_one("#columns-said", Bar)
            bar.show_foot(hint_foot(HINTS, bar.size.width))

    def _draw_list(self) -> None:
        entries, order = self._list, self.choice.order
        entries.styles.height = 1 + min(len(order), _HIGHEST, max(3, self.size.height * 55 // 100 - 4))
        entries.draw_head()
        fitting = self._fitting()

        def draw(place: int) -> Line:
            name, cells = order[place], entries.size.width
            said = self._value_of(name)
            return column_line(name, self.choice, said, self.app.glyphs, cells, fits=name in fitting)

        entries.show_entries(range(len(order)), draw)

    def _show_message(self, spans: Line) -> None:
        self.query_one("#columns-said", Bar).show(spans)

    def _change(self, choice: ColumnChoice, at: str = "") -> None:
        if choice == self.choice:
            return
        self.choice = choice
        self._apply(choice)
        self._draw()
        if at in choice.order:
            self._list.go(choice.order.index(at))

    def on_cursor_list_chosen(self) -> None:
        """Show or hide the column that was clicked."""
        self.action_change("toggle")

    def action_change(self, what: str) -> None:
        """Make a change to the column under the cursor, or show why it is not possible."""
        name = self.choice.order[self._list.place]
        if what == "close":
            self.dismiss(self.choice)
        elif what == "add":
            self._open_prompt()
        elif why := self._refusal(what, name):
            self._show_message((Span(f" {why}", "warn"),))
        else:
            self._change(self._changed(what, name), name if what in _MOVES else "")

    def _refusal(self, what: str, name: str) -> str:
        """Return why a change is not possible; "" if it is."""
        if name in FIXED and what in ("toggle", *_MOVES):
            return f"{name} stays where it is: every row needs it"
        if what == "remove" and not is_own(name):
            return f"{name} is not a column of your own: space hides it"
        return ""

    def _changed(self, what: str, name: str) -> ColumnChoice:
        choice, now = self.choice, self._width_of(name)
        changes = {
            "toggle": choice.toggled(name),
            "down": choice.moved(name, 1),
            "up": choice.moved(name, -1),
            "wider": choice.widened(name, 1, now),
            "narrower": choice.widened(name, -1, now),
            "fit": choice.fitted(name),
            "remove": choice.removed(name),
            "defaults": choose(None),
        }
        return changes[what]

    # -- an own column ---------------------------------------------------------------------------------------

    def _open_prompt(self) -> None:
        if self.choice.full:
            self._show_message((Span(f" There are {MAX_PATHS} columns of your own: x removes one", "warn"),))
            return
        self.query_one(Prompt).open()
        self._offer("")

    def _offer(self, text: str) -> None:
        """Show the paths that contain the typed text."""
        typed = text.strip().casefold()
        fitting = [name for name in self._paths if typed in name.casefold() and name not in self.choice.order]
        cells = self._list.size.width
        spans: list[Span] = []
        for name in fitting[:_OFFERED]:
            if ink.width(spans) + ink.width((Span(name),)) + 2 > cells:
                break
            spans.append(Span(f" {name} ", "focus" if name.casefold() == typed else "dim"))
        if not spans:
            what = "no opened run has it; it is read anyway" if typed else "enter adds it"
            spans = [Span(f" {what}", "dim")]
        self._show_message(tuple(spans))

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Show the paths that contain the typed text."""
        self._offer(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Add the column, or show why it is not possible."""
        self._list.focus()
        self._draw()
        text = message.text.strip()
        if not text:
            return
        try:
            name = self._named(text)
        except UsageError as error:
            self._show_message((Span(f" {error}", "warn"),))
            return
        self._change(self.choice.added(name))
        self._list.go(self.choice.order.index(name))

    def _named(self, text: str) -> str:
        """Return the name of the typed column. A single word may be a column, a label that runs have, or a key of the run.

        Raises:
            UsageError: the text is neither a column nor a path.
        """
        try:
            return column_name(text)
        except UsageError:
            if is_own(text) or " " in text:
                raise
            label = label_field(text)
            return column_name(label if label in self._paths else f".{text}")

    def on_key(self, event: events.Key) -> None:
        """Insert the offered path with tab."""
        prompt: Any = self.query_one(Prompt)
        if event.key == "tab" and prompt.display:
            event.stop()
            event.prevent_default()
            prompt.action_cursor_right()
