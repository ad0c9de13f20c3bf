"""The table of runs. Its cursor belongs to a run, not to a line: rows come and go, the run one reads stays.

Draws only the rows in the window, and of those repaints only the cells that changed. Knows nothing of polling: owners
hand it rows with `show`, changed rows with `touch`, and `tick` lets the ages move.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowtui.model.columns import COLUMNS, DEFAULT, Column, Context
from flowtui.model.run import RUNNING, Run, RunKey
from flowtui.model.still import NOTHING, Waiting
from flowtui.ui import ink, keys
from flowtui.ui.flashes import Flashes
from flowtui.ui.glyphs import UNICODE
from flowtui.ui.ink import Line
from flowtui.ui.still_rows import StillRows
from flowtui.ui.table_layout import Slot, lay_out, natural_width
from flowtui.ui.table_paint import BAR, Look, Painted, cell, head_cell
from flowtui.ui.theme import Palette

REST = 5.0
"""Seconds without a key after which the cursor rests, and a new order may be taken."""

BEAT = 0.5
"""Seconds between two steps of the bars."""

_SAMPLE = 60  # rows whose texts decide how wide a column is


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

    class Settled(Message):
        """What waits to be shown has changed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.touched = False
        """Somebody has chosen a run: from now on its line stays where it is."""
        self._still = StillRows()
        self._moved_at = -REST
        self._told: Waiting = NOTHING
        self._look = Look(Context(now=0.0), UNICODE)
        self._active: frozenset[RunKey] = frozenset()
        self._columns: list[Column] = [COLUMNS[name] for name in DEFAULT]
        self._first_column = 0
        self._widths: dict[str, int] = {}
        self._slots: list[Slot] = []
        self._painted: dict[int, Painted] = {}
        self._cells: dict[int, tuple[Run, Look, Sequence[Slot], tuple[Line, ...]]] = {}
        self._flashes = Flashes()
        self._base = Style.null()
        self._placeholder: Sequence[Line] = ()

    # -- what owners use ---------------------------------------------------------------------------------------

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        palette: Palette = self.app.palette  # type: ignore[attr-defined]
        return palette

    @property
    def rows(self) -> StillRows:
        """The rows in the order of the table."""
        return self._still

    @property
    def cursor(self) -> RunKey | None:
        """The key of the run under the cursor."""
        return self._still.cursor

    @property
    def cursor_run(self) -> Run | None:
        """The run under the cursor."""
        return self._still.cursor_run

    @property
    def waiting(self) -> Waiting:
        """What showing the newest order would do."""
        return self._still.waiting

    @property
    def slots(self) -> Sequence[Slot]:
        """The columns on the screen."""
        return self._slots

    def show(
        self,
        rows: Sequence[Run],
        look: Look,
        *,
        active: frozenset[RunKey] = frozenset(),
        placeholder: Sequence[Line] = (),
        at_once: bool = False,
    ) -> None:
        """Show these rows in this order, or as much of it as leaves the selected run on its line.

        `active` are the runs that hold their threads. `at_once` takes the order whatever moves: somebody asked for
        another view.
        """
        before, line = self.cursor_run, self.cursor_line if self.touched else None
        seen = self._visible()
        self._still.want(rows)
        self._look, self._active = look, active
        self._note_changes(seen)
        if at_once:
            self._take(self._still.apply(line=line, page=self._page))
        else:
            self._take(self._still.settle(line=line, page=self._page, navigating=self._navigating))
        if placeholder != self._placeholder:
            self._placeholder = placeholder
            if not len(self._still):
                self.restyle()
        self._after_change(before)

    def touch(self, runs: Iterable[Run]) -> None:
        """Take in changed runs whose place in the order is the same."""
        before = self.cursor_run
        seen = self._visible()
        self._still.touch(runs)
        lines = self._note_changes(seen)
        if lines:
            rows = self._visible()
            self._fit_columns([rows[line] for line in lines])
            self._repaint([line + 1 for line in lines])
        self._tell_cursor(before)

    @property
    def beat(self) -> int:
        """The step that the bars are at."""
        return self._look.beat

    def tick(self, context: Context, stale: frozenset[str] = frozenset()) -> None:
        """Let time pass: ages and durations move, rows do not. `stale` threads look it."""
        self._look = replace(self._look, context=context, stale=stale)
        if self.waiting and not self._navigating:
            line = self.cursor_line if self.touched else None
            self._take(self._still.settle(line=line, page=self._page, navigating=False))
        self._repaint()

    def restyle(self) -> None:
        """Paint everything again, after a change of colours or signs."""
        self._painted.clear()
        self.refresh()

    # -- order and cursor --------------------------------------------------------------------------------------

    def _take(self, top: int | None) -> None:
        """Fit the window to the order that the rows have now."""
        size = Size(0, len(self._still) + 1)
        if size != self.virtual_size:
            self.virtual_size = size
        if top is not None and top != self.scroll_offset.y:
            self._scroll(top)
        if self._still.waiting != self._told:
            self._told = self._still.waiting
            self.post_message(self.Settled())

    @property
    def _navigating(self) -> bool:
        return self.touched and self._now() - self._moved_at < REST

    def _now(self) -> float:
        now: float = self.app.now()  # type: ignore[attr-defined]
        return now

    @property
    def cursor_line(self) -> int | None:
        """The line of the window on which the cursor stands, header excluded; None while it is out of sight."""
        if self._still.place is None:
            return None
        line = self._still.place - self.scroll_offset.y
        return line if 0 <= line < self._page else None

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def select(self, key: RunKey) -> None:
        """Put the cursor on a run, and bring it into the window."""
        if key in self._still.order:
            self._go_to(self._still.order.index(key))

    def _go_to(self, place: int) -> None:
        self._still.go(place)
        top = self.scroll_offset.y
        if place < top:
            self._scroll(place)
        elif place >= top + self._page:
            self._scroll(place - self._page + 1)
        self._repaint()
        self.post_message(self.Highlighted(self.cursor_run))

    def _go(self, place: int) -> None:
        if len(self._still):
            self.touched = True
            self._moved_at = self._now()
            self._go_to(min(max(place, 0), len(self._still) - 1))

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self._go((self._still.place or 0) + lines)

    def action_page(self, pages: float) -> None:
        """Move the cursor by pages."""
        self._go((self._still.place or 0) + int(pages * self._page))

    def action_first(self) -> None:
        """Go to the first run; from here the table follows what is new."""
        self.touched = False
        self._take(self._still.apply(line=None, page=self._page))
        if len(self._still):
            self._go_to(0)
        self._scroll(0)

    def action_last(self) -> None:
        """Go to the last run."""
        self._go(len(self._still) - 1)

    def action_apply(self) -> None:
        """Show the order that waits."""
        before = self.cursor_run
        self._take(self._still.apply(line=self.cursor_line, page=self._page))
        self._after_change(before)

    def action_open(self) -> None:
        """Open the run under the cursor."""
        run = self.cursor_run
        if run is not None:
            self.touched = True
            self._moved_at = self._now()
            self.post_message(self.Opened(run))

    def action_columns(self, step: int) -> None:
        """Show the columns further to the right, or to the left; status and run stay."""
        self._first_column = min(max(0, self._first_column + step), len(self._columns) - 3)
        self._fit_columns()

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
        if place < len(self._still):
            self._go(place)
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look further down without moving the cursor."""
        self._scroll(min(self.scroll_offset.y + 3, max(0, len(self._still) - self._page)))
        event.stop()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look further up without moving the cursor."""
        self._scroll(max(0, self.scroll_offset.y - 3))
        event.stop()

    # -- drawing -----------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Start the beat of the bars."""
        self.set_interval(BEAT, self._beat)

    def on_resize(self) -> None:
        """Lay out the columns anew."""
        self._fit_columns()
        self.refresh()

    def _beat(self) -> None:
        """Move the bars on and let flashes go out; nothing to move costs nothing."""
        over = self._flashes.expire(self._now())
        moving = not self._look.still and any(run.status_class == RUNNING for run in self._visible())
        if moving:
            self._look = replace(self._look, beat=self._look.beat + 1)
        if over or moving:
            self._repaint()

    def _visible(self) -> list[Run]:
        return self._still.window(self.scroll_offset.y, self._page)

    def _note_changes(self, seen: Sequence[Run]) -> list[int]:
        """Light what changed in the rows that were in the window; return the places in it that those rows had."""
        changed: list[int] = []
        for line, before in enumerate(seen):
            after = self._still.run(before.key)
            if after is not None and after is not before and after != before:
                changed.append(line)
                if not self._look.still:
                    self._flashes.note(before, after, self._columns, self._look.context, self._now())
        return changed

    def _after_change(self, before: Run | None) -> None:
        self._fit_columns()
        self._repaint()
        self._tell_cursor(before)

    def _tell_cursor(self, before: Run | None) -> None:
        if self.cursor_run != before:
            self.post_message(self.Highlighted(self.cursor_run))

    def _fit_columns(self, sample: Sequence[Run] | None = None) -> None:
        """Choose columns and widths. A column never gets narrower again by itself, so that rows do not jitter.

        `sample` are the rows that may want more, None for those in and near the window.
        """
        if sample is None:
            sample = self._still.window(self.scroll_offset.y, max(self._page, _SAMPLE))
        for column in self._columns:
            wanted = natural_width(column, [column.text(run, self._look.context) for run in sample])
            if column.name == "status":
                wanted = max(wanted + 2, 11)
            elif column.name == "time":
                wanted += 1 + BAR
            self._widths[column.name] = max(wanted, self._widths.get(column.name, 0))
        slots = lay_out(self._columns, self._widths, self.size.width, skip=self._first_column)
        hidden = len(self._columns) - len(slots)
        if slots != self._slots or hidden != self._look.hidden:
            self._slots = slots
            self._look = replace(self._look, hidden=hidden)
            self._painted.clear()
            self.refresh()

    def _paint(self, y: int) -> Painted:
        """Return what belongs on line `y` of the window."""
        if y == 0:
            titles = self._slots if len(self._still) else ()
            return Painted(tuple(head_cell(slot, self._look) for slot in titles), "head")
        place = self.scroll_offset.y + y - 1
        if place >= len(self._still):
            return Painted()
        run = self._still[place]
        row = "cursor" if run.key == self.cursor else "active" if run.key in self._active else ""
        lit = [p for p, slot in enumerate(self._slots) if self._flashes.lit(run.key, slot.column.name)]
        return Painted(self._cells_of(run, y), row, frozenset(lit))

    def _cells_of(self, run: Run, y: int) -> tuple[Line, ...]:
        """Return the cells of a run. What `_repaint` compares is about to be drawn, so it is kept until it is."""
        kept = self._cells.get(y)
        if kept is None or kept[0] is not run or kept[1] is not self._look or kept[2] is not self._slots:
            cells = tuple(cell(slot, run, self._look) for slot in self._slots)
            kept = self._cells[y] = (run, self._look, self._slots, cells)
        return kept[3]

    def _repaint(self, lines: Iterable[int] | None = None) -> None:
        """Mark the cells of the window, or of these lines of it, that differ from what was drawn; paint nothing else."""
        if not self.is_attached:
            return
        regions: list[Region] = []
        for y in range(self.size.height) if lines is None else lines:
            old = self._painted.get(y)
            if old is None:
                continue  # never drawn, so it will be
            new = self._paint(y)
            if new == old:
                continue
            if new.row != old.row or len(new.cells) != len(old.cells):
                regions.append(Region(0, y, self.size.width, 1))
            else:
                slots = [self._slots[place] for place in new.differs(old)]
                regions += [Region(slot.start, y, slot.width, 1) for slot in slots]
        if regions:
            self.refresh(*regions)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a part of the window; what they share is looked up once."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return the line at `y` of the window."""
        base, palette = self._base, self.palette
        if not len(self._still) and y > 0:
            return self._placeholder_line(y)
        painted = self._painted[y] = self._paint(y)
        if painted.row == "cursor":
            base += palette.cursor_row if self.has_focus else palette.cursor_row_away
        elif painted.row == "active":
            base += palette.active_row
        segments: list[Segment] = []
        at = 0
        for place, (slot, spans) in enumerate(zip(self._slots, painted.cells, strict=False)):
            segments.append(Segment(" " * (slot.start - at), base))
            ground = base + palette.flash if place in painted.lit else base
            segments += [Segment(span.text, ground + palette[span.role]) for span in spans]
            at = slot.start + slot.width
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _placeholder_line(self, y: int) -> Strip:
        """Return a line of the message that stands where rows would be, in the upper middle."""
        top = max(1, (self.size.height - len(self._placeholder)) // 3)
        place = y - top
        spans = self._placeholder[place] if 0 <= place < len(self._placeholder) else ink.BLANK
        indent = ink.Span(" " * max(1, (self.size.width - ink.width(spans)) // 2))
        return ink.strip((indent, *spans), self.palette, self._base, self.size.width)
