"""Draws the panes of the dashboard around the rows of the table: titles, the left column, header, footer, the run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flowtui.config.memory.memory import Memory
from flowtui.config.values.views import SavedView
from flowtui.model.columns.context import Context
from flowtui.model.stats.token_rate import TokenRate
from flowtui.text import short_id
from flowtui.ui.dashboard import titles
from flowtui.ui.dashboard.header import header_line
from flowtui.ui.dashboard.key_actions import DashboardKeys
from flowtui.ui.dashboard.left_column import SideData
from flowtui.ui.dashboard.news_bar import NewsBar
from flowtui.ui.dashboard.older_runs import OlderRunsCounter
from flowtui.ui.dashboard.recent_reader import RecentReader
from flowtui.ui.dashboard.side_layout import side_width
from flowtui.ui.dashboard.table_frame import TableFrame
from flowtui.ui.dashboard.usual_reader import UsualReader
from flowtui.ui.filter.filter_box import FilterInput
from flowtui.ui.grouping.rows import shows_old
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import footer
from flowtui.ui.paint.ink import Line
from flowtui.ui.table.cell_style import runs_title
from flowtui.ui.table.unusual import UnusualValues
from flowtui.ui.terminal.partial_paint import set_titles
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.memory_words import runs_that_left
from flowtui.ui.widgets.placeholders import placeholder
from flowtui.ui.widgets.prompt import Prompt

# The first paint comes before Textual has given the parts of the screen their sizes, which are expected with these:
_EDGES = 2  # lines of header and footer
_SIDES = 2  # cells of the table's frame


class DashboardDrawing(DashboardKeys):
    """The part of the dashboard that draws what is around the rows."""

    def __init__(self, filter_text: str, memory: Memory, views: Mapping[str, SavedView] | None) -> None:
        super().__init__(filter_text, memory, views)
        self._token_rate = TokenRate()
        self._older, self._usual_reader = OlderRunsCounter(), UsualReader()
        self._recent_reader: RecentReader | None = None
        self._framed: TableFrame | None = None
        self._unusual = UnusualValues()

    def _draw_title(self) -> None:
        self._table_frame.draw_title(self._title(self.cell_context()))

    def _title(self, context: Context) -> str:
        """Return the title of the table."""
        snapshot = self.snapshot
        typing = isinstance(self.focused, FilterInput)
        title = runs_title(snapshot, self.view, paused=self.paused, name=self.view_name, typing=typing)
        title += titles.unread_labels_words(self._rows.unread_labels)
        if self._asks_reasons:
            title += titles.unknown_reasons_words(self._rows.unknown_reasons(context))
        title += self._older.words(self.view)
        return title

    def _placeholder(self) -> list[Line]:
        whole = self.side.screen_size.width
        cells = self.table.size.width or whole - side_width(whole) - _SIDES
        app = self.app
        lines = placeholder(self.snapshot, self.view, app.trouble, app.now(), cells, glyphs=app.glyphs)
        lines += self._older.lines(self.view, app.now(), cells)
        return lines

    def restyle(self) -> None:
        """Repaint the rows, and the edge of the table at once: it is made of painted text."""
        super().restyle()
        if self.is_mounted and self.is_current:
            self._draw_subtitle()

    def _draw_moving_parts(self) -> None:
        if self.is_current:  # what another screen covers is drawn once it is in sight again
            self._draw_subtitle()
            self._draw_moving()
            self._draw_detail()

    def _draw_subtitle(self) -> None:
        app, context = self.app, self.cell_context()
        text = titles.runs_subtitle(
            self.snapshot,
            len(self._rows.order),
            self.table.waiting,
            glyphs=app.glyphs,
            now=app.now(),
            zone=app.zone,
            thread=self.view.thread,
            selected=len(self.table.selection),
            watched=len(app.data.notifier.watches),
            unreadable=self._rows.unreadable(self.snapshot),
            unexplained=0 if self._asks_reasons else self._rows.unknown_reasons(context),
            left=runs_that_left(self.snapshot, self.view) if self.view.narrowed or self.table.at_end else 0,
            locked=self._rows.old_lock(self.snapshot, self.view.thread, app.now()),
            cells=self._table_frame.cells,
        )
        self._table_frame.draw_edge(text, self.snapshot, self.view, context)

    def _draw_moving(self) -> None:
        app, snapshot = self.app, self.snapshot
        now = app.now()
        context = self.cell_context()
        side = self.side
        groups = self._rows.groups(snapshot, side.upper, context) if snapshot is not None else []
        whole = side.screen_size
        side.lay_out(whole, self.query_one("#body").size.height or whole.height - _EDGES)
        wanted = self._rows.holding()
        old = snapshot is None or shows_old(snapshot, now)  # then the tokens of the last minute are unknown
        rate = None if old or not len(self.table.rows) else self._token_rate.per_minute(context.now, wanted)
        side.draw(
            SideData(
                self._recent,
                snapshot,
                self.view,
                context,
                now,
                self._read,
                partial(self._rows.sums, snapshot, app.settings.prices),
                partial(self._rows.live, snapshot),
                rate,
                self._rows.agents,
                self._token_rate.is_short(context.now),
            ),
            groups,
        )
        self.query_one("#header", Bar).show(
            header_line(
                app.host_label,
                snapshot,
                groups[0].totals if snapshot is not None and snapshot.read() else None,
                now=now,
                paused=self.paused,
                glyphs=app.glyphs,
                zone=app.zone,
                cells=self.size.width,
                stretched=self._rows.stretched(snapshot) if snapshot is not None else None,
            )
        )
        hold = self.table.keeps_order or self._busy()
        self.query_one(NewsBar).draw(snapshot, self.table, hold=hold)
        self._draw_foot()

    @property
    def _table_frame(self) -> TableFrame:
        self._framed = self._framed or TableFrame(self.app, self.query_one("#runs-frame"))
        return self._framed

    @property
    def _recent(self) -> RecentReader:
        """What ended lately."""
        self._recent_reader = self._recent_reader or RecentReader(self.app.settings.prices)
        return self._recent_reader

    @property
    def _read(self) -> bool:
        """Whether the chosen thread has been read; if no thread is chosen, whether any thread has been read."""
        return self.snapshot is not None and self.snapshot.read(self.view.thread)

    def _draw_foot(self) -> None:
        incidents = self.snapshot.incidents if self.snapshot is not None else ()
        places: tuple[str, ...]
        if isinstance(self.focused, Prompt):
            filters = self.focused.id == "filter"
            places = (bindings.PROMPT, bindings.FILTER) if filters else (bindings.PROMPT,)
        elif self.side.focused_list is not None:
            places = (bindings.THREADS, bindings.DASHBOARD, bindings.APP)
        else:
            here = bindings.TABLE if self.table.has_focus else bindings.PANE
            places = (here, bindings.DASHBOARD, bindings.APP)
        notice = incidents[-1] if incidents else ""
        foot = footer(places, self.size.width, notice, remapped=self.app.user_keys)
        self.query_one("#footer", Bar).show_foot(foot)

    def _draw_detail(self) -> None:
        run = self.table.cursor_run
        context = self.cell_context() if run is None else self.context_of(run)
        agent = context.short_agent(run.agent_id) if run is not None else ""
        title = "Run" if run is None else f"{short_id(run.id)} · {agent}" if agent else short_id(run.id)
        set_titles(self.query_one("#detail-frame"), self.app.title_text(title))
        self.detail.news = self.query_one("#news", NewsBar).reader.news
        self.detail.old = bool(context.old)
        self.detail.show(self.app.data.fetcher.opened(run) if run is not None else None, context)
