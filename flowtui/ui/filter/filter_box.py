"""The filter box: an input line, a list of completions above it, and an error message below.

The list covers the last lines of the table, so that the layout stays the same while the user types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from flowtui.model.columns.context import Context
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View, filter_of, matching_runs
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.movement import top_for
from flowtui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from flowtui.errors import QueryError
    from flowtui.model.query.completion import Completer, Completion, Completions


class FilterSource(NamedTuple):
    """What completions are computed from; `context` is what the cells of the view need."""

    snapshot: Snapshot | None
    view: View
    context: Context


HIGHEST: Final = 8  # most lines of the list
_LABEL_CELLS: Final = 44
_GAP: Final = 2
_READABLE: Final = 40  # least cells of an error message below its caret; with less room it starts at the left
_KEPT: Final = 20  # filters in the history
_HINT: Final = "words, status:failed, age<10m, tokens>20k, has:note, /regex/"


def completion_lines(
    items: Sequence[Completion], typed: str, cells: int, *, floor: bool = False
) -> tuple[list[Line], int]:
    """Return one line per completion (value, meaning, count of runs) and the width of the widest line.

    `floor`: the counts are lower bounds.
    """
    counts = ["" if item.shows is None else f"{'≥' if floor else ''}{item.shows:,}" for item in items]
    label = min(max(cell_len(item.label) for item in items), _LABEL_CELLS)
    note = max(cell_len(item.note) for item in items)
    count = max(map(len, counts))
    label = max(4, min(label, cells - 2 - (count + _GAP if count else 0)))
    note = max(0, min(note, cells - 2 - label - _GAP - (count + _GAP if count else 0)))
    lines = []
    for item, shown in zip(items, counts, strict=True):
        role = "dim" if item.shows == 0 else "text"
        lines.append(
            (
                Span(" "),
                *ink.highlight(ink.fit(item.label, label), role, (typed.casefold(),) if typed else ()),
                *([Span(" " * _GAP), Span(ink.fit(item.note, note), "dim")] if note else []),
                *([Span(" " * _GAP), Span(ink.fit(shown, count, "right"), "dim")] if count else []),
                Span(" "),
            )
        )
    return lines, max(map(ink.width, lines))


def error_line(wrong: QueryError, at: int, cells: int, *, typing: bool = False) -> Line:
    """Return the error of a filter as one line of `cells`, with a caret in cell `at`, where the error is.

    If there is no room for the text beside the caret, the line has no caret.
    `typing`: the filter is only incomplete, so the line is drawn dim.
    """
    said, role = f"column {wrong.column}: {wrong}", "dim" if typing else "warn"
    caret = "dim" if typing else "bad"
    if at >= 0 and at + 2 + cell_len(said) <= cells:
        return ink.line(" " * at, ("^ ", caret), (said, role))
    if cell_len(said) + 2 <= at < cells:
        return ink.line(" " * (at - cell_len(said) - 1), (said, role), (" ^", caret))
    if 0 <= at <= cells - _READABLE:
        return ink.line(" " * at, ("^ ", caret), (ink.cut(said, cells - at - 2), role))
    return ink.line(" ", (ink.cut(said, cells - 2), role))


class CompletionList(Widget):
    """The list of completions. The chosen line is highlighted; without a choice the first one is, less strongly."""

    app: AppBase

    DEFAULT_CSS = """
    CompletionList { display: none; overlay: screen; width: 1; height: 1; background: $panel; }
    """

    @dataclass
    class Picked(Message):
        """The user clicked the item at `place`, from 0."""

        place: int

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._place, self._chosen, self._top, self._height = 0, False, 0, 1

    @property
    def text(self) -> str:
        """The text of the whole list, without colours."""
        return "\n".join("".join(span.text for span in line) for line in self._lines)

    def show(
        self, found: Completions, place: int, *, chosen: bool, height: int, cells: int, left: int
    ) -> None:
        """Show completions, `height` at a time, scrolled so that `place` is visible; `chosen`: the user chose that one.

        The list is above an input that is `cells` wide, and begins at its cell `left` if there is room to the right of it.
        """
        scrolls = len(found.items) > height
        self._lines, width = completion_lines(
            found.items, found.typed, max(8, cells - 2 - scrolls), floor=found.floor
        )
        width += scrolls
        self._place, self._chosen, self._height = place, chosen, max(1, height)
        self._top = top_for(place, min(self._top, max(0, len(found.items) - self._height)), self._height)
        self.styles.width, self.styles.height = width, height
        self.styles.offset = (max(0, min(left, cells - width)), -height)
        self.display = True
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Post the clicked item."""
        event.stop()
        if self._top + event.y < len(self._lines):
            self.post_message(self.Picked(self._top + event.y))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self._top = min(self._top + 1, max(0, len(self._lines) - self._height))
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self._top = max(0, self._top - 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`, with a scrollbar at its end if the list scrolls."""
        palette = self.app.palette
        place, cells = self._top + y, self.size.width
        base = self.rich_style
        if place == self._place:
            base += palette.cursor_row if self._chosen else palette.cursor_row_away
        spans = self._lines[place] if place < len(self._lines) else ink.BLANK
        if len(self._lines) <= self._height:
            return ink.strip(spans, palette, base, cells)
        first = self._top * self._height // len(self._lines)
        last = -(-(self._top + self._height) * self._height // len(self._lines))
        thumb = (Span("│" if not palette.plain else "|", "accent" if first <= y < last else "track"),)
        return Strip.join([ink.strip(spans, palette, base, cells - 1), ink.strip(thumb, palette, base, 1)])


class FilterInput(Prompt):
    """The input line; its keys control the list."""

    BINDINGS = bindings.bindings(bindings.FILTER)

    DEFAULT_CSS = "FilterInput.-textual-compact { padding: 0 1; }"

    @property
    def _box(self) -> FilterBox:
        return cast("FilterBox", self.parent)

    async def action_submit(self) -> None:
        """Insert the chosen completion; without a choice, keep the filter as typed."""
        if not self._box.take(chosen_only=True):
            await super().action_submit()

    def action_complete(self) -> None:
        """Insert the highlighted completion."""
        self._box.take()

    async def action_choose(self, step: int) -> None:
        """Move the choice down or up; without a list, down keeps the filter."""
        if not self._box.choose(step) and step > 0:
            await super().action_submit()

    def action_cursor_right(self, select: bool = False) -> None:
        """Move the cursor right; at the end of the text, insert the highlighted completion."""
        if select or not self.cursor_at_end or not self._box.take():
            super().action_cursor_right(select)

    def action_clear(self) -> None:
        """Clear the filter."""
        self.value = ""


class FilterBox(Vertical):
    """The list, the input line and the error line. `source` returns the current data for completions."""

    DEFAULT_CSS = """
    FilterBox { height: auto; }
    FilterBox > #filter-error { display: none; }
    """

    def __init__(self, source: Callable[[], FilterSource], *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._source = source
        self._completes: tuple[Snapshot, View, Completer] | None = None
        self._found: Completions | None = None
        self._seen: tuple[str, int, Completer | None] | None = None
        self._place = 0
        self._chosen = False
        self._history: list[str] = []

    @property
    def input(self) -> FilterInput:
        """The input line."""
        return self.query_one(FilterInput)

    @property
    def list(self) -> CompletionList:
        """The list of completions."""
        return self.query_one(CompletionList)

    def compose(self) -> ComposeResult:
        yield CompletionList(id="completions")
        yield FilterInput(_HINT, id="filter")
        yield Bar(id="filter-error")

    def on_mount(self) -> None:
        """Update the completions when the cursor moves."""
        self.watch(self.input, "selection", self._moved, init=False)

    def open(self, text: str) -> None:
        """Show the box with the filter `text`."""
        self.input.open(text)

    # -- completions -------------------------------------------------------------------------------------------

    def _moved(self) -> None:
        if self.input.has_focus:
            self.renew()

    def renew(self) -> None:
        """Update the completions if the text, the cursor or the runs changed."""
        prompt = self.input
        if not (prompt.display and prompt.has_focus):
            return
        completer = self._completer
        seen = (prompt.value, prompt.cursor_position, completer)
        if seen == self._seen:
            return
        same = self._seen is not None and seen[:2] == self._seen[:2]  # only the runs changed
        self._seen = seen
        label = self._label if same and self._chosen else None
        self._found = completer.complete(*seen[:2], self._history) if completer is not None else None
        labels = [item.label for item in self._items]
        self._chosen = label in labels
        self._place = labels.index(label) if label is not None and self._chosen else 0
        self._draw()

    @property
    def _completer(self) -> Completer | None:
        """The completer for the runs that the view would show without its filter; a new one for each snapshot or view."""
        snapshot, view, context = self._source()
        if snapshot is None:
            return None
        view = replace(view, text="")
        if self._completes is None or self._completes[0] is not snapshot or self._completes[1] != view:
            from flowtui.model.query.completion import Completer  # noqa: PLC0415  at the first filter

            self._completes = (snapshot, view, Completer(matching_runs(snapshot, view, context), context))
        return self._completes[2]

    @property
    def _items(self) -> Sequence[Completion]:
        return self._found.items if self._found is not None else ()

    @property
    def _label(self) -> str | None:
        return self._items[self._place].label if self._items else None

    def choose(self, step: int) -> bool:
        """Move the choice down or up; return whether there is a list. Beyond either end nothing is chosen."""
        if not self._items:
            return False
        place = (self._place if self._chosen else -1) + step
        if place < -1:
            place = len(self._items) - 1
        self._chosen = 0 <= place < len(self._items)
        self._place = place if self._chosen else 0
        self._draw()
        return True

    def take(self, place: int | None = None, *, chosen_only: bool = False) -> bool:
        """Insert the item at `place` (None: the highlighted item); return whether the text or the cursor changed.

        `chosen_only`: do nothing unless the user chose an item.
        """
        from flowtui.model.query.completion import accept  # noqa: PLC0415  at the first filter

        if self._found is None or not self._items or (chosen_only and not self._chosen):
            return False
        text, cursor = accept(
            self.input.value, self._found, self._items[self._place if place is None else place]
        )
        if (text, cursor) == (self.input.value, self.input.cursor_position):
            return False  # the item is already inserted
        self.input.value = text
        self.input.cursor_position = cursor
        self.renew()
        return True

    def on_completion_list_picked(self, message: CompletionList.Picked) -> None:
        """Insert the clicked item, and return the focus to the input line. The list may have changed since the click."""
        message.stop()
        self.input.focus()
        if message.place < len(self._items):
            self.take(message.place)

    # -- typed text --------------------------------------------------------------------------------------------

    def on_prompt_typed(self) -> None:
        """Update the completions and the error."""
        self.renew()
        self._draw_error()

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Hide the list, and add a kept filter to the history of this session."""
        self._hide()
        kept = message.text.strip()
        if kept and filter_of(kept)[1] is None:
            self._history = [kept, *(text for text in self._history if text != kept)][:_KEPT]

    def on_descendant_focus(self) -> None:
        """Show the list and the error line."""
        self._seen = None
        self.query_one("#filter-error", Bar).display = True
        self.renew()
        self._draw_error()
        self.call_after_refresh(self._draw)  # the position of the box is known only then

    def on_descendant_blur(self) -> None:
        """Hide the list and the error line."""
        self._hide()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def _hide(self) -> None:
        self._seen = self._found = self._completes = None
        self._chosen, self._place = False, 0
        self.list.display = False
        self.query_one("#filter-error", Bar).display = False

    # -- drawing -----------------------------------------------------------------------------------------------

    def _cell(self, position: int) -> int:
        """Return the cell of the box in which a character of the filter is drawn."""
        left = self.input.gutter.left - int(self.input.scroll_offset.x)
        return left + cell_len(self.input.value[:position])

    def _draw(self) -> None:
        shown = self.list
        if self._found is None or not self._items or not self.input.has_focus:
            shown.display = False
            return
        room = self.region.y - (self.parent.region.y if isinstance(self.parent, Widget) else 0)
        height = min(len(self._items), HIGHEST, max(2, room // 2))
        found, cells, left = self._found, self.size.width, self._cell(self._found.start) - 1
        shown.show(found, self._place, chosen=self._chosen, height=height, cells=cells, left=left)

    def _draw_error(self) -> None:
        wrong = filter_of(self.input.value)[1]
        at = self._cell(wrong.column - 1) if wrong is not None else 0
        typing = wrong is not None and wrong.column > len(self.input.value.rstrip())
        cells = self.size.width
        line = error_line(wrong, at, cells, typing=typing) if wrong is not None else ink.BLANK
        self.query_one("#filter-error", Bar).show(line)
