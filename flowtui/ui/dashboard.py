"""The dashboard: threads, runs, totals and the run under the cursor. Draws snapshots; the truth is the poller's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from flowtui.model.columns import Context
from flowtui.model.run import Run, RunKey
from flowtui.model.snapshot import Snapshot
from flowtui.model.stats import totals
from flowtui.model.view import SORTABLE, Only, View, arrange
from flowtui.ui import keys
from flowtui.ui.bar import Bar
from flowtui.ui.detail_lines import Opened
from flowtui.ui.detail_pane import DetailPane
from flowtui.ui.foot import foot_line
from flowtui.ui.head import head_line
from flowtui.ui.ink import Line
from flowtui.ui.lines import Lines
from flowtui.ui.run_table import RunTable
from flowtui.ui.states import placeholder
from flowtui.ui.thread_list import ThreadList, entries
from flowtui.ui.totals_lines import totals_lines

if TYPE_CHECKING:
    from flowtui.ui.app import FlowtuiApp


class Dashboard(Screen[None]):
    """The root screen."""

    BINDINGS = keys.bindings(keys.DASHBOARD)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  Textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-medium"), (30, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(id="dashboard")
        self.view = View()
        self.paused = False
        self._snapshot: Snapshot | None = None
        self._frozen: Snapshot | None = None

    @property
    def _app(self) -> FlowtuiApp:
        return cast("FlowtuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield Bar(id="head")
        with Horizontal(id="body"):
            with Vertical(id="side"):
                with Container(id="threads-frame", classes="frame"):
                    yield ThreadList(id="threads")
                with Container(id="totals-frame", classes="frame"):
                    yield Lines(id="totals")
            with Vertical(id="main"):
                with Container(id="runs-frame", classes="frame"):
                    yield RunTable(id="runs")
                with Container(id="detail-frame", classes="frame"):
                    yield DetailPane(id="detail")
        yield Bar(id="foot")

    def on_mount(self) -> None:
        """Title the frames and start in the table."""
        self.query_one("#threads-frame").border_title = "Threads"
        self.query_one("#totals-frame").border_title = "Tokens"
        self.query_one("#totals", Lines).can_focus = False
        self.table.focus()
        self.redraw()

    @property
    def table(self) -> RunTable:
        """The table of runs."""
        return self.query_one(RunTable)

    @property
    def detail(self) -> DetailPane:
        """The pane of the run under the cursor."""
        return self.query_one(DetailPane)

    @property
    def threads(self) -> ThreadList:
        """The list of threads."""
        return self.query_one(ThreadList)

    # -- drawing -----------------------------------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Draw a new picture. While paused, rows stay as they are; health and clocks go on."""
        self._snapshot = snapshot
        if self.is_mounted:
            self.redraw()

    @property
    def shown(self) -> Snapshot | None:
        """The picture on the screen: the newest, or the one that was frozen."""
        return self._frozen or self._snapshot

    def cell_context(self) -> Context:
        """Return what cells need: server time, names, states."""
        now = self._app.now()
        picture = self.shown
        if picture is None:
            return Context(now=now, zone=self._app.zone)
        return Context(picture.server_time(now), picture.agents, picture.threads, self._app.zone)

    def redraw(self) -> None:
        """Draw everything from the picture on the screen; equal parts cost a comparison."""
        context, picture = self.cell_context(), self.shown
        rows = arrange(picture, self.view, context) if picture is not None else []
        self.table.show(
            rows,
            context,
            active=_holders(picture),
            order=(self.view.sort, self.view.descending),
            placeholder=self._placeholder(),
        )
        frame = self.query_one("#totals", Lines)
        frame.show(totals_lines(totals(rows), max(10, frame.size.width)))
        self._titles()
        self._draw_moving()
        self._draw_detail()

    def tick(self) -> None:
        """Let a second pass: ages, countdown, health."""
        if not self.is_mounted:
            return
        if self.table.rows:
            self.table.tick(self.cell_context())
        else:
            self.table.show([], self.cell_context(), placeholder=self._placeholder())
        self._draw_moving()
        self._draw_detail()

    def _placeholder(self) -> list[Line]:
        return placeholder(
            self._snapshot, self.view, self._app.trouble, self._app.now(), self.table.size.width
        )

    def _draw_moving(self) -> None:
        now, snapshot = self._app.now(), self._snapshot
        self.threads.show_threads(entries(snapshot, now) if snapshot is not None else [], now)
        self.query_one("#head", Bar).show(
            head_line(
                self._app.place,
                snapshot,
                totals(snapshot.runs() if snapshot is not None else ()),
                now=now,
                paused=self.paused,
                glyphs=self._app.glyphs,
                zone=self._app.zone,
                cells=self.size.width,
            )
        )
        self._draw_foot()

    def _draw_foot(self) -> None:
        incidents = self._snapshot.incidents if self._snapshot is not None else ()
        self.query_one("#foot", Bar).show(
            foot_line(self._key_places(), self.size.width, incidents[-1] if incidents else "")
        )

    def _key_places(self) -> tuple[str, ...]:
        here = keys.THREADS if self.threads.has_focus else keys.TABLE if self.table.has_focus else keys.PANE
        return (here, keys.DASHBOARD, keys.APP)

    def _titles(self) -> None:
        frame = self.query_one("#runs-frame")
        state = (
            self.shown.threads.get(self.view.thread) if self.shown and self.view.thread is not None else None
        )
        where = state.id if state is not None else "all threads"
        only = {"all": "", "active": " · active only", "problems": " · problems only"}[self.view.only]
        frame.border_title = Content(f"Runs · {where}{only}{' · paused' if self.paused else ''}")
        unreadable = sum(run.unreadable is not None for run in self.table.rows)
        frame.border_subtitle = Content(f"{unreadable} unreadable") if unreadable else ""

    def _draw_detail(self) -> None:
        run = self.table.cursor_run
        self.query_one("#detail-frame").border_title = Content(run.id if run is not None else "Run")
        self.detail.show(self._opened(run) if run is not None else None, self.cell_context())

    def _opened(self, run: Run) -> Opened:
        return self._app.opened.get(run) if self._app.opened is not None else Opened(run)

    # -- what happens ------------------------------------------------------------------------------------------

    def on_run_table_highlighted(self, message: RunTable.Highlighted) -> None:
        """Show the run under the cursor, and fetch the rest of it once the cursor rests."""
        self._draw_detail()
        if message.run is not None:
            self._app.want(message.run)

    def on_run_table_opened(self, message: RunTable.Opened) -> None:
        """Open a run on the whole screen."""
        self._app.open_run(message.run)

    def on_run_table_sorted(self, message: RunTable.Sorted) -> None:
        """Sort by the clicked column; a second click inverts."""
        if message.column in SORTABLE:
            if message.column == self.view.sort:
                self.action_invert()
            else:
                self._set_view(replace(self.view, sort=message.column, descending=False))

    def on_thread_list_chosen(self, message: ThreadList.Chosen) -> None:
        """Show the runs of the chosen thread."""
        self._set_view(replace(self.view, thread=message.key))

    def on_thread_list_left(self) -> None:
        """Go on to the table."""
        self.table.focus()

    def on_descendant_focus(self) -> None:
        """Name the keys of the pane that has the focus."""
        if self.is_mounted:
            self._draw_foot()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.redraw)

    def select(self, key: RunKey) -> None:
        """Put the cursor on a run."""
        self.table.select(key)

    def _set_view(self, view: View) -> None:
        self.view = view
        self.redraw()

    # -- keys --------------------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """Sort by the next column."""
        place = SORTABLE.index(self.view.sort) + 1
        self._set_view(replace(self.view, sort=SORTABLE[place % len(SORTABLE)], descending=False))

    def action_invert(self) -> None:
        """Turn the order round."""
        self._set_view(replace(self.view, descending=not self.view.descending))

    def action_only(self, only: Only) -> None:
        """Show active runs or problems only; a second time, all."""
        self._set_view(replace(self.view, only="all" if self.view.only == only else only))

    def action_all(self) -> None:
        """Show all runs of all threads."""
        self._set_view(replace(self.view, only="all"))
        self.threads.choose(None)

    def action_pause(self) -> None:
        """Freeze the rows, or let them go on."""
        self.paused = not self.paused
        self._frozen = self._snapshot if self.paused else None
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
        """Leave what narrows the view, in the order in which one would: filter, thread, pane."""
        if self.view.only != "all":
            self._set_view(replace(self.view, only="all"))
        elif self.view.thread is not None:
            self.threads.choose(None)
        else:
            self.table.focus()

    def action_quit_or_back(self) -> None:
        """Leave flowtui."""
        self._app.exit(0)


def _holders(snapshot: Snapshot | None) -> frozenset[RunKey]:
    """Return the runs that hold their threads: the rows that are lit."""
    if snapshot is None:
        return frozenset()
    return frozenset(
        (state.key, state.active_run) for state in snapshot.threads.values() if state.active_run is not None
    )
