"""What the dashboard shows, and the actions of its keys, each a short method. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from textual.dom import DOMNode
from textual.widget import Widget

from flowtui.config.memory.memory import Memory
from flowtui.config.values.views import SavedView
from flowtui.model.columns.column_choice import ColumnChoice, choose
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import is_path
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.usual_times import NO_USUAL_TIMES
from flowtui.model.view.groups import Grouping
from flowtui.model.view.saved_views import ListedView, apply_saved_view, list_views
from flowtui.model.view.unknown_reasons import asks_reasons
from flowtui.model.view.view import SORTABLE, Only, View
from flowtui.text import short_id
from flowtui.ui.base import messages
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.filter.filter_box import FilterBox
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.keys import bindings
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.run.tabs import WHY
from flowtui.ui.table.cell_style import cell_context
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.table.shown_rows import ShownRows

_SETTLES_IN: Final = 1.0  # seconds from the last change of the sort order until it is written to disk


class DashboardKeys(ViewScreen):
    """The part of the dashboard that knows what it shows, with the actions of its keys.

    `view` is what the table shows: filter, group and sort order. While `paused` is True, the rows keep their order.
    """

    BINDINGS = bindings.bindings(bindings.DASHBOARD)
    PLACES = (
        *(bindings.TABLE, bindings.DASHBOARD, bindings.THREADS),
        *(bindings.PANE, bindings.PROMPT, bindings.FILTER),
    )

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
    def threads(self) -> GroupList:
        """The list of groups on the left: at first of threads, but the user can group by something else."""
        return self.query_one(GroupList)

    def _set_view(self, view: View) -> None:
        if view != self.view:
            if (view.sort, view.descending) != (self.view.sort, self.view.descending):
                order = {"sort": view.sort, "descending": view.descending}
                self.post_message(messages.ChoiceMade(order, after=_SETTLES_IN))
            self.view = view
            self.threads.follow(view.group)
            self.redraw(at_once=True)

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

    def selected_runs(self) -> list[Run]:
        """Return the selected runs, in the order in which the user selected them."""
        snapshot = (
            self.snapshot if not self.app.leaving else None
        )  # on exit the widgets are removed one by one
        found = [snapshot.run(key) for key in self.table.selection.keys] if snapshot is not None else []
        return [run for run in found if run is not None]

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
            {bindings.TABLE: self.table, bindings.THREADS: self.threads},
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

    def show_columns(self, choice: ColumnChoice) -> None:
        """Show these columns. If the table is sorted by a path that is not among them, sort it by age."""
        self.columns = choice
        self.table.choose_columns(choice)
        self.post_message(messages.ColumnsShown(choice))
        if is_path(self.view.sort) and self.view.sort not in choice.shown:
            self._set_view(replace(self.view, sort="age", descending=False))
        else:
            self.redraw()

    def action_choose_columns(self) -> None:
        """Open the column chooser, and remember the choice for the profile."""
        from flowtui.model.columns.path_columns import find_column  # noqa: PLC0415  on first use
        from flowtui.model.run.raw_paths import paths_in  # noqa: PLC0415
        from flowtui.ui.columns.chooser import ColumnChooser  # noqa: PLC0415

        def value_of(name: str) -> str:
            return "" if self.run is None else find_column(name).text(self.run, self.cell_context())

        chooser = ColumnChooser(
            "Columns" if self.run is None else f"Columns · as {short_id(self.run.id)} has them",
            self.columns,
            apply=self.show_columns,
            value_of=value_of,
            width_of=self.table.width_of,
            fitting=lambda: {slot.column.name for slot in self.table.slots},
            paths=[*self._label_columns(), *paths_in(self.app.data.fetcher.raw_runs)],
        )
        self.app.push_screen(chooser, self.keep_columns)

    def _label_columns(self) -> Sequence[str]:
        """Return the columns of the labels that runs have, the most frequent first."""
        from flowtui.model.query.completion_values import label_counts  # noqa: PLC0415  on first use

        runs = [] if self.snapshot is None else list(self.snapshot.runs())
        return list(label_counts(runs, self.cell_context()))

    def keep_columns(self, choice: ColumnChoice | None) -> None:
        """Remember these columns for the profile; None changes nothing."""
        if choice is not None:
            columns = None if choice.is_default else list(choice.names)
            self.post_message(
                messages.ChoiceMade({"columns": columns, "widths": dict(choice.widths) or None})
            )

    def action_filter(self) -> None:
        """Open the filter box."""
        self.query_one(FilterBox).open(self.view.text)

    def action_views(self) -> None:
        """Open the menu of saved views."""
        from flowtui.ui.filter.saved_views import SavedViewsMenu  # noqa: PLC0415  on first use

        SavedViewsMenu(self, self.app.settings).open()

    def action_sort(self) -> None:
        """Open the menu of orders."""
        from flowtui.ui.columns.orders import choose_order  # noqa: PLC0415  on first use

        choose_order(self.app, self.view, self.columns.paths, self._set_view)

    def action_invert(self) -> None:
        """Reverse the sort order."""
        self._set_view(replace(self.view, descending=not self.view.descending))

    def action_only(self, only: Only) -> None:
        """Show only the runs that `only` names, such as the active ones. A second press shows all runs."""
        self._set_view(replace(self.view, only="all" if self.view.only == only else only))

    def action_all(self) -> None:
        """Remove the filter and the chosen group, so that all runs are shown."""
        if self._named is not None:
            self.name_view("")
        self._set_view(replace(self.view, only="all", text=""))
        self.threads.choose(None)

    def action_group(self) -> None:
        """Group the left list by the next criterion, such as thread or agent. The table then shows the runs of all groups."""
        self._set_view(replace(self.view, group=self.view.group.next()))

    def action_pause(self) -> None:
        """Stop or resume the sorting of rows. Paused rows still show the newest data."""
        self.paused = self.table.paused = not self.paused
        self.redraw()

    def action_refresh(self) -> None:
        """Poll the chosen thread now, or all threads if none is chosen; fetch the details of the run under the cursor again.

        If connecting has failed, connect again instead of polling.
        """
        self.post_message(messages.RefreshRequested(self.view.thread))
        if self.run is not None:
            self.post_message(messages.DetailsNeeded(self.run, self.detail.tab, again=True))

    def action_tab(self, tab: int) -> None:
        """Show a tab of the detail pane; the first is 0."""
        self.detail.choose(tab)

    def first_tab(self, run: Run) -> int:
        """Return the tab with which a run opens: that of the detail pane; of a failed run Why, until the user chose one."""
        pane = self.detail
        return pane.tab if pane.chosen or run.status_class != FAILED else WHY

    def action_open_agent(self) -> None:
        """Open the page of the chosen agent, if the list of agents has the focus, else that of the run's agent."""
        by, member = self.view.group
        if self.threads.has_focus and by == "agent" and member:
            self._open_agent(member)
        else:
            super().action_open_agent()

    def action_open_tab(self, tab: int) -> None:
        """Open the run under the cursor on a screen of its own, at a tab."""
        if self.run is not None:
            self.post_message(messages.RunOpened(self.run, tab))

    def handle(self, message: messages.ViewRequest) -> None:
        """Show the runs that the user wants to see."""
        match message:
            case messages.GroupOpened():
                self.show_group(message.group)
            case messages.FilterOpened():
                self.show_view(replace(self.view, only="all", text=message.text), "")
                self.threads.choose(None)
                self.table.focus()

    def show_group(self, group: Grouping) -> None:
        """Show only the runs of `group`. If a group of another kind is chosen already, keep it and add `group` to the filter."""
        chosen = self.view.group
        if chosen.member is not None and chosen.by != group.by:
            from flowtui.model.view.group_filter import in_group  # noqa: PLC0415  most users go from all runs to a group

            self._set_view(replace(self.view, text=in_group(self.view.text, group, self.cell_context())))
        else:
            self._set_view(replace(self.view, group=group))
        self.table.focus()

    def action_notify_filter(self) -> None:
        """Watch filter and group: a notice comes for each run that starts to match them. A second press ends the watch."""
        self.post_message(messages.ViewWatchToggled(self.view))

    def action_pace(self, factor: float) -> None:
        """Multiply the poll interval of threads with active runs by `factor`."""
        self.post_message(messages.PaceChanged(factor))

    def action_zoom(self) -> None:
        """Show only the pane with the focus, or all panes again."""
        pane = "threads" if self.threads.has_focus else "runs" if self.table.has_focus else "detail"
        zoomed = any(self.has_class(f"-zoom-{name}") for name in ("threads", "runs", "detail"))
        self.remove_class("-zoom-threads", "-zoom-runs", "-zoom-detail")
        if not zoomed:
            self.add_class(f"-zoom-{pane}")
        self.call_after_refresh(self.redraw)

    def action_pane(self, step: int) -> None:
        """Move the focus to the next pane (1) or the previous one (-1)."""
        panes: list[Widget] = [self.table, self.detail.body, self.threads]
        panes = [pane for pane in panes if pane.size.height > 0 and pane.size.width > 0]
        here = next((index for index, pane in enumerate(panes) if pane.has_focus), 0)
        panes[(here + step) % len(panes)].focus()

    def action_back(self) -> None:
        """Remove the filter, or if there is none the selection, or the chosen group; else move the focus to the table."""
        if self.view.narrowed:
            self._set_view(replace(self.view, only="all", text=""))
        elif len(self.table.selection):
            self.table.clear_selection()
        elif self.view.group.member is not None:
            self.threads.choose(None)
        else:
            self.table.focus()
