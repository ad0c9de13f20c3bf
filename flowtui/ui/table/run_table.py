"""The table of runs. The cursor belongs to a run, not to a line: it stays on its run while rows come and go.

Has the order, the cursor, and what keys and mouse do; `viewport` draws. Its owner passes rows to `show`, updates of them
to `follow`, and calls `tick` every second for the ages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from textual import events
from textual.message import Message

from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run, RunKey
from flowtui.model.view.pinned_order import NOTHING, PendingChanges
from flowtui.model.view.ranking import OrderChange
from flowtui.ui.keys import bindings
from flowtui.ui.paint.ink import Line
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.pinned_rows import Anchor, Find
from flowtui.ui.table.viewport import Viewport
from flowtui.ui.widgets.movement import Movable, clamp, top_for

REST = 5.0
"""Default seconds without a key until the newest order is shown."""


def _idle() -> bool:
    return False


class RunTable(Viewport, Movable, can_focus=True):
    """A header line and one line per run."""

    BINDINGS = bindings.bindings(bindings.TABLE)

    @dataclass
    class Highlighted(Message):
        """The cursor moved to another run, or its run changed."""

        run: Run | None

    @dataclass
    class Opened(Message):
        """The user opened a run."""

        run: Run

    @dataclass
    class Sorted(Message):
        """The user clicked the title of a column."""

        column: str

    class StatusChanged(Message):
        """The number of pending changes, or the selection, has changed."""

    class Applied(Message):
        """The user wants to see the newest order now."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.touched = False
        """Whether the user moved the cursor, scrolled or opened a run. If so, the run under the cursor keeps its line."""
        self.paused = False
        """Whether the user paused the order."""
        self.hold_seconds = REST
        """Seconds from the last move of the cursor until the newest order is shown."""
        self.busy: Callable[[], bool] = _idle
        """Whether the user is busy elsewhere on the screen, such as in a menu; if so, the order is held as well."""
        self._moved_at = -REST
        self._old_page = 1
        self._reported: PendingChanges = NOTHING

    # -- what owners use ---------------------------------------------------------------------------------------

    @property
    def cursor(self) -> RunKey | None:
        """The key of the run under the cursor; None in an empty table."""
        return self.rows.cursor

    @property
    def cursor_run(self) -> Run | None:
        """The run under the cursor."""
        return self.rows.cursor_run

    @property
    def waiting(self) -> PendingChanges:
        """The changes that showing the newest order would make."""
        return self.rows.waiting

    def show(
        self,
        rows: Sequence[Run],
        style: CellStyle,
        *,
        find: Find | None = None,
        placeholder: Sequence[Line] = (),
        at_once: bool = False,
    ) -> None:
        """Set the rows in their newest order. It is shown unless the order is held; the run under the cursor keeps its line.

        `find` looks up runs of their snapshot; None: `rows` are all known runs. `at_once` shows the whole order immediately:
        the user asked for another view.
        """
        whole = at_once or not (self.touched or self.paused)
        want = partial(self.rows.want, rows, find, whole=whole)
        self._update_rows(want, style, placeholder, at_once=at_once)

    def follow(self, order: Sequence[RunKey], style: CellStyle, *, find: Find, moved: OrderChange) -> None:
        """Show an update like `show`, without visiting each row. `moved` has the runs that came and left.

        If the order is unchanged, only cells of changed runs are painted; ages are painted by `tick`.
        """
        take = partial(self.rows.follow, order, find, moved)
        was = self._style
        old, agents = style.context.old, style.context.agents
        same = (style.active, old, agents) == (was.active, was.context.old, self._agents)
        if order is not self.rows.wanted or not same:
            self._update_rows(take, style)
            return
        before, seen = self.cursor_run, self.in_sight
        take()
        self._restyle_cells(style)
        lines = self._note_changes(seen, self.in_sight, was.context.threads)
        if lines:
            top = self.scroll_offset.y
            self._fit_columns([self.rows[top + line] for line in lines])
            self._repaint([line + 1 for line in lines])
        self._post_cursor(before)

    def _restyle_cells(self, style: CellStyle) -> None:
        """Use a style for the cells, except for what the viewport itself decides."""
        self._style = replace(style, hidden=self._style.hidden, beat=self._style.beat)

    def _update_rows(
        self,
        take: Callable[[], None],
        style: CellStyle,
        placeholder: Sequence[Line] = (),
        *,
        at_once: bool = False,
    ) -> None:
        before, anchor = self.cursor_run, self._anchor()
        seen, threads = self.in_sight, self._style.context.threads
        take()
        self._restyle_cells(style)
        self._note_changes(seen, [self.rows.run(run.key) for run in seen], threads)
        if at_once:
            line = self.cursor_line if self.touched else None
            self._fit_viewport(self.rows.apply(line=line, page=self._page))
        else:
            self._fit_viewport(self.rows.settle(anchor, page=self._page, held=self.keeps_order))
        if placeholder != self._placeholder:
            self._placeholder = placeholder
            if not len(self.rows):
                self.restyle()
        self._after_change(before, anew=at_once)

    def tick(self, context: Context, watched: frozenset[RunKey] = frozenset()) -> None:
        """Update ages and durations, and show the waiting order once it is not held. `watched`: as in `CellStyle`."""
        self._style = replace(self._style, context=context, watched=watched)
        if self.waiting and not self.keeps_order:
            before = self.cursor_run
            self._fit_viewport(self.rows.settle(self._anchor(), page=self._page, held=False))
            self._after_change(before)
        else:
            self._repaint()

    # -- order and cursor --------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Until the user moves the cursor, put it on the first visible row if new rows pushed it out of the viewport."""
        if not self.touched and len(self.rows) and self.size.height and self.cursor_line is None:
            self.rows.go(self.scroll_offset.y)

    def _fit_viewport(self, top: int | None) -> None:
        """Scroll to row `top` (None: do not scroll), and set the scrollable height for the order shown."""
        self._make_room(len(self.rows) + 1)
        if top is not None and top != self.scroll_offset.y:
            self._scroll(top)
        self._follow()
        if self.rows.waiting != self._reported:
            self._reported = self.rows.waiting
            self.post_message(self.StatusChanged())

    @property
    def keeps_order(self) -> bool:
        """Whether the order shown stays: it is paused, or the user is still at work."""
        return self.paused or (
            self.touched and (self.app.now() - self._moved_at < self.hold_seconds or self.busy())
        )

    @property
    def cursor_line(self) -> int | None:
        """The line of the cursor in the viewport, without the header; None while it is out of sight."""
        if self.rows.place is None:
            return None
        line = self.rows.place - self.scroll_offset.y
        return line if 0 <= line < self._page else None

    def _anchor(self) -> Anchor | None:
        """The run that keeps its line: the one under the cursor, or the first visible one if that is out of sight.

        None until the user has moved the cursor.
        """
        if not self.touched or self.cursor is None:
            return None
        line = self.cursor_line
        if line is not None:
            return self.cursor, line
        top = self.scroll_offset.y
        return (self.rows.order[top], 0) if top < len(self.rows) else None

    def _scroll_view(self, top: int) -> None:
        """Scroll without moving the cursor."""
        self.touched = True
        self._moved_at = self.app.now()
        self._scroll(min(max(0, top), max(0, len(self.rows) - self._page)))

    def select(self, key: RunKey) -> None:
        """Move the cursor to a run and scroll to it; from now on it keeps its line."""
        if key in self.rows.order:
            self._go(self.rows.order.index(key))

    def _go_to(self, place: int) -> None:
        self.rows.go(place)
        top = min(top_for(place, self.scroll_offset.y, self._page), max(0, len(self.rows) - self._page))
        if top != self.scroll_offset.y:
            self._scroll(top)
        self._repaint()
        self.post_message(self.Highlighted(self.cursor_run))

    def _go(self, place: int) -> None:
        if len(self.rows):
            self.touched = True
            self._moved_at = self.app.now()
            self._go_to(clamp(place, len(self.rows)))

    def action_move(self, step: int) -> None:
        """Move the cursor down by `step` rows, or up if negative; from now on its run keeps its line."""
        self._go((self.rows.place or 0) + step)

    def action_first(self) -> None:
        """Go to the first run; from there the table follows new runs."""
        self.touched = False
        if not self.paused:
            self._fit_viewport(self.rows.apply(line=None, page=self._page))
        if len(self.rows):
            self._go_to(0)
        self._scroll(0)

    def action_apply(self) -> None:
        """Show the waiting order."""
        before = self.cursor_run
        self._fit_viewport(self.rows.apply(line=self.cursor_line, page=self._page))
        self._after_change(before)
        self.post_message(self.Applied())

    def move_down(self, lines: int) -> None:
        """Scroll, as the table is about to move down by `lines` of the screen, or up if negative.

        If the user has moved the cursor, its run keeps its line of the screen, unless it is the first in sight. For that the
        table is scrolled beyond the last row, if need be, until the user moves the cursor or rows move.
        """
        line = self.cursor_line
        self._spare = max(0, lines)
        if self.touched and line is not None and line >= lines:
            self._scroll(max(0, self.scroll_offset.y + lines))

    def action_open(self) -> None:
        """Open the run under the cursor."""
        run = self.cursor_run
        if run is not None:
            self.touched = True
            self._moved_at = self.app.now()
            self.post_message(self.Opened(run))

    def action_select(self) -> None:
        """Select the run under the cursor, or deselect it, and go to the next."""
        if self.cursor is not None:
            self.selection.toggle(self.cursor)
            self._selection_changed()
            self.action_move(1)

    def action_select_range(self) -> None:
        """Select all runs from the last selected one to the cursor."""
        if self.cursor is not None:
            self.selection.extend(self.rows.order, self.cursor)
            self._selection_changed()

    def clear_selection(self) -> None:
        """Deselect all runs."""
        self.selection.clear()
        self._selection_changed()

    def _selection_changed(self) -> None:
        self._repaint()
        self.post_message(self.StatusChanged())

    def action_columns(self, step: int) -> None:
        """Scroll the columns to the right or left; status and id stay."""
        before, last = self._slots, len(self._columns) - 2
        while self._slots == before and 0 <= self._first_column + step <= last:
            self._first_column += step
            self._fit_columns()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked run; open it on a double click. On a title: sort by the column."""
        position = event.get_content_offset(self)
        if position is None:
            return
        if position.y == 0:
            for slot in self._slots:
                if slot.start <= position.x < slot.start + slot.width:
                    self.post_message(self.Sorted(slot.column.name))
            return
        place = self.scroll_offset.y + position.y - 1
        if place < len(self.rows):
            self._go(place)
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down without moving the cursor."""
        self._scroll_view(self.scroll_offset.y + 3)
        event.stop()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up without moving the cursor."""
        self._scroll_view(self.scroll_offset.y - 3)
        event.stop()

    def on_resize(self) -> None:
        """Choose the columns again; if the run under the cursor was in sight, keep it there."""
        place, top = self.rows.place, self.scroll_offset.y
        if place is not None and top + self._page <= place < top + self._old_page:
            self._scroll(place - self._page + 1)
        self._old_page = self._page
        self._fit_columns()
        self.refresh()

    def _after_change(self, before: Run | None, *, anew: bool = False) -> None:
        self._fit_columns(anew=anew)
        self._repaint()
        self._post_cursor(before)

    def _post_cursor(self, before: Run | None) -> None:
        if self.cursor_run != before:
            self.post_message(self.Highlighted(self.cursor_run))
