"""What the dashboard shows: its view, its columns, its rows and its panes. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from textual.css.query import NoMatches
from textual.dom import DOMNode

from flowtui.config.memory.memory import Memory
from flowtui.config.values.views import SavedView
from flowtui.model.columns.column_choice import ColumnChoice, choose
from flowtui.model.columns.columns import DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES
from flowtui.model.view.saved_views import ListedView, apply_saved_view, list_views
from flowtui.model.view.unknown_reasons import asks_reasons
from flowtui.model.view.view import SORTABLE, View, filter_of
from flowtui.ui.base import messages
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.dashboard.left_column import LeftColumn
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.grouping.rows import shows_old
from flowtui.ui.keys import bindings
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.table.cell_style import cell_context
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.table.shown_rows import ShownRows

_SETTLES_IN: Final = 1.0  # seconds from the last change of the sort order until it is written to disk


class DashboardView(ViewScreen):
    """The part of the dashboard that knows what it shows.

    `view` is what the table shows: filter, group and sort order. While `paused` is True, the rows keep their order.
    """

    def __init__(self, filter_text: str, memory: Memory, views: Mapping[str, SavedView] | None) -> None:
        super().__init__("dashboard")
        self.view = View(text=filter_text)
        self.columns = choose(memory.columns, memory.widths)
        if memory.sort in (*SORTABLE, *self.columns.paths):
            self.view = replace(self.view, sort=memory.sort, descending=bool(memory.descending))
        self.paused = False
        self._named: tuple[str, View, ColumnChoice] | None = None
        if memory.view is not None and not filter_text:
            self._begin_with(memory.view, list_views(views, memory.views))
        self.snapshot: Snapshot | None = None
        """The newest snapshot; None before the first. The rows of the table may be in an older order."""
        self._rows = ShownRows()
        self._usual = NO_USUAL_TIMES
        self._lineage: Lineage | None = None

    def _begin_with(self, name: str, views: Sequence[ListedView]) -> None:
        """Show the saved view that was shown last before flowtui ended, if it still exists."""
        for saved in (each.view for each in views if each.view.name == name):
            if saved.columns is not None:
                self.columns = choose(saved.columns, self.columns.widths)
            self.view = apply_saved_view(saved, self.view)
            self._named = (name, self.view, self.columns)

    @property
    def table(self) -> RunTable:
        """The table of runs."""
        return self.query_one(RunTable)

    @property
    def detail(self) -> DetailPane:
        """The pane with the run under the cursor."""
        return self.query_one(DetailPane)

    @property
    def side(self) -> LeftColumn:
        """The left column."""
        return self.query_one(LeftColumn)

    @property
    def threads(self) -> GroupList:
        """The upper list on the left: at first of threads, but the user can group by something else."""
        return self.side.threads

    @property
    def groups(self) -> GroupList:
        """The list of groups that has the focus; if none has it, the one with the chosen group."""
        return self.side.focused_list or self.side.chosen_list

    def _set_view(self, view: View) -> None:
        if view != self.view:
            if (view.sort, view.descending) != (self.view.sort, self.view.descending):
                order = {"sort": view.sort, "descending": view.descending}
                self.post_message(messages.ChoiceMade(order, after=_SETTLES_IN))
            self.view = view
            self.side.follow(view.group)
            self.redraw(at_once=True)

    @property
    def visible_columns(self) -> ColumnChoice:
        """The columns of the table: of one agent's runs it does not name the agent, unless the user has chosen the columns."""
        if self.columns.names != DEFAULT or not self._of_one_agent:
            return self.columns
        return replace(self.columns, shown=self.columns.shown - {"agent"})

    @property
    def _of_one_agent(self) -> bool:
        """Whether the user has asked for one agent: by its group, or by a filter that now leaves the runs of one."""
        if self.view.group.by == "agent" and self.view.group.member is not None:
            return True
        if not self.view.text.strip() or "agent" not in filter_of(self.view.text)[0].required:
            return False
        return self._rows.of_one_agent

    @property
    def rows(self) -> list[Run]:
        """The rows of the table, sorted."""
        return self._rows.rows

    @property
    def filtered(self) -> list[Run] | None:
        """The rows of the table, if the filter or the chosen group hides some runs; None if no run is hidden."""
        return None if self._rows.all_shown else self._rows.rows

    @property
    def view_name(self) -> str:
        """The name of the saved view that is shown; "" if there is none, or if the user has changed the view since."""
        if self._named is None or self._named[1:] != (self.view, self.columns):
            return ""
        return self._named[0]

    def name_view(self, name: str) -> None:
        """Show `name` as the name of the current view until the user changes the view. "" shows no name."""
        self._named = (name, self.view, self.columns) if name else None
        self.post_message(messages.ChoiceMade({"view": name or None}))
        self.redraw()

    def show_view(self, view: View, name: str) -> None:
        """Show a view, and `name` as its name; "" if it is not a saved view."""
        self._set_view(view)
        self.name_view(name)

    def cell_context(self) -> Context:
        """Return what cells depend on apart from the run, such as server time, names and states of threads."""
        app = self.app
        base = Context(
            now=0.0,
            zone=app.zone,
            reasons=app.data.reasons(),
            reason_counts=app.data.reason_counts(),
            lineage=self._lineage,
            pending_actions=app.data.pending_actions(),
            prices=app.settings.prices,
            marks=app.data.deploy_marks.marks,
            redact=app.settings.redact,
            usual=self._usual,
        )
        return cell_context(self.snapshot, app.now(), base)

    def context_of(self, run: Run) -> Context:
        """Return the context for a page of one run: if its data is old, its own time stands still."""
        snapshot, now, context = self.snapshot, self.app.now(), self.cell_context()
        state = snapshot.threads.get(run.thread_key) if snapshot is not None else None
        if (
            snapshot is None
            or state is None
            or not (shows_old(snapshot, now) or not snapshot.health_of(state, now).good)
        ):
            return context
        return replace(context, old=frozenset({run.thread_key}))

    def selected_runs(self) -> list[Run]:
        """Return the selected runs, in the order in which the user selected them."""
        snapshot = self.snapshot
        if snapshot is None:
            return []
        try:
            keys = self.table.selection.keys
        except NoMatches:  # the widgets are removed one by one: on exit, and when another profile takes over
            return []
        return [run for key in keys if (run := snapshot.run(key)) is not None]

    @property
    def _asks_reasons(self) -> bool:
        """Whether the filter or a column asks why runs failed; then the title says how many reasons are not known."""
        return "reason" in self.columns.names or asks_reasons(self.view)

    def compared_with(self, run: Run) -> tuple[Run, bool] | None:
        """Return the run selected last and True, else the previous run of this run's agent and False; None: there is neither."""
        selected = [other for other in self.selected_runs() if other.key != run.key]
        if selected:
            return selected[-1], True
        snapshot = self.snapshot
        before = self._lineage.previous(run) if self._lineage is not None else None
        other = snapshot.run(before) if snapshot is not None and before is not None else None
        return (other, False) if other is not None else None

    @property
    def parts(self) -> Mapping[str, DOMNode]:
        """The panes and the dashboard; a detail pane that has the focus comes first."""
        pane, others = (
            {bindings.PANE: self.detail.body},
            {bindings.TABLE: self.table, bindings.THREADS: self.groups},
        )
        first = {**pane, **others} if self.detail.body.has_focus else {**others, **pane}
        return {**first, bindings.DASHBOARD: self}

    @property
    def run(self) -> Run | None:
        """The run under the cursor."""
        return self.table.cursor_run

    @property
    def targets(self) -> Sequence[Run]:
        """The selected runs, or if none is selected, the run under the cursor."""
        return self.selected_runs() or super().targets

    @property
    def touched(self) -> RunKey | None:
        """The run under the table's cursor, if the user has moved the cursor."""
        return self.table.cursor if self.table.touched else None

    @property
    def displayed_runs(self) -> Sequence[Run]:
        """The rows of the table in the order on the screen."""
        return self.table.rows.window(0, len(self.table.rows))

    def select(self, key: RunKey) -> None:
        """Put the cursor on a run."""
        self.table.select(key)

    def restyle(self) -> None:
        """Repaint the rows."""
        if self.is_mounted:
            self.table.restyle()

    def _busy(self) -> bool:
        """Whether the user is pressing keys, or a menu or dialog is open. Meanwhile rows keep their places."""
        app = self.app
        return app.now() - app.last_key_at < app.settings.hold_order or app.screen.is_modal

    def on_group_list_runs_requested(self) -> None:
        """Move the focus to the table."""
        self.table.focus()

    def active(self) -> int | None:
        """Return how many runs of the newest snapshot are queued or running; None before the first thread is read."""
        snapshot = self.snapshot
        return self._rows.active(snapshot) if snapshot is not None and snapshot.read() else None

    def place_of(self, key: RunKey) -> tuple[int, int]:
        """Return the number of the run's row, counted from 1, and how many rows there are. 0: the run is not in the table."""
        order = self.table.rows.order
        return (order.index(key) + 1 if key in order else 0), len(order)

    def neighbour(self, key: RunKey, step: int) -> Run | None:
        """Return the run `step` rows below the run `key`; None if there is no such row, or if `key` is not in the table."""
        rows = self.table.rows
        if key not in rows.order:
            return None
        place = rows.order.index(key) + step
        return rows[place] if 0 <= place < len(rows) else None
