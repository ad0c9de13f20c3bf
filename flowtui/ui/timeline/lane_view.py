"""The widget that draws the time axis and the visible lanes, one for each thread or agent. Repaints only lines that changed.

`state` decides which lanes and which time window are visible, and where the cursor is; `rows` makes the lines. The
screen calls `show` with each snapshot, and `redraw` each second and when the state has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.timeline.lanes import Lane, ThreadHistory, lane
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.paint import ink, time_axis
from flowtui.ui.paint.ink import Line
from flowtui.ui.timeline.labels import legend_row
from flowtui.ui.timeline.lane_names import agent_name, thread_name
from flowtui.ui.timeline.past_window import NOTHING, PastWindow
from flowtui.ui.timeline.rows import LaneContext, Row, axis_row, lane_rows, names_width
from flowtui.ui.timeline.signs import ASCII, UNICODE
from flowtui.ui.timeline.state import LaneState
from flowtui.ui.widgets.movement import Movable

MAX_ROWS: Final = 4
"""Most lines of a lane: labels, runs, queued runs, and a blank line before the next lane."""

_KEPT: Final = 256  # lanes whose cells are kept


class _Kept(NamedTuple):
    """The cells of a lane as last drawn, and what they were made from.

    `tips` are the cells of the current time and of the last observation.
    """

    history: ThreadHistory
    window: TimeWindow
    tips: tuple[int, int]
    lane: Lane


class LaneView(Movable, Widget, can_focus=True):
    """A time axis, and one lane for each thread or agent."""

    app: AppBase

    DEFAULT_CSS = "LaneView { height: 1fr; background: $background; }"

    class Moved(Message):
        """Posted when the user has moved the cursor to another lane, or with the mouse."""

    class Opened(Message):
        """Posted when the user double-clicks a run to open it."""

    def __init__(self, cursor: RunKey | None = None, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.state = LaneState(cursor)
        """Which lanes and which time window are visible, and where the cursor is. The screen changes it, then calls `redraw`."""
        self.placeholder: Sequence[Line] = ()
        """Lines shown instead of lanes; empty while there are lanes."""
        self.loaded: PastWindow = NOTHING
        """What the history says of the time window."""
        self._snapshot: Snapshot | None = None
        self._marks: tuple[Mark, ...] = ()
        self._kept: dict[str, _Kept] = {}
        self._rows: list[Row] = []

    def show(
        self,
        snapshot: Snapshot,
        runs: Sequence[Run] | None,
        marks: Sequence[Mark] = (),
        past: Mapping[str, Sequence[Run]] | None = None,
    ) -> None:
        """Set what the next `redraw` draws. `runs` are the runs to draw; None: all runs of the snapshot.

        `past`: raw thread id → runs from the history that are to be drawn, too.
        """
        self._snapshot, self._marks = snapshot, tuple(marks)
        self.update_viewport()
        self.state.update(snapshot, runs, past)

    @property
    def _page(self) -> int:
        return self.state.page

    def action_move(self, step: int) -> None:
        """Move the cursor down by `step` lanes, or up if negative."""
        self.state.move(step)
        self.post_message(self.Moved())

    # -- drawing -----------------------------------------------------------------------------------------------

    @property
    def lane_rows(self) -> int:
        """How many lines each lane has: as many as possible, up to 4, so that all lanes fit; at least 1."""
        return min(MAX_ROWS, max(1, (self.size.height - 1) // max(1, len(self.state.order))))

    @property
    def _names(self) -> int:
        """The width of the name column in cells."""
        return names_width(self.size.width, dense=self.lane_rows == 1)

    def update_viewport(self) -> None:
        """Set in `state` the server time, the width of a lane, and how many lanes fit."""
        now = self.app.now()
        self.state.set_viewport(
            now if self._snapshot is None else self._snapshot.server_time(now),
            self.size.width - self._names - 1,
            (self.size.height - 1) // self.lane_rows,
        )

    def redraw(self) -> None:
        """Paint the lines that have changed."""
        if not self.is_mounted or self.size.height < 1:
            return
        self.update_viewport()
        self.state.follow_newest()
        self.state.scroll_to_cursor()
        old, self._rows = self._rows, self._draw()
        if len(old) != len(self._rows):
            self.refresh()
            return
        regions = [
            Region(0, y, self.size.width, 1)
            for y, (before, after) in enumerate(zip(old, self._rows, strict=True))
            if before != after
        ]
        if regions:
            self.refresh(*regions)

    def _draw(self) -> list[Row]:
        height, context = self.size.height, self._lane_context()
        rows = [axis_row(context)]
        if self.placeholder:
            lines = ink.centred(self.placeholder, self.size.width, height, margin=1)
            rows += map(Row, lines[1:])
        else:
            for key in self.state.in_sight:
                rows += self._rows_of(key, context)
            if height - len(rows) >= 2:
                rows += [Row()] * (height - len(rows) - 1)
                rows.append(legend_row(context))
        return (rows + [Row()] * height)[:height]

    def _lane_context(self) -> LaneContext:
        app, window, now, rows = self.app, self.state.window, self.state.now, self.lane_rows
        signs = ASCII if app.palette.plain else UNICODE
        ticks = time_axis.ticks(window, app.zone)
        return LaneContext(
            *(window, now, app.glyphs, signs, self._names, rows, self._marks, ticks),
            by_agent=self.state.by_agent,
            unwatched=tuple(self.loaded.unwatched(window)),
            begin=self.state.floor,
        )

    def _rows_of(self, key: str, context: LaneContext) -> tuple[Row, ...]:
        history, snapshot = self.state.histories[key], self._snapshot
        if self.state.by_agent:
            name = agent_name(history, snapshot, self.app)
        else:
            name = thread_name(key, history, snapshot, self.app)
        made = self._lane(key, history, context, name.seen)
        chosen = key == self.state.lane
        return lane_rows(made, history, name, context, self.state.segment if chosen else None, chosen=chosen)

    def _lane(self, key: str, history: ThreadHistory, context: LaneContext, seen: float) -> Lane:
        """Return the cells of a lane. They are computed again only if a cell may have changed. `seen`: see `LaneName`."""
        tips = (context.window.cell(context.now), context.window.cell(seen))
        kept = self._kept.get(key)
        if kept is None or kept.history is not history or (kept.window, kept.tips) != (context.window, tips):
            if len(self._kept) > _KEPT:
                self._kept.clear()
            made = lane(history, context.window, context.now, seen)
            kept = self._kept[key] = _Kept(history, context.window, tips, made)
        return kept.lane

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of this widget as it is painted."""
        row = self._rows[y] if y < len(self._rows) else Row()
        palette, base = self.app.palette, self.rich_style
        if row.chosen:
            base += palette.active_row
        strip = ink.strip(row.spans, palette, base, self.size.width)
        if row.lit is None:
            return strip
        first, last = row.lit
        lit = Segment.apply_style(strip.crop(first, last + 1), post_style=palette.cursor_row)
        return Strip.join([strip.crop(0, first), Strip(lit), strip.crop(last + 1, self.size.width)])

    # -- mouse and size ----------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._rows = []
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked lane, there to the run nearest to the clicked time. A double click opens this run."""
        position = event.get_content_offset(self)
        if position is None or position.y == 0 or self.placeholder:
            return
        line = (position.y - 1) // self.lane_rows
        if line < len(self.state.in_sight):
            cell = position.x - self._names - 1
            self.state.choose(self.state.top + line, self.state.window.time(cell) if cell >= 0 else None)
            self.post_message(self.Moved())
            if event.chain > 1:
                self.post_message(self.Opened())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor one lane down."""
        self.action_move(1)
        event.stop()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor one lane up."""
        self.action_move(-1)
        event.stop()
