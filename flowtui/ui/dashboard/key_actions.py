"""The actions of the dashboard's keys, each a short method. Draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from textual.widget import Widget

from flowtui.model.columns.column_choice import ColumnChoice
from flowtui.model.columns.path_columns import is_path
from flowtui.model.run.row import FAILED, Run
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import Only
from flowtui.text import short_id
from flowtui.ui.base import messages
from flowtui.ui.dashboard.dashboard_view import DashboardView
from flowtui.ui.filter.filter_box import FilterBox
from flowtui.ui.keys import bindings
from flowtui.ui.run.tabs import WHY

_ZOOMS: Final = ("-zoom-threads", "-zoom-agents", "-zoom-runs", "-zoom-detail")


class DashboardKeys(DashboardView):
    """The part of the dashboard with the actions of its keys."""

    BINDINGS = bindings.bindings(bindings.DASHBOARD)
    PLACES = (
        *(bindings.TABLE, bindings.DASHBOARD, bindings.THREADS),
        *(bindings.PANE, bindings.PROMPT, bindings.FILTER),
    )

    def show_columns(self, choice: ColumnChoice) -> None:
        """Show these columns. If the table is sorted by a path that is not among them, sort it by age."""
        self.columns = choice
        self.table.choose_columns(self.visible_columns)
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
            "Columns" if self.run is None else f"Columns · values of {short_id(self.run.id)}",
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
        self.side.chosen_list.choose(None)

    def action_group(self) -> None:
        """Group the left list by the next criterion, such as thread or agent. The table then shows the runs of all groups."""
        self._set_view(replace(self.view, group=self.view.group.next()))
        if self.side.focused_list is not None:
            self._focus(self.side.chosen_list)

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
        if self.groups.has_focus and by == "agent" and member:
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
                self.side.chosen_list.choose(None)
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

    @property
    def zoomed(self) -> bool:
        """Whether one pane has the whole screen."""
        return any(map(self.has_class, _ZOOMS))

    def action_zoom(self) -> None:
        """Show only the pane with the focus, or all panes again."""
        pane = self.side.focused_name or ("runs" if self.table.has_focus else "detail")
        zoomed = self.zoomed
        self.remove_class(*_ZOOMS)
        if not zoomed:
            self.add_class(f"-zoom-{pane}")
        self.call_after_refresh(self.redraw)

    def action_pane(self, step: int) -> None:
        """Move the focus to the next pane (1) or the previous one (-1)."""
        others: list[Widget] = [self.table, self.detail.body]
        panes = [pane for pane in others if pane.size.height > 0 and pane.size.width > 0]
        panes += self.side.reachable
        here = next((index for index, pane in enumerate(panes) if pane.has_focus), 0)
        self._focus(panes[(here + step) % len(panes)])

    def _focus(self, pane: Widget) -> None:
        self.side.show_while_used(pane)
        pane.focus()

    def action_back(self) -> None:
        """Remove the filter, or if there is none the selection, or the chosen group; else move the focus to the table."""
        if self.view.narrowed:
            self._set_view(replace(self.view, only="all", text=""))
        elif len(self.table.selection):
            self.table.clear_selection()
        elif self.view.group.member is not None:
            self.side.chosen_list.choose(None)
        else:
            self.table.focus()
