"""The page of one agent: is it failing, slower or dearer than usual, and since when?

What ended counts by its end; active runs are counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.widget import Widget

from flowtui import formatting
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.time_ranges import RANGES
from flowtui.model.run.row import RunKey
from flowtui.ui.agent.agent_keys import AgentKeys
from flowtui.ui.agent.agent_lists import AgentNotes, AgentRuns
from flowtui.ui.agent.agent_reader import AgentReader
from flowtui.ui.agent.charts import ChartStyle, chart_lines
from flowtui.ui.agent.layout import Layout, layout
from flowtui.ui.agent.rows import NoteStyle, notes, run_row, section
from flowtui.ui.agent.titles import basis_words, counts_line, empty_lines, gone_words, title_of
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.chart_pane import ChartPane
from flowtui.ui.widgets.choice_row import ChoiceRow
from flowtui.ui.widgets.frame_titles import trouble_text

_ALONE: Final = 70  # with a narrower screen, only the chosen range is named
_RUNS: Final = 200  # runs that the list shows
_ALL: Final = 500  # lines of reasons and changes while these have the focus, so that the list scrolls


class AgentScreen(AgentKeys):
    """Shows one agent."""

    def __init__(self, agent: str = "") -> None:
        super().__init__(agent)
        self._plan: tuple[Layout, bool] | None = None
        # what was drawn last, so that it is not computed again
        self._rowed: AgentPage | None = None
        self._noted: tuple[object, ...] = ()
        self._charted: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        self.put_off_searches()
        yield Bar(id="header")
        with Container(id="agent-frame", classes="frame"):
            yield Bar(id="agent-head")
            yield ChartPane(id="agent-charts")
            with Container(id="agent-lists"):
                yield AgentNotes(id="agent-notes")
                with Container(id="agent-runs-part"):
                    yield Bar(id="agent-runs-title")
                    yield AgentRuns(id="agent-runs")
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Give the list of runs the focus, and read the agent."""
        self._lay_out(self.app.size)
        self.run_list.focus()
        super().prepare()

    def new_reader(self) -> AgentReader:
        """Return what reads the agent."""
        return AgentReader(self.app.data, self.app.settings.prices, self.tick, self._drawn_once)

    def renew(self, argument: str) -> None:
        """Show another agent (id)."""
        if argument and argument != self.agent:
            self._show(argument)

    # -- drawing -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        if not self.ready or self._reader is None:
            return
        self._ask()
        snapshot, cells = self.snapshot, layout(*self.size, priced=self._priced).chart
        self.page = None if snapshot is None else self._reader.page(snapshot, self.app.now(), cells)
        plan = self._lay_out(self.size)
        self.show_header()
        self.show_footer(incidents=True)
        self._draw_head()
        self._draw_charts(plan)
        self._draw_runs()
        self._draw_notes(plan)
        title = title_of(self.agent_name, RANGES[self.range], self.page, self.agent, self.size.width)
        said = (
            [*gone_words(self.page), basis_words(self.page, self.size.width)] if self.page is not None else []
        )
        trouble = self.cause or self._reader.trouble
        self.query_one("#agent-frame").set_class(bool(trouble), "-trouble")
        below = trouble_text(trouble, [each for each in said if each], self.size.width)
        self.show_titles(title, below)

    @property
    def _priced(self) -> bool:
        """Whether a cost is shown: not if no price fits any run of the page."""
        return self.app.settings.prices is not None and (self.page is None or self.page.priced)

    def _lay_out(self, size: Size) -> Layout:
        """Give the parts their sizes."""
        plan = layout(*size, priced=self._priced)
        if (plan, self._priced) != self._plan:
            self._plan = plan, self._priced
            self.query_one("#agent-charts").styles.height = plan.height(priced=self._priced)
            lists, notes_part = self.query_one("#agent-lists"), self.note_list
            lists.styles.layout = "horizontal" if plan.two else "vertical"
            notes_part.styles.width = "47%" if plan.two else "100%"
            notes_part.styles.height = "1fr" if plan.two else plan.notes
            notes_part.styles.margin = (0, 4 if plan.two else 0, 0, 0)
            _show_if(notes_part, plan.two or plan.notes > 0)
            self.query_one("#agent-runs-title").styles.margin = (0, 0, 1 if plan.spaced else 0, 0)
            self.query_one("#agent-lists").styles.margin = (1 if plan.spaced else 0, 0, 0, 0)
            if self.note_list.has_focus and not notes_part.display:
                self.run_list.focus()
        return plan

    def _draw_head(self) -> None:
        cells = self.query_one("#agent-head").size.width
        line = counts_line(None if self._unread else self.page, self._times, cells)
        self.show_bar("agent-head", ink.grey(line) if self.old else line)

    def _draw_charts(self, plan: Layout) -> None:
        app, pane = self.app, self.query_one(ChartPane)
        page = self.page
        _show_if(pane, page is None or not page.empty)
        charted = (page, self._plan, self.old)
        if charted == self._charted:
            return
        self._charted = charted
        if page is None or page.empty:
            pane.show([])
            return
        prices = app.settings.prices
        style = ChartStyle(signs_of(app.settings), self._scales, prices.currency if prices else "", app.zone)
        lines = chart_lines(page, plan, style, priced=self._priced)
        pane.show([*map(ink.grey, lines)] if self.old else lines)

    def _draw_runs(self) -> None:
        runs, page = self.run_list, self.page
        if page is not self._rowed:
            self._rowed = page
            self._rows = page.runs(_RUNS) if page is not None else ()
        title = ink.BLANK
        if page is not None and not page.empty:
            cells = self.query_one("#agent-runs-title").size.width
            title = section("Its runs", "newest first", cells, signs_of(self.app.settings))
        self.show_bar("agent-runs-title", title)
        keys = [run.key for run in self._rows]
        runs.show_entries(keys, self._row, placeholder=[] if keys else self._placeholder())

    def _draw_notes(self, plan: Layout) -> None:
        """Draw reasons and changes, if something has changed, and have new reasons looked up."""
        app, page, shown = self.app, self.page, self.note_list
        lines = _ALL if shown.has_focus else shown.size.height if plan.two else plan.notes
        loaded = (
            []
            if page is None
            else [self._raw(key) for change in page.changes.configs for key in (change.run, change.before)]
        )
        noted = (page, plan, shown.cells, lines, self.old, [each is None for each in loaded])
        if noted == self._noted or not shown.display:
            return
        self._noted = noted
        if page is None or page.empty:
            shown.show([])
            return
        style = NoteStyle(shown.cells, signs_of(app.settings), app.zone, self._raw, lines, airy=plan.spaced)
        found = notes(page, style)
        if self.old:
            found = [note._replace(line=ink.grey(note.line)) for note in found]
        if not plan.two:
            shown.styles.height = min(plan.notes, len(found))
        shown.show(found)
        if self._reader is not None:
            self._reader.look_up(page)

    def _row(self, place: int) -> Line:
        snapshot = self.snapshot
        if place >= len(self._rows) or snapshot is None:
            return ink.BLANK
        run = self._rows[place]
        state = snapshot.threads.get(run.thread_key)
        holder = state.active_run if state is not None and run.active else None
        line = run_row(
            run,
            self.run_list.cells,
            snapshot.server_time(self.app.now()),
            self.app.glyphs,
            reason=self._reader.reasons.get(run.key) if self._reader is not None else None,
            waits_for="" if holder in (None, run.raw_id) else str(holder),
        )
        return ink.grey(line) if self.old else line

    def _raw(self, key: RunKey) -> Mapping[str, Any] | None:
        run = self._known(key)
        return None if run is None else self.app.data.fetcher.opened(run).raw

    @property
    def _unread(self) -> bool:
        """Whether no run is known only because nothing was read."""
        answer, page = self._reader.answer if self._reader is not None else None, self.page
        known = answer is not None and page is not None and (not page.empty or page.active)
        return answer is not None and not known and self.unread(answer.question.since, answer.begin)

    def _placeholder(self) -> list[Line]:
        """Return the lines instead of runs: loading, nothing ended, or why nothing can be read."""
        reader, snapshot = self._reader, self.snapshot
        app, cells = self.app, self.run_list.cells
        if snapshot is None or reader is None or app.trouble:
            return self.placeholder(cells)
        if not self.agent:
            return empty_lines("No agent is known yet", "It shows here as soon as a run names one")
        if self.page is None:
            return [ink.line(("Loading …", "strong")), ink.line((f"the runs of {self.agent_name}", "dim"))]
        if self._unread:
            return self.placeholder(cells)
        name = RANGES[self.range].name
        longer = self.range < len(RANGES) - 1
        hint = "shows a longer time" if longer else "shows the next agent"
        own = app.user_keys
        key = (own.get("agent_longer", "l") if longer else own.get("agent_next", "]"), "key")
        said = empty_lines(f"No run of {self.agent_name} ended in the last {name}", self._last_words())
        return [*said, ink.line(key, (f" {hint}", "dim"))]

    def on_click(self, event: events.Click) -> None:
        """Show the time range that was clicked."""
        head = self.query_one("#agent-head").region
        if head.contains(event.screen_x, event.screen_y):
            place = self._times.place_at(event.screen_x - head.x)
            if place is not None:
                self.choose_range(place)

    @property
    def _times(self) -> ChoiceRow:
        names = [each.name for each in RANGES]
        return ChoiceRow("time", names, self.range, alone=self.size.width < _ALONE)

    def _last_words(self) -> str:
        last = self._reader.last if self._reader is not None else None
        if last is None:
            return ""
        now = self.app.now() if self.snapshot is None else self.snapshot.server_time(self.app.now())
        return f"the last one known ended {formatting.span(max(0.0, now - last))} ago"


def _show_if(widget: Widget, wanted: bool) -> None:
    """Show or hide a widget. Setting what it has already would lay out the screen again."""
    if widget.display != wanted:
        widget.display = wanted
