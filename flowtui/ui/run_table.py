"""The table of runs. Its cursor belongs to a run, not to a line: rows come and go, the run one reads stays.

Draws only the rows in the window, and of those repaints only the cells that changed. Knows nothing of polling: owners
hand it rows and a context with `show`, and `tick` lets the ages move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowtui.model.columns import COLUMNS, DEFAULT, Column, Context
from flowtui.model.run import Run, RunKey
from flowtui.ui import ink, keys
from flowtui.ui.glyphs import Glyphs
from flowtui.ui.ink import Line
from flowtui.ui.table_layout import Slot, lay_out, natural_width
from flowtui.ui.theme import Palette


class _Painted(NamedTuple):
    """What stands on one line of the window: enough to know which of its cells differ later."""

    cells: tuple[tuple[str, str], ...]
    row: str


_NOTHING = _Painted((), "")


class RunTable(ScrollView, can_focus=True):
    """A header line and one line a run. `cursor` is the run under the cursor, None while there is none."""

    BINDINGS = keys.bindings(keys.TABLE)

    class Highlighted(Message):
        """The cursor went to another run, or its run changed."""

        def __init__(self, run: Run | None) -> None:
            super().__init__()
            self.run = run

    class Opened(Message):
        """Somebody opened a run."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    class Sorted(Message):
        """Somebody clicked on a column's title."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.cursor: RunKey | None = None
        self.touched = False
        """Somebody has chosen a run: from now on its line stays where it is."""
        self._rows: Sequence[Run] = ()
        self._places: dict[RunKey, int] = {}
        self._cell_context = Context(now=0.0)
        self._columns: list[Column] = [COLUMNS[name] for name in DEFAULT]
        self._widths: dict[str, int] = {}
        self._slots: list[Slot] = []
        self._painted: dict[int, _Painted] = {}
        self._active: frozenset[RunKey] = frozenset()
        self._order = ("age", False)
        self._placeholder: Sequence[Line] = ()

    # -- what owners use ---------------------------------------------------------------------------------------

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        palette: Palette = self.app.palette  # type: ignore[attr-defined]
        return palette

    @property
    def glyphs(self) -> Glyphs:
        """The signs of the character set."""
        glyphs: Glyphs = self.app.glyphs  # type: ignore[attr-defined]
        return glyphs

    @property
    def rows(self) -> Sequence[Run]:
        """The runs in the order of the table."""
        return self._rows

    @property
    def cursor_run(self) -> Run | None:
        """The run under the cursor."""
        place = self._cursor_place
        return self._rows[place] if place is not None else None

    @property
    def slots(self) -> Sequence[Slot]:
        """The columns on the screen."""
        return self._slots

    def show(
        self,
        rows: Sequence[Run],
        context: Context,
        *,
        active: frozenset[RunKey] = frozenset(),
        order: tuple[str, bool] = ("age", False),
        placeholder: Sequence[Line] = (),
    ) -> None:
        """Show these rows in this order. `active` are the runs that hold their threads, `order` is for the header."""
        line = self.cursor_line
        before = self.cursor_run
        place = self._cursor_place or 0
        self._rows, self._cell_context, self._active, self._order = rows, context, active, order
        self._places = {run.key: index for index, run in enumerate(rows)}
        changed_placeholder = self._placeholder != placeholder
        self._placeholder = placeholder
        if self.cursor not in self._places:
            # Its run went out of sight: the one that took its place is the nearest to what was read.
            self.cursor = rows[min(place, len(rows) - 1)].key if rows else None
        self._fit_columns()
        size = Size(0, len(rows) + 1)
        if size != self.virtual_size:
            self.virtual_size = size
        if line is not None and self.touched:
            self._pin(line)
        if changed_placeholder and not rows:
            self._painted.clear()
            self.refresh()
        self._repaint()
        if self.cursor_run != before:
            self.post_message(self.Highlighted(self.cursor_run))

    def tick(self, context: Context) -> None:
        """Let time pass: ages and durations move, rows do not."""
        self._cell_context = context
        self._repaint()

    def restyle(self) -> None:
        """Paint everything again, after a change of colours or signs."""
        self._painted.clear()
        self.refresh()

    # -- the cursor --------------------------------------------------------------------------------------------

    @property
    def _cursor_place(self) -> int | None:
        return self._places.get(self.cursor) if self.cursor is not None else None

    @property
    def cursor_line(self) -> int | None:
        """The line of the window on which the cursor stands, header excluded; None while it is out of sight."""
        place = self._cursor_place
        if place is None:
            return None
        line = place - self.scroll_offset.y
        return line if 0 <= line < self._page else None

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _pin(self, line: int) -> None:
        """Scroll so that the cursor's run is again on this line of the window, as far as the ends allow."""
        place = self._cursor_place
        if place is not None and place - line != self.scroll_offset.y:
            self.scroll_to(y=place - line, animate=False, force=True, immediate=True)

    def select(self, key: RunKey) -> None:
        """Put the cursor on a run, and bring it into the window."""
        if key not in self._places:
            return
        self.cursor = key
        place = self._places[key]
        top = self.scroll_offset.y
        if place < top:
            self.scroll_to(y=place, animate=False, force=True, immediate=True)
        elif place >= top + self._page:
            self.scroll_to(y=place - self._page + 1, animate=False, force=True, immediate=True)
        self._repaint()
        self.post_message(self.Highlighted(self.cursor_run))

    def _go(self, place: int) -> None:
        if self._rows:
            self.touched = True
            self.select(self._rows[min(max(place, 0), len(self._rows) - 1)].key)

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self._go((self._cursor_place or 0) + lines)

    def action_page(self, pages: float) -> None:
        """Move the cursor by pages."""
        self._go((self._cursor_place or 0) + int(pages * self._page))

    def action_first(self) -> None:
        """Go to the first run; from here the table follows what is new."""
        self._go(0)
        self.touched = False
        self.scroll_home(animate=False, immediate=True)

    def action_last(self) -> None:
        """Go to the last run."""
        self._go(len(self._rows) - 1)

    def action_open(self) -> None:
        """Open the run under the cursor."""
        run = self.cursor_run
        if run is not None:
            self.touched = True
            self.post_message(self.Opened(run))

    def on_click(self, event: events.Click) -> None:
        """Select the run that was clicked, open it on a double click, sort by a title."""
        position = event.get_content_offset(self)
        if position is None:
            return
        if position.y == 0:
            for slot in self._slots:
                if slot.start <= position.x < slot.start + slot.width:
                    self.post_message(self.Sorted(slot.column.name))
            return
        place = self.scroll_offset.y + position.y - 1
        if place < len(self._rows):
            self._go(place)
            if event.chain > 1:
                self.action_open()

    # -- drawing -----------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Lay out the columns anew."""
        self._fit_columns()
        self.refresh()

    def _fit_columns(self) -> None:
        """Choose columns and widths. A column never gets narrower again by itself, so that rows do not jitter."""
        sample = self._rows[self.scroll_offset.y : self.scroll_offset.y + 200]
        for column in self._columns:
            wanted = natural_width(column, [column.text(run, self._cell_context) for run in sample])
            if column.name == "status":
                wanted = max(wanted + 2, 11)
            self._widths[column.name] = max(wanted, self._widths.get(column.name, 0))
        slots = lay_out(self._columns, self._widths, self.size.width)
        if slots != self._slots:
            self._slots = slots
            self._painted.clear()
            self.refresh()

    def _paint(self, y: int) -> _Painted:
        """Return what belongs on line `y` of the window."""
        if y == 0:
            return _Painted(tuple(self._title(slot) for slot in self._slots), "head")
        place = self.scroll_offset.y + y - 1
        if place >= len(self._rows):
            return _NOTHING
        run = self._rows[place]
        row = "cursor" if run.key == self.cursor else "active" if run.key in self._active else ""
        return _Painted(tuple(self._cell(slot, run) for slot in self._slots), row)

    def _title(self, slot: Slot) -> tuple[str, str]:
        name, descending = self._order
        title = slot.column.title
        if slot.column.name == name:
            # Ages grow downwards when the newest is first, which people call descending by time.
            title += f" {self.glyphs.up if descending else self.glyphs.down}"
        return ink.fit(title, slot.width, slot.column.align), "strong" if slot.column.name == name else "dim"

    def _cell(self, slot: Slot, run: Run) -> tuple[str, str]:
        column = slot.column
        text = column.text(run, self._cell_context)
        if column.name == "status":
            return ink.fit(f"{self.glyphs.status[run.status_class]} {text}", slot.width), run.status_class
        if column.name == "note":
            role = (
                "bad"
                if run.status_class == "failed"
                else "other"
                if run.status_class == "unknown"
                else "warn"
            )
            return ink.fit(text, slot.width), role
        if column.name == "run":
            return ink.fit(text, slot.width), "strong" if run.active else "text"
        role = "dim" if column.name in ("model", "wait", "thread") or text == "—" else "text"
        return ink.fit(text, slot.width, column.align), role

    def _repaint(self) -> None:
        """Mark the cells of the window that differ from what was drawn; nothing else is painted."""
        if not self.is_attached:
            return
        for y in range(self.size.height):
            old = self._painted.get(y)
            if old is None:
                continue  # never drawn, so it will be
            new = self._paint(y)
            if new == old:
                continue
            if new.row != old.row or len(new.cells) != len(old.cells):
                self.refresh(Region(0, y, self.size.width, 1))
            else:
                for slot, before, after in zip(self._slots, old.cells, new.cells, strict=True):
                    if before != after:
                        self.refresh(Region(slot.start, y, slot.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y` of the window."""
        base = self.rich_style
        cells = self.size.width
        if not self._rows and y > 0:
            return self._placeholder_line(y)
        painted = self._painted[y] = self._paint(y)
        if painted.row == "cursor":
            base += self.palette.cursor_row
        elif painted.row == "active":
            base += self.palette.active_row
        segments: list[Segment] = []
        at = 0
        for slot, (text, role) in zip(self._slots, painted.cells, strict=False):
            segments.append(Segment(" " * (slot.start - at), base))
            segments.append(Segment(text, base + self.palette[role]))
            at = slot.start + slot.width
        return Strip(segments).adjust_cell_length(cells, base)

    def _placeholder_line(self, y: int) -> Strip:
        """Return a line of the message that stands where rows would be, in the upper middle."""
        top = max(1, (self.size.height - len(self._placeholder)) // 3)
        place = y - top
        spans = self._placeholder[place] if 0 <= place < len(self._placeholder) else ink.BLANK
        indent = ink.Span(" " * max(1, (self.size.width - ink.width(spans)) // 2))
        return ink.strip((indent, *spans), self.palette, self.rich_style, self.size.width)
