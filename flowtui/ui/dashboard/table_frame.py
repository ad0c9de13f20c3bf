"""Draws the title and the bottom edge of the table's frame."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from flowtui.model.answers.since_release import ReleaseCounts, newest_release
from flowtui.model.columns.context import Context
from flowtui.model.columns.volatility import STABLE
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.view import View, shows, view_volatility
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.table.cell_style import group_title
from flowtui.ui.table.edge import release_texts, waiting_text
from flowtui.ui.terminal.partial_paint import set_titles
from flowtui.ui.widgets.frame_edge import content_of, edge_line


class TableFrame:
    """The frame of the table. `frame`: its widget."""

    def __init__(self, app: AppBase, frame: Widget) -> None:
        self._app, self._frame = app, frame
        self._counts = ReleaseCounts()
        self._drawn: Line | None = None

    @property
    def cells(self) -> int:
        """The width of the frame."""
        return self._frame.outer_size.width

    def draw_title(self, text: str) -> None:
        """Draw the title."""
        set_titles(self._frame, self._app.title_text(text))

    def draw_edge(self, waits: str, snapshot: Snapshot | None, view: View, context: Context) -> None:
        """Draw the bottom edge. `waits`: the text of its right end."""
        app = self._app
        lit = self._frame.has_pseudo_class("focus-within")
        edge = Span("-" if app.settings.ascii else "─", "focus" if lit else "track")
        line = edge_line(self._release(snapshot, view, context), waiting_text(waits), self.cells, edge)
        key = (*line, Span(app.theme, edge.role))
        if key != self._drawn:
            self._drawn = key
            set_titles(self._frame, subtitle=content_of(app, line))

    def _release(self, snapshot: Snapshot | None, view: View, context: Context) -> Sequence[Line]:
        mark = newest_release(context.marks, context.now)
        if mark is None or snapshot is None or not snapshot.read(view.thread):
            return ()
        everything = not view.narrowed and view.group.member is None
        shown = None if everything else shows(view, context)
        found = self._counts.count(snapshot, mark, shown, (view.group, view.only, view.text))
        whose = "" if view.group.member is None else group_title(snapshot, view.group).removeprefix("agent ")
        if view.narrowed:
            whose = "these"
        if view.only != "all" or view_volatility(view)[0] > STABLE:  # the counts would soon be wrong
            return release_texts(found, whose, context.now, signs_of(self._app.settings))[-1:]
        return release_texts(found, ink.cut(whose, 20), context.now, signs_of(self._app.settings))
