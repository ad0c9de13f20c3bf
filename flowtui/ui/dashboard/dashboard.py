"""The dashboard: draws the threads, runs and totals of the newest snapshot, and the run under the cursor.

Its texts come from pure functions (`titles`, `header`, `placeholders`, `footer`); `key_actions` has its keys' actions.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.css.query import NoMatches

from flowtui.config.memory.memory import Memory
from flowtui.config.values.views import SavedView
from flowtui.model.columns.path_columns import details_changed
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import Change
from flowtui.model.state.lineage import Lineage
from flowtui.model.state.snapshot import Update
from flowtui.model.view.groups import Grouping
from flowtui.model.view.view import SORTABLE, words_of
from flowtui.ui.base.messages import DetailsNeeded, RunOpened
from flowtui.ui.dashboard.drawing import DashboardDrawing
from flowtui.ui.dashboard.left_column import LeftColumn
from flowtui.ui.dashboard.main_layout import MainLayout
from flowtui.ui.dashboard.news_bar import NewsBar
from flowtui.ui.filter.filter_box import FilterBox, FilterSource
from flowtui.ui.grouping.group_list import GroupList
from flowtui.ui.grouping.rows import old_threads
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.run.tabs import MESSAGES
from flowtui.ui.table.cell_style import CellStyle
from flowtui.ui.table.run_table import RunTable
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.prompt import Prompt

_MEDIUM = 20  # lines of the screen from which on there is a pane below the table
_SOON = 0.001  # seconds: all that is due comes first
_REST = 3.0  # a filter is applied again to all rows after a pause: this multiple of the time that the last redraw took
_EDGES = ("#header", "#news", "#footer")  # parts beside the table, which may be removed before it


class Dashboard(DashboardDrawing):
    """The lowest screen, from which the others are opened."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  Textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-low"), (_MEDIUM, "-medium"), (30, "-tall")]  # noqa: RUF012

    def __init__(self, filter_text: str, memory: Memory, views: Mapping[str, SavedView] | None) -> None:
        super().__init__(filter_text, memory, views)
        self._filter_from = 0.0
        self._reasons: Mapping[RunKey, Reason] | None = None
        self._main_layout: MainLayout | None = None
        self._typing_from: RunKey | None = None  # the user's own row before the filter was typed

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        yield NewsBar(id="news")
        with Horizontal(id="body"):
            yield LeftColumn(id="side")
            with Vertical(id="main"):
                with Container(id="runs-frame", classes="frame"):
                    yield RunTable(id="runs")
                    yield FilterBox(self._filter_input, id="filter-box")
                with Container(id="detail-frame", classes="frame"):
                    yield DetailPane(id="detail")
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Set up the table, give it the focus, and draw."""
        self.table.choose_columns(self.visible_columns)
        self.side.follow(self.view.group)
        self.table.hold_seconds, self.table.busy = self.app.settings.hold_order, self._busy
        self.table.focus()
        self.redraw()

    # -- drawing -----------------------------------------------------------------------------------------------

    @property
    def drawable(self) -> bool:
        """Whether the parts can be drawn. They are removed first when the dashboard of another profile takes over."""
        if not self.is_mounted:
            return False
        try:
            # Textual finds each again in 2 µs; a search for all such widgets takes 140
            return self.table.is_attached and all(self.query_one(part).is_attached for part in _EDGES)
        except NoMatches:
            return False

    def follow_lineage(self, update: Update) -> None:
        """Note which run of an agent came before which."""
        self._lineage = self._lineage or Lineage(update.snapshot.runs())
        self._lineage.follow(update)

    def update(self, update: Update) -> None:
        """Draw a new snapshot."""
        before, self.snapshot = self.snapshot, update.snapshot
        self._token_rate.update(update.changes, update.snapshot.clock_offset)
        self._usual_reader.update(self.app.data.past, update.snapshot)
        self._recent.update(self.app.data.past, update)
        if not self.drawable:
            return
        self.query_one(NewsBar).reader.update(update)
        names = before is None or before.agents is not update.snapshot.agents
        cells = details_changed(before, update.snapshot)
        if names or cells or update.changes or update.restored or not len(self.table.rows):
            self.redraw(news=None if names else update.changes, restored=update.restored)
        else:
            self.tick()

    def redraw(
        self, *, at_once: bool = False, news: Sequence[Change] | None = None, restored: Sequence[str] = ()
    ) -> None:
        """Draw the whole dashboard. If `at_once` is True, the rows are sorted now, even while the user presses keys.

        `news` are the changes since the last draw, `restored` the threads that came from the history; if `news` is None, they
        are unknown, and every row is computed again. If nothing but restored threads is new, the rows are only sorted in: the
        next redraw draws them, at the latest that of `tick`.
        """
        if self.app.leaving or not self.drawable:
            return
        app, snapshot, began = self.app, self.snapshot, time.perf_counter()
        self._usual = self._rows.usual(snapshot, self._usual_reader.times)
        context = self.cell_context()
        self._reasons = context.reasons
        moved = self._rows.show(snapshot, self.view, context, news, restored)
        self.table.choose_columns(self.visible_columns)
        if restored and not news and moved is not None and len(self.table.rows):
            self._rows.put_off(moved)
            return
        look = CellStyle(
            replace(context, old=old_threads(snapshot, app.now())) if snapshot is not None else context,
            app.glyphs,
            reduced_motion=app.settings.reduced_motion,
            words=words_of(self.view.text) if snapshot is not None else (),
            order=(self.view.sort, self.view.descending),
            watched=app.data.notifier.watched,
            active=self._rows.holders(),
            unusual=self._unusual,
        )
        if moved is not None and snapshot is not None and len(self._rows.order):
            self.table.follow(self._rows.order, look, find=snapshot.run, moved=moved)
        else:
            self.table.show(
                self._rows.rows,
                look,
                find=snapshot.run if snapshot is not None else None,
                placeholder=self._placeholder(),
                at_once=at_once,
            )
        self._main_layout = self._main_layout or MainLayout(self)
        alone = self.zoomed or self.size.height < _MEDIUM
        self._main_layout.lay_out(self.view, len(self._rows.order), alone=alone)
        self._table_frame.draw_title(self._title(context))
        self._draw_moving_parts()
        self.query_one(FilterBox).renew()
        ended = time.perf_counter()
        self._filter_from = ended + _REST * (ended - began)

    def _filter_input(self) -> FilterSource:
        """Return the data that the filter box needs for completion and counting."""
        return FilterSource(self.snapshot, self.view, self.cell_context())

    def tick(self) -> None:
        """Update ages, countdown and health.

        A filter may depend on the time, so now and then it is applied again. So it is once more reasons are known.
        """
        if not self.drawable:
            return
        if self.snapshot is not None:
            self._older.look(self.app.data.past, self.snapshot, self.view, self.cell_context())
        filters = bool(self.view.text.strip()) or (
            self._reasons is not self.app.data.reasons()
            and (self._asks_reasons or self.view.sort in ("note", "reason"))
        )
        filters = filters and time.perf_counter() >= self._filter_from
        if len(self.table.rows) and self.snapshot is not None and self._rows.undrawn is None:
            context = replace(self.cell_context(), old=old_threads(self.snapshot, self.app.now()))
            self.table.tick(context, self.app.data.notifier.watched)
            if not filters:
                self._draw_moving_parts()
                return
        if self._rows.merge():
            self.set_timer(_SOON, self.tick)  # later, so that keys are handled first
            return
        self.redraw(news=())  # no changes: each was drawn with its update

    @property
    def failures(self) -> Sequence[Run | None]:
        """The run under the cursor, then the rows in sight."""
        return [self.table.cursor_run, *self.table.in_sight] if self.drawable else ()

    @property
    def held(self) -> Iterable[RunKey]:
        """The rows in sight, the selected runs, and the run that the one under the cursor is compared with."""
        if not self.drawable:
            return ()
        run = self.table.cursor_run
        other = self.compared_with(run) if run is not None else None
        return [*super().held, *self.table.selection.keys, *(() if other is None else (other[0].key,))]

    @property
    def details(self) -> DetailsNeeded | None:
        """The run under the cursor and the tab of the detail pane."""
        run = self.table.cursor_run if self.drawable and len(self.table.rows) else None
        return DetailsNeeded(run, self.detail.tab) if run is not None else None

    @property
    def conversation(self) -> Run | None:
        """The run under the cursor, if the detail pane is in sight and shows messages."""
        if (wanted := self.details) is None or wanted.tab != MESSAGES:
            return None
        return wanted.run if self.query_one("#detail-frame").display else None

    def draw_details(self) -> None:
        """Draw the detail pane again."""
        if self.drawable:
            self._draw_detail()

    # -- events ------------------------------------------------------------------------------------------------

    def on_run_table_highlighted(self, message: RunTable.Highlighted) -> None:
        """Show the run to which the cursor has moved, and fetch its details if the cursor stays there."""
        self._draw_detail()
        if message.run is not None:
            self.post_message(DetailsNeeded(message.run, self.detail.tab))

    def on_detail_pane_chosen(self) -> None:
        """Fetch what the chosen tab needs."""
        if (needed := self.details) is not None and self.is_current:
            self.post_message(needed)

    def on_run_table_opened(self, message: RunTable.Opened) -> None:
        """Open the run on a screen of its own."""
        self.post_message(RunOpened(message.run))

    def on_run_table_status_changed(self) -> None:
        """Update the subtitle: the selection or the number of pending changes has changed."""
        self._draw_subtitle()

    def on_run_table_applied(self) -> None:
        """Show or remove the news, which waited as the rows did."""
        self.query_one(NewsBar).draw(self.snapshot, self.table, hold=False)

    def on_run_table_sorted(self, message: RunTable.Sorted) -> None:
        """Sort by the clicked column, as the menu of orders does; a second click reverses the order."""
        from flowtui.ui.columns.orders import is_descending_at_first  # noqa: PLC0415  on first use

        if message.column in (*SORTABLE, *self.columns.paths):
            if message.column == self.view.sort:
                self.action_invert()
            else:
                falls = is_descending_at_first(message.column)
                self._set_view(replace(self.view, sort=message.column, descending=falls))

    def on_group_list_chosen(self, message: GroupList.Chosen) -> None:
        """Show the runs of the chosen group, unless the user has chosen another group in the meantime."""
        if any((message.by, message.key) == (each.by, each.chosen) for each in self.side.lists):
            self._set_view(replace(self.view, group=Grouping(message.by, message.key)))

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Filter after each typed character. A part of the filter that cannot be parsed yet is ignored."""
        if self._typing_from is None and self.table.touched and (run := self.table.cursor_run) is not None:
            self._typing_from = run.key
        self._filter_by(message.text)

    def _filter_by(self, text: str) -> None:
        """Apply a filter; the cursor goes back to its run, if that matches, as a filter half typed may have left it out."""
        self._set_view(replace(self.view, text=text))
        if self._typing_from is not None and self.table.rows.cursor != self._typing_from:
            self.table.select(self._typing_from)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Apply the filter, and move the focus to the table. After esc, it is the filter from before the user typed."""
        self._filter_by(message.text)
        self._typing_from = None
        self.table.focus()

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that now has the focus."""
        if self.drawable:
            self.side.show_while_used(self.focused)
            self._draw_foot()
            self._draw_title()  # it says of a wrong filter, once it is no longer typed, that it is wrong
            self._draw_subtitle()
            self.table.restyle()

    def on_screen_resume(self) -> None:
        """Draw, before the next paint, what changed while another screen covered this one."""
        if self.drawable and self.snapshot is not None:
            self.redraw(news=())
            self.table.restyle()
        super().on_screen_resume()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.draw_soon(self.redraw)
