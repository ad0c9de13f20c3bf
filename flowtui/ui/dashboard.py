"""The dashboard: threads, runs, totals and the run under the cursor. Draws snapshots; the truth is the poller's.

What is shown is decided in `scene`, `states`, `head` and `foot`; this is where they meet the widgets, the events and
the keys. It is long for its forty short methods, one an event or a key, which read best in one place.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from flowtui.model.columns import Context
from flowtui.model.pace import Pace
from flowtui.model.run import RunKey
from flowtui.model.snapshot import Snapshot, Update
from flowtui.model.stats import totals
from flowtui.model.view import SORTABLE, Only, View, filter_of
from flowtui.ui import keys
from flowtui.ui.bar import Bar
from flowtui.ui.detail_lines import RAW_TAB
from flowtui.ui.detail_pane import DetailPane
from flowtui.ui.foot import foot_line
from flowtui.ui.head import head_line
from flowtui.ui.ink import Line, Span
from flowtui.ui.prompt import Prompt
from flowtui.ui.reasons import Reasons
from flowtui.ui.run_table import RunTable
from flowtui.ui.scene import Scene, cell_context, compose_scene, runs_subtitle, runs_title, stale_threads
from flowtui.ui.sheet import Opened
from flowtui.ui.states import placeholder
from flowtui.ui.thread_list import ThreadList, entries
from flowtui.ui.totals_pane import TotalsPane

if TYPE_CHECKING:
    from textual.worker import Worker

    from flowtui.ui.app import FlowtuiApp


class Dashboard(Screen[None]):
    """The root screen."""

    BINDINGS = keys.bindings(keys.DASHBOARD)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  Textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-medium"), (30, "-tall")]  # noqa: RUF012

    def __init__(self, filter_text: str = "") -> None:
        super().__init__(id="dashboard")
        self.view = View(text=filter_text)
        self.paused = False
        self._snapshot: Snapshot | None = None
        self._frozen: Snapshot | None = None
        self._scene: Scene | None = None
        self._pace = Pace()
        self._reasons = Reasons()

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
                    yield TotalsPane(id="totals")
            with Vertical(id="main"):
                with Container(id="runs-frame", classes="frame"):
                    yield RunTable(id="runs")
                    yield Bar(id="filter-error")
                    yield Prompt("words, status:failed, age<10m, tokens>20k, has:note, /regex/", id="filter")
                with Container(id="detail-frame", classes="frame"):
                    yield DetailPane(id="detail")
        yield Bar(id="foot")

    def on_mount(self) -> None:
        """Title the frames and start in the table."""
        self.query_one("#threads-frame").border_title = "Threads"
        self.query_one("#totals-frame").border_title = "Tokens"
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

    @property
    def shown(self) -> Snapshot | None:
        """The picture on the screen: the newest, or the one that was frozen."""
        return self._frozen or self._snapshot

    # -- drawing -----------------------------------------------------------------------------------------------

    def show(self, update: Update) -> None:
        """Draw a new picture. While paused, rows stay as they are; health and clocks go on."""
        before, self._snapshot = self._snapshot, update.snapshot
        self._pace.see(update.changes, update.snapshot.clock_offset)
        if not self.is_mounted:
            return
        names = before is None or before.agents is not update.snapshot.agents
        if self._frozen is None and (names or update.changes or not len(self.table.rows)):
            self.redraw()
        else:
            self.tick()

    def cell_context(self) -> Context:
        """Return what cells need: server time, names, states."""
        usual = dict(self._scene.look.context.usual) if self._scene is not None else {}
        now, zone = self._app.now(), self._app.zone
        return cell_context(self.shown, now, zone, usual=usual, reasons=self._reasons.known)

    def redraw(self, *, at_once: bool = False) -> None:
        """Draw everything from the picture on the screen; `at_once`: in its order, whatever moves."""
        if self._app.leaving:
            return
        app, picture = self._app, self.shown
        scene = compose_scene(
            picture,
            self.view,
            now=app.now(),
            zone=app.zone,
            glyphs=app.glyphs,
            still=app.still,
            reasons=self._reasons.known,
        )
        self._scene = scene
        look = replace(scene.look, beat=self.table.beat)
        self.table.show(
            scene.rows, look, active=scene.active, placeholder=self._placeholder(), at_once=at_once
        )
        self.query_one("#runs-frame").border_title = self._app.title_text(
            runs_title(picture, self.view, paused=self.paused)
        )
        self._draw_subtitle()
        self._draw_moving()
        self._draw_detail()

    def tick(self) -> None:
        """Let a second pass: ages, countdown, health."""
        if not self.is_mounted:
            return
        self._ask_reason()
        if len(self.table.rows) and self.shown is not None and not self.view.text.strip():
            self.table.tick(self.cell_context(), stale_threads(self.shown, self._app.now()))
            self._draw_subtitle()
            self._draw_moving()
            self._draw_detail()
        else:
            self.redraw()

    def _ask_reason(self) -> None:
        """Ask why one of the failed runs in sight failed, the one under the cursor first."""
        connection, snapshot = self._app.connection, self._snapshot
        if connection is None or snapshot is None:
            return
        runs = [self.table.cursor_run, *self.table.in_sight]
        run = self._reasons.next(runs, requests=snapshot.requests, budget=snapshot.budget)
        if run is not None:
            work: Worker[None] = self.run_worker(
                partial(self._reasons.fetch, connection.poller, run), group="reasons"
            )
            del work  # named for its type alone, which cannot be inferred from a callable

    def _placeholder(self) -> list[Line]:
        cells = self.table.size.width
        app = self._app
        return placeholder(self._snapshot, self.view, app.trouble, app.now(), cells, glyphs=app.glyphs)

    def _draw_subtitle(self) -> None:
        rows = self._scene.rows if self._scene is not None else []
        app = self._app
        text = runs_subtitle(
            self._snapshot,
            rows,
            self.table.waiting,
            glyphs=app.glyphs,
            now=app.now(),
            thread=self.view.thread,
        )
        self.query_one("#runs-frame").border_subtitle = app.title_text(text)

    def _draw_moving(self) -> None:
        app, snapshot = self._app, self._snapshot
        now = app.now()
        self.threads.show_threads(entries(snapshot, now) if snapshot is not None else [], now)
        self.query_one("#head", Bar).show(
            head_line(
                app.place,
                snapshot,
                totals(snapshot.runs() if snapshot is not None else ()),
                now=now,
                paused=self.paused,
                glyphs=app.glyphs,
                zone=app.zone,
                cells=self.size.width,
            )
        )
        pane, server_now = self.query_one(TotalsPane), self.cell_context().now
        pane.show(
            totals(self._scene.rows if self._scene is not None else ()),
            self._pace.per_minute(server_now, self.view.thread) if len(self.table.rows) else None,
            self._pace.bins(server_now, pane.bins, self.view.thread),
        )
        self._draw_foot()

    def _draw_foot(self) -> None:
        incidents = self._snapshot.incidents if self._snapshot is not None else ()
        if isinstance(self.focused, Prompt):
            places: tuple[str, ...] = (keys.PROMPT,)
        else:
            here = (
                keys.THREADS if self.threads.has_focus else keys.TABLE if self.table.has_focus else keys.PANE
            )
            places = (here, keys.DASHBOARD, keys.APP)
        self.query_one("#foot", Bar).show(
            foot_line(
                places,
                self.size.width,
                incidents[-1] if incidents else "",
                remapped=self._app.settings.keys,
            )
        )

    def _draw_detail(self) -> None:
        run = self.table.cursor_run
        self.query_one("#detail-frame").border_title = self._app.title_text(
            run.id if run is not None else "Run"
        )
        opened = None
        if run is not None:
            opened = self._app.opened.get(run) if self._app.opened is not None else Opened(run)
        self.detail.show(opened, self.cell_context())

    # -- what happens ------------------------------------------------------------------------------------------

    def on_run_table_highlighted(self, message: RunTable.Highlighted) -> None:
        """Show the run under the cursor, and fetch the rest of it once the cursor rests."""
        self._draw_detail()
        if message.run is not None:
            self._app.want(message.run)

    def on_run_table_opened(self, message: RunTable.Opened) -> None:
        """Open a run on the whole screen."""
        self._app.open_run(message.run)

    def on_run_table_settled(self) -> None:
        """Say what waits to be shown."""
        self._draw_subtitle()

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

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Filter while somebody types; what cannot be read yet is said, and the rest holds."""
        self._set_view(replace(self.view, text=message.text))
        wrong = filter_of(message.text)[1]
        bar = self.query_one("#filter-error", Bar)
        bar.display = wrong is not None
        if wrong is not None:
            bar.show((Span(f" column {wrong.column}: {wrong}", "warn"),))

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Keep the filter, or take it back, and go on in the table."""
        self._set_view(replace(self.view, text=message.text))
        self.query_one("#filter-error", Bar).display = False
        self.table.focus()

    def on_descendant_focus(self) -> None:
        """Name the keys of the pane that has the focus."""
        if self.is_mounted:
            self._draw_foot()
            self.table.restyle()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.redraw)

    def select(self, key: RunKey) -> None:
        """Put the cursor on a run."""
        self.table.select(key)

    def _set_view(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self.redraw(at_once=True)

    # -- keys --------------------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Open the filter."""
        self.query_one("#filter", Prompt).open(self.view.text)

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
        self._set_view(replace(self.view, only="all", text=""))
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

    def action_raw(self) -> None:
        """Open the raw JSON of the run under the cursor."""
        if self.table.cursor_run is not None:
            self._app.open_run(self.table.cursor_run, RAW_TAB)

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
        """Leave what narrows the view, in the order in which one would: filter, thread, pane."""
        if self.view.narrowed:
            self._set_view(replace(self.view, only="all", text=""))
        elif self.view.thread is not None:
            self.threads.choose(None)
        else:
            self.table.focus()

    def action_quit_or_back(self) -> None:
        """Leave flowtui."""
        self._app.exit(0)
