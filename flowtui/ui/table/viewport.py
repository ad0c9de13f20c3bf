"""The viewport of the table: chooses the columns, draws the rows in sight, and repaints only changed cells.

`run_table` owns the rows and the cursor. A line is always drawn whole from its cells; the comparison with the last
paint only decides which cells are repainted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import is_not
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from flowtui.model.columns.column_choice import ColumnChoice, choose
from flowtui.model.columns.columns import Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.run.row import RUNNING, Run, RunKey
from flowtui.model.state.known_runs import ThreadState
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import UNICODE
from flowtui.ui.paint.ink import Line
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.cells import PaintedLine, cell, cell_text, head_cell, rule_between
from flowtui.ui.table.flashes import Flashes
from flowtui.ui.table.layout import MARGIN, Slot, fit_columns, natural_width
from flowtui.ui.table.pinned_rows import PinnedRows
from flowtui.ui.table.selection import Selection

BEAT = 0.5
"""Seconds between two steps of the progress bars."""

LEAVES: Final = "leaves"
"""The word at the end of a row that is not in the newest order and will go when that is shown."""

_RULE: Final = Style(underline=True)
_NAME: Final = 16  # cells of a mark's name on its line
_SAMPLE = 60  # rows whose texts determine the width of a column


class Viewport(ScrollView):
    """Draws a header line and one line per run."""

    app: AppBase

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.rows = PinnedRows()
        """The rows in the order shown."""
        self._style = CellStyle(Context(now=0.0), UNICODE)
        self.selection = Selection()
        """The runs selected with `space`."""
        self._choice = choose(None)
        self._columns: list[Column] = [find_column(name) for name in self._choice.names]
        self._first_column = 0
        self._widths: dict[str, int] = {}
        self._set_widths: frozenset[str] = frozenset()
        self._agents: Mapping[str, str] = {}
        """The names of agents when the widths were chosen."""
        self._names: Sequence[str] = ()
        self._slots: list[Slot] = []
        self._fitted = 0  # the width for which they were chosen
        self._spare = 0  # by so many lines it can be scrolled beyond the last row
        self._painted: dict[int, PaintedLine] = {}
        self._cells: dict[int, tuple[tuple[Run, CellStyle, Sequence[Slot], bool], tuple[Line, ...]]] = {}
        self._flashes = Flashes()
        self._base = Style.null()
        self._placeholder: Sequence[Line] = ()

    @property
    def slots(self) -> Sequence[Slot]:
        """The visible columns."""
        return self._slots

    def choose_columns(self, choice: ColumnChoice) -> None:
        """Show the columns of `choice`, in its order and widths."""
        if choice == self._choice:
            return
        self._choice = choice
        self._columns = [find_column(name) for name in choice.names]
        self._widths = {name: cells for name, cells in self._widths.items() if name not in self._set_widths}
        self._set_widths = frozenset(choice.widths)
        self._first_column = 0
        self._fit_columns()

    def width_of(self, name: str) -> int:
        """Return the width of a column in cells, also of a hidden one."""
        shown = next((slot.width for slot in self._slots if slot.column.name == name), 0)
        return shown or self._widths.get(name) or natural_width(find_column(name), [])

    def restyle(self) -> None:
        """Repaint everything, after a change of colours or characters."""
        self._painted.clear()
        self.refresh()

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def max_scroll_y(self) -> int:
        """The last line that can be the first in sight; see `RunTable.move_down`."""
        return super().max_scroll_y + self._spare

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def _make_room(self, lines: int) -> None:
        """Set the scrollable height to `lines`, the header included."""
        size, before = Size(0, lines), self.virtual_size
        if size.height > before.height > self.size.height > 0:
            # Only the scrollbar changes. Setting `virtual_size` would lay out and repaint the whole table for each new
            # run.
            self.set_reactive(Widget.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = lines
        elif size != before:
            self.virtual_size = size

    def on_mount(self) -> None:
        """Start the animation."""
        self.set_interval(BEAT, self._beat)

    def _beat(self) -> None:
        """Move the progress bars and remove expired highlights; if there are none, repaint nothing.

        Below a screen that covers the table, nothing moves.
        """
        if not self.screen.is_current:
            return
        over = self._flashes.expire(self.app.now())
        moving: list[int] = []
        if not self._style.reduced_motion:
            moving = [line for line, run in enumerate(self.in_sight, 1) if run.status_class == RUNNING]
        if moving:
            self._style = replace(self._style, beat=self._style.beat + 1)
        if over or moving:
            self._repaint(None if over else moving)  # no other line has a bar

    @property
    def in_sight(self) -> Sequence[Run]:
        """The runs in the viewport."""
        return self.rows.window(self.scroll_offset.y, self._page)

    @property
    def at_end(self) -> bool:
        """Whether the last row is in sight."""
        return self.scroll_offset.y + self._page >= len(self.rows)

    def _note_changes(
        self, seen: Sequence[Run], now: Sequence[Run | None], threads: Mapping[str, ThreadState]
    ) -> list[int]:
        """Highlight changed cells and return the lines of changed rows.

        `seen` are the rows that the viewport showed, `now` their newest states, None for a run that is gone. `threads` are
        the threads as they were then: what the first observation of a restored thread shows is not highlighted, as it may
        have happened long ago.
        """
        changed: list[int] = []
        for line, (before, after) in enumerate(zip(seen, now, strict=True)):
            if after is not None and after is not before and after != before:
                changed.append(line)
                known = threads.get(before.thread_key)
                old = known is not None and known.restored is not None
                if not (old or self._style.reduced_motion):
                    self._flashes.note(before, after, self._columns, self._style.context, self.app.now())
        return changed

    def _fit_columns(self, sample: Sequence[Run] | None = None, *, anew: bool = False) -> None:
        """Choose the columns and their widths. A column only grows, so that the rows do not jump.

        The agent column may shrink when names arrive, which are shorter than the ids shown before. `sample` are the rows
        that may need more width; None: those in and near the viewport. `anew`: the user asked for other rows, so all
        widths are chosen again.
        """
        agents = self._style.context.agents
        if agents is not self._agents and agents != self._agents:
            self._widths.pop("agent", None)
            self._names = list(agents.values())
        self._agents = agents
        some = sample is not None
        if anew and len(self.rows):
            self._widths = {}
        if sample is None:
            sample = self.rows.window(self.scroll_offset.y, max(self._page, _SAMPLE))
        told, before = self._choice.widths, self._widths.copy()
        for column in self._columns:
            if column.name in told:
                self._widths[column.name] = told[column.name]
                continue
            wanted = self._wanted_width(column, sample)
            self._widths[column.name] = max(wanted, self._widths.get(column.name, 0))
        if some and self._widths == before:
            return  # these rows need no wider columns
        slots = fit_columns(
            self._columns,
            self._widths,
            self.size.width,
            skip=self._first_column,
            explicit=self._choice.explicit,
            fixed=told,
        )
        hidden, self._fitted = len(self._columns) - len(slots), self.size.width
        if slots != self._slots or hidden != self._style.hidden:
            self._slots = slots
            self._style = replace(self._style, hidden=hidden)
            self._painted.clear()
            self.refresh()

    def _wanted_width(self, column: Column, sample: Sequence[Run]) -> int:
        texts = [cell_text(column, run, self._style.context) for run in sample]
        if column.name == "status":
            return natural_width(column, [f"  {text}" for text in texts])
        if column.name == "agent" and "agent" not in self._widths:
            texts += self._names  # a run of each may come at any moment
        return natural_width(column, texts)

    def _paint(self, y: int) -> PaintedLine:
        """Return what line `y` of the viewport shows."""
        if y == 0:
            titles = self._slots if len(self.rows) else ()
            return PaintedLine(tuple(head_cell(slot, self._style) for slot in titles), "head")
        place = self.scroll_offset.y + y - 1
        if place >= len(self.rows):
            return PaintedLine()
        run = self.rows[place]
        row = "cursor" if run.key == self.rows.cursor else "active" if run.key in self._style.active else ""
        lit = [p for p, slot in enumerate(self._slots) if self._flashes.lit(run.key, slot.column.name)]
        following = self.rows[place + 1] if place + 1 < len(self.rows) else None
        rule = rule_between(run, following, self._style)
        leaves = self.rows.leaves(run.key)
        cells = self._cells_of(run, y, leaves=leaves)
        return PaintedLine(cells, row, frozenset(lit), self._sign(run.key), rule, leaves)

    def _sign(self, key: RunKey) -> tuple[str, str]:
        if key in self.selection:
            return self._style.glyphs.selected, "accent"
        return (self._style.glyphs.watched, "focus") if key in self._style.watched else ("", "")

    def _cells_of(self, run: Run, y: int, *, leaves: bool) -> tuple[Line, ...]:
        """Return the cells of a run; cached, as `_repaint` compares them and `render_line` then draws them."""
        kept = self._cells.get(y)
        key = (run, self._style, self._slots, leaves)
        if kept is None or any(map(is_not, kept[0], key)):
            kept = self._cells[y] = (
                key,
                tuple(cell(slot, run, self._style, grey=leaves) for slot in self._slots),
            )
        return kept[1]

    def _repaint(self, lines: Iterable[int] | None = None) -> None:
        """Request a repaint of the cells that differ from the last paint; `lines` limits it to these lines.

        Below a screen that covers it, nothing is compared: the dashboard is drawn anew once it is in sight again.
        """
        if not self.is_attached or not self.screen.is_current:
            return
        regions: list[Region] = []
        for y in range(self.size.height) if lines is None else lines:
            old = self._painted.get(y)
            if old is None:
                continue  # not drawn yet, so a paint is due anyway
            new = self._paint(y)
            if new == old:
                continue
            if new.sign != old.sign:
                regions.append(Region(0, y, MARGIN, 1))
            if new.frame != old.frame or len(new.cells) != len(old.cells):
                regions.append(Region(0, y, self.size.width, 1))
            else:
                regions += [self._changed_part(y, place, old, new) for place in new.differs(old)]
        if regions:
            self.refresh(*regions)

    def _changed_part(self, y: int, place: int, old: PaintedLine, new: PaintedLine) -> Region:
        """Return the part of a cell that differs: of a moving bar, not the whole note."""
        slot = self._slots[place]
        first, last = 0, slot.width
        if place not in old.lit ^ new.lit:
            first, last = ink.changed(old.cells[place], new.cells[place], slot.width) or (0, slot.width)
        return Region(slot.start + first, y, last - first, 1)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region; their common base style is looked up once."""
        self._base = self.rich_style
        if self._fitted != self.size.width:  # the first rows may be there before the first size
            self._fit_columns()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return the line at `y` of the viewport."""
        base, palette = self._base, self.app.palette
        if not len(self.rows) and y > 0:
            return self._placeholder_line(y)
        painted = self._painted[y] = self._paint(y)
        if painted.row == "cursor":
            base += palette.cursor_row if self.has_focus else palette.cursor_row_away
        elif painted.row == "active":
            base += palette.active_row
        if painted.rule:
            base += _RULE
        segments: list[Segment] = []
        at = 0
        if painted.sign[0]:
            segments.append(Segment(painted.sign[0], base + palette[painted.sign[1]]))
            at = MARGIN
        for place, (slot, spans) in enumerate(zip(self._slots, painted.cells, strict=False)):
            segments.append(Segment(" " * (slot.start - at), base))
            ground = base + palette.flash if place in painted.lit else base
            segments += ink.segments(spans, palette, ground)
            at = slot.start + slot.width
        line = Strip(segments).adjust_cell_length(self.size.width, base)
        if painted.leaves:
            return self._leaving(line, base)
        if painted.rule:
            line = self._named(line, painted.rule, base)
        if painted.row == "head" and self._style.hidden and painted.cells:
            last = self.size.width - 1 - self.show_vertical_scrollbar  # the scrollbar would cover it
            more = Segment(self._style.glyphs.right, base + palette["dim"])
            return Strip([*line.crop(0, last), more]).adjust_cell_length(self.size.width, base)
        return line

    def _leaving(self, line: Strip, base: Style) -> Strip:
        """Write `LEAVES` at the end of a line. A number that it would cut is left out: a cut number would be wrong."""
        word, width = f" {LEAVES} ", self.size.width
        end = width - len(word)
        cut = [
            slot.start
            for slot in self._slots
            if slot.column.align == "right" and slot.start < end < slot.start + slot.width
        ]
        kept = line.crop(0, min([end, *cut])).adjust_cell_length(end, base)
        return Strip([*kept, Segment(word, base + self.app.palette["text"])], width)

    def _named(self, line: Strip, rule: str, base: Style) -> Strip:
        """Write the name of a mark at the end of its line, if there is room."""
        name = f" {ink.cut(rule, _NAME)} "
        at = self.size.width - cell_len(name)
        if at <= 0 or line.crop(at).text.strip():
            return line
        return Strip([*line.crop(0, at), Segment(name, base + self.app.palette["accent"])], self.size.width)

    def _placeholder_line(self, y: int) -> Strip:
        """Return a line of the message shown instead of rows."""
        lines = ink.centred(self._placeholder, *self.size, margin=1)
        return ink.strip(lines[y] if y < len(lines) else (), self.app.palette, self._base, self.size.width)
