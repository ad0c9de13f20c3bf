"""What the keys of the dashboard do: each is one short method. Decides nothing about drawing and keeps no state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual.widget import Widget

from flowtui.config.memory.memory import Memory
from flowtui.config.values.views import SavedView
from flowtui.model.columns.column_choice import ColumnChoice, choose
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import is_path
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.groups import Grouping
from flowtui.model.view.saved_views import Listed, listed, shown_by
from flowtui.model.view.view import SORTABLE, Only, View
from flowtui.ui.filter.filter_box import FilterBox
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.keys import bindings
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.run.tabs import DIFF, RAW_JSON
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.terminal.partial_paint import PartialPaintScreen

if TYPE_CHECKING:
    from flowtui.ui.app.app import FlowtuiApp


class DashboardKeys(PartialPaintScreen):
    """Base of the dashboard. `view` is what is shown, `paused` whether the order of the rows stands still."""

    BINDINGS = bindings.bindings(bindings.DASHBOARD)

    def __init__(
        self,
        filter_text: str = "",
        memory: Memory | None = None,
        views: Mapping[str, SavedView] | None = None,
    ) -> None:
        super().__init__(name="dashboard")
        self.view = View(text=filter_text)
        self.columns = choose(None) if memory is None else choose(memory.columns, memory.widths)
        if memory is not None and memory.sort in (*SORTABLE, *self.columns.paths):
            self.view = replace(self.view, sort=memory.sort, descending=bool(memory.descending))
        self.paused = False
        self._named: tuple[str, View, ColumnChoice] | None = None
        if memory is not None and memory.view is not None and not filter_text:
            self._begin_with(memory.view, listed(views, memory.views))
        self._snapshot: Snapshot | None = None

    def _begin_with(self, name: str, views: Sequence[Listed]) -> None:
        """Show the saved view that was shown the last time, where it is still there."""
        for saved in (each.view for each in views if each.view.name == name):
            if saved.columns is not None:
                self.columns = choose(saved.columns, self.columns.widths)
            self.view = shown_by(saved, self.view)
            self._named = (name, self.view, self.columns)

    @property
    def _app(self) -> FlowtuiApp:
        return cast("FlowtuiApp", self.app)

    @property
    def table(self) -> RunTable:
        """The table of runs."""
        return self.query_one(RunTable)

    @property
    def detail(self) -> DetailPane:
        """The pane of the run under the cursor."""
        return self.query_one(DetailPane)

    @property
    def threads(self) -> GroupList:
        """The list of groups: threads, until somebody groups otherwise."""
        return self.query_one(GroupList)

    @property
    def shown(self) -> Snapshot | None:
        """The newest picture: what the screen shows, also while the order of its rows stands still."""
        return self._snapshot

    def redraw(self, *, at_once: bool = False) -> None:
        """Draw everything from the picture on the screen; `at_once`: in its order, whatever moves."""
        raise NotImplementedError

    def _set_view(self, view: View) -> None:
        if view != self.view:
            if (view.sort, view.descending) != (self.view.sort, self.view.descending):
                self._app.remember_order(view)
            self.view = view
            self.threads.follow(view.group)
            self.redraw(at_once=True)

    @property
    def view_name(self) -> str:
        """The name of the saved view that is shown, "" where it is none, or was changed since."""
        if self._named is None or self._named[1:] != (self.view, self.columns):
            return ""
        return self._named[0]

    def call_view(self, name: str) -> None:
        """Call what is shown by a name, until it changes."""
        self._named = (name, self.view, self.columns) if name else None
        self._app.remember_view(name)
        self.redraw()

    def show_view(self, view: View, name: str) -> None:
        """Show a saved view."""
        self._set_view(view)
        self.call_view(name)

    def cell_context(self) -> Context:
        """Return what cells need: server time, names, states."""
        raise NotImplementedError

    def selected_runs(self) -> list[Run]:
        """Return the selected runs that are known, in the order of their selection."""
        snapshot = self.shown if not self._app.leaving else None  # on the way out its parts go one by one
        found = [snapshot.run(key) for key in self.table.selection.keys] if snapshot is not None else []
        return [run for run in found if run is not None]

    def meant_runs(self) -> Sequence[Run]:
        """Return the runs that an action is for: the selected ones, else the one under the cursor."""
        run = self.table.cursor_run
        return self.selected_runs() or ([run] if run is not None else [])

    def place_of(self, key: RunKey) -> tuple[int, int]:
        """Return on which line of the table a run stands, from 1 (0: on none), and how many lines there are."""
        order = self.table.rows.order
        return (order.index(key) + 1 if key in order else 0), len(order)

    def neighbour(self, key: RunKey, step: int) -> Run | None:
        """Return the run that stands `step` lines below another one in the table; None beyond its ends."""
        rows = self.table.rows
        if key not in rows.order:
            return None
        place = rows.order.index(key) + step
        return rows[place] if 0 <= place < len(rows) else None

    def show_columns(self, choice: ColumnChoice) -> None:
        """Show these columns."""
        self.columns = choice
        self.table.choose_columns(choice)
        if is_path(self.view.sort) and self.view.sort not in choice.shown:
            self._set_view(replace(self.view, sort="age", descending=False))
        else:
            self.redraw()

    def action_choose_columns(self) -> None:
        """Offer the columns of the table."""
        self._app.open_columns()

    def action_filter(self) -> None:
        """Open the filter."""
        self.query_one(FilterBox).open(self.view.text)

    def action_views(self) -> None:
        """Offer the saved views."""
        from flowtui.ui.filter.saved_views import SavedViewsMenu  # noqa: PLC0415  once somebody asks

        SavedViewsMenu(self._app, self).open()

    def action_sort(self) -> None:
        """Sort by the next column."""
        names = (*SORTABLE, *self.columns.paths)
        place = names.index(self.view.sort) + 1 if self.view.sort in names else 0
        self._set_view(replace(self.view, sort=names[place % len(names)], descending=False))

    def action_invert(self) -> None:
        """Turn the order round."""
        self._set_view(replace(self.view, descending=not self.view.descending))

    def action_only(self, only: Only) -> None:
        """Show active runs or problems only; a second time, all."""
        self._set_view(replace(self.view, only="all" if self.view.only == only else only))

    def action_all(self) -> None:
        """Show all runs of all groups."""
        if self._named is not None:
            self.call_view("")
        self._set_view(replace(self.view, only="all", text=""))
        self.threads.choose(None)

    def action_group(self) -> None:
        """Group by the next of thread, agent, model and status, and show the runs of all groups."""
        self._set_view(replace(self.view, group=self.view.group.next()))

    def action_pause(self) -> None:
        """Let the rows keep their places, or let them go on. What a row says is always the newest."""
        self.paused = self.table.paused = not self.paused
        self.redraw()

    def action_refresh(self) -> None:
        """Look at the chosen thread now; at everything where there is none, or no connection."""
        self._app.refresh_runs(self.view.thread)
        run = self.table.cursor_run
        if run is not None:
            self._app.want(run, again=True)

    def action_refresh_all(self) -> None:
        """Look at everything now."""
        self._app.refresh_runs(None)

    def action_tab(self, tab: int) -> None:
        """Choose a tab of the detail pane, from 0."""
        self.detail.choose(tab)

    def action_raw(self) -> None:
        """Open the raw JSON of the run under the cursor."""
        if self.table.cursor_run is not None:
            self._app.open_run(self.table.cursor_run, RAW_JSON)

    def action_diff(self) -> None:
        """Compare the run under the cursor with the selected one, or with the one before it."""
        if self.table.cursor_run is not None:
            self._app.open_run(self.table.cursor_run, DIFF)

    def action_timeline(self) -> None:
        """Show all threads as lanes of time."""
        self._app.open_timeline(self.table.cursor if self.table.touched else None)

    def action_profile(self) -> None:
        """Offer the profiles of the config file."""
        self._app.open_profiles()

    def action_token_usage(self) -> None:
        """Show what the tokens were spent on."""
        self._app.open_spenders()

    def action_name_moment(self) -> None:
        """Ask for a name of this moment."""
        self._app.action_command_line("mark ")

    def action_gate(self) -> None:
        """Show whether what came since a mark is worse than what was before."""
        self._app.open_gate()

    def narrow_to(self, group: Grouping) -> None:
        """Show the runs of a group, of those that are shown; one of another kind that was chosen becomes a filter."""
        chosen = self.view.group
        if chosen.member is not None and chosen.by != group.by:
            from flowtui.model.view.group_filter import in_group  # noqa: PLC0415  most go from all runs to a group

            self._set_view(replace(self.view, text=in_group(self.view.text, group, self.cell_context())))
        else:
            self._set_view(replace(self.view, group=group))
        self.table.focus()

    def action_copy_menu(self) -> None:
        """Offer what can be copied of the run under the cursor."""
        if self.table.cursor_run is not None:
            self._app.open_copy_menu(self.table.cursor_run)

    def action_export(self) -> None:
        """Offer the forms in which the rows of the table can be written to a file."""
        self._app.open_export()

    def action_cancel_runs(self) -> None:
        """Ask the API to cancel the selected runs, or the one under the cursor; asks first."""
        self._app.cancel_runs(self.meant_runs())

    def action_notify_run(self) -> None:
        """Notify of the selected runs, or of the one under the cursor; a second time, take it back."""
        self._app.watch_runs(self.meant_runs())

    def action_notify_filter(self) -> None:
        """Notify of runs that come to be shown by the view; a second time, take it back."""
        self._app.watch_view(self.view)

    def action_events(self) -> None:
        """Show what happened since flowtui started."""
        self._app.open_events()

    def action_copy(self) -> None:
        """Copy the id of the run under the cursor."""
        if self.table.cursor_run is not None:
            self._app.copy(self.table.cursor_run.raw_id)

    def action_open_url(self) -> None:
        """Open the page of the run under the cursor in a browser."""
        if self.table.cursor_run is not None:
            self._app.open_in_browser(self.table.cursor_run)

    def action_pace(self, factor: float) -> None:
        """Poll slower or faster."""
        self._app.change_pace(factor)

    def action_zoom(self) -> None:
        """Give the whole screen to the pane with the focus, or take it back."""
        pane = "threads" if self.threads.has_focus else "runs" if self.table.has_focus else "detail"
        zoomed = any(self.has_class(f"-zoom-{name}") for name in ("threads", "runs", "detail"))
        self.remove_class("-zoom-threads", "-zoom-runs", "-zoom-detail")
        if not zoomed:
            self.add_class(f"-zoom-{pane}")
        self.call_after_refresh(self.redraw)

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self._cycle(1)

    def action_previous_pane(self) -> None:
        """Go to the previous pane."""
        self._cycle(-1)

    def _cycle(self, step: int) -> None:
        panes: list[Widget] = [self.table, self.detail.body, self.threads]
        panes = [pane for pane in panes if pane.size.height > 0 and pane.size.width > 0]
        here = next((index for index, pane in enumerate(panes) if pane.has_focus), 0)
        panes[(here + step) % len(panes)].focus()

    def action_back(self) -> None:
        """Leave what narrows the view, in the order in which one would: filter, selection, group, pane."""
        if self.view.narrowed:
            self._set_view(replace(self.view, only="all", text=""))
        elif len(self.table.selection):
            self.table.clear_selection()
        elif self.view.group.member is not None:
            self.threads.choose(None)
        else:
            self.table.focus()

    def action_quit_or_back(self) -> None:
        """Leave flowtui."""
        self._app.exit(0)
