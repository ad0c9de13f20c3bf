"""The page of one agent: is it failing, slower or dearer than usual, and since when?

What ended counts by its end; active runs are counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from textual.app import ComposeResult
from textual.containers import Container

from flowtui import formatting
from flowtui.model.answers.agent.changes import ConfigChange
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.reasons import ReasonUse
from flowtui.model.answers.agent.time_ranges import RANGES, USUAL
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Update
from flowtui.ui.agent.agent_lists import AgentNotes, AgentRuns
from flowtui.ui.agent.agent_reader import AgentReader
from flowtui.ui.agent.charts import ChartStyle, chart_lines
from flowtui.ui.agent.layout import Layout, layout
from flowtui.ui.agent.rows import NoteStyle, notes, run_row, section
from flowtui.ui.agent.titles import basis_words, counts_line, empty_lines, title_of
from flowtui.ui.base import messages
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import signs_of
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.chart_pane import ChartPane
from flowtui.ui.widgets.frame_titles import trouble_text
from flowtui.ui.widgets.framed_screen import MovableScreen
from flowtui.ui.widgets.movement import Movable

_RUNS: Final = 200  # runs that the list shows
_ASKED: Final = 20  # failed runs whose reasons are fetched
_WHY: Final = 5  # index of the tab that says why a run failed
_CONFIG: Final = 7  # index of the tab that compares configurations


class AgentScreen(MovableScreen):
    """Shows one agent. `agent`: its id; "" for the first agent that is known."""

    BINDINGS = bindings.bindings(bindings.AGENT)
    PLACES = (bindings.AGENT,)

    def __init__(self, agent: str = "") -> None:
        super().__init__(bindings.AGENT)
        self.agent = agent
        self.range = USUAL
        self.page: AgentPage | None = None
        """What is drawn; None while it is read."""
        self._reader: AgentReader | None = None
        self._scales = Scales()
        self._rows: Sequence[Run] = ()
        self._plan: Layout | None = None
        self._noted: AgentPage | None = None

    # -- parts -------------------------------------------------------------------------------------------------

    @property
    def run_list(self) -> AgentRuns:
        """The list of runs."""
        return self.query_one(AgentRuns)

    @property
    def note_list(self) -> AgentNotes:
        """The list of reasons and changes."""
        return self.query_one(AgentNotes)

    @property
    def _moved(self) -> Movable:
        return self.note_list if self.note_list.has_focus else self.run_list

    @property
    def answered(self) -> bool:
        """Whether all that was asked for is read: the time range and the time before it."""
        return self._reader is not None and self._reader.complete

    @property
    def run(self) -> Run | None:
        """The run under the cursor of the list of runs, if it has the focus."""
        key = self.run_list.key if self._drawn and self.run_list.has_focus else None
        return next((run for run in self._rows if run.key == key), None)

    @property
    def failures(self) -> Sequence[Run | None]:
        """The failed runs without a reason, the newest first."""
        return [] if self.page is None else self.page.reasons.unexplained[:_ASKED]

    def compose(self) -> ComposeResult:
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
        self._reader = AgentReader(self.app.data, self.app.settings.prices, self.tick)
        self.run_list.focus()
        self.post_message(messages.AgentsNeeded())
        self.post_message(messages.MarksNeeded())

    def on_unmount(self) -> None:
        """Forget what was read."""
        if self._reader is not None:
            self._reader.close()

    def renew(self, argument: str) -> None:
        """Show another agent (id)."""
        if argument and argument != self.agent:
            self._show(argument)

    def update(self, update: Update) -> None:
        """Take an update, and draw."""
        if self._reader is not None:
            self._reader.update(update)
        if self._drawn and self.is_current:
            super().update(update)

    # -- drawing -----------------------------------------------------------------------------------------------

    @property
    def _names(self) -> Mapping[str, str]:
        """Agent id → name, of all agents that are known."""
        snapshot = self.snapshot
        answer = self._reader.answer if self._reader is not None else None
        return {
            **(answer.agents if answer is not None else {}),
            **(snapshot.agents if snapshot is not None else {}),
        }

    @property
    def agent_name(self) -> str:
        """The name of the agent, or its id; display-safe."""
        return self._names.get(self.agent) or self.agent or formatting.UNKNOWN

    def tick(self) -> None:
        if not self.ready or self._reader is None:
            return
        self._ask()
        plan = self._lay_out()
        snapshot = self.snapshot
        cells = plan.chart
        self.page = None if snapshot is None else self._reader.page(snapshot, self.app.now(), cells)
        self.show_header()
        self.show_footer(incidents=True)
        self._draw_head()
        self._draw_charts(plan)
        self._draw_lists(plan)
        title = title_of(self.agent_name, RANGES[self.range], self.page, self.agent, self.size.width)
        said = [basis_words(self.page)] if self.page is not None else []
        trouble = self.cause or self._reader.trouble
        self.show_titles(title, trouble_text(trouble, [each for each in said if each], self.size.width))

    def _ask(self) -> None:
        """Have the agent read, if that was not done yet, or if its range has moved on."""
        snapshot, reader = self.snapshot, self._reader
        if snapshot is None or reader is None:
            return
        if not self.agent:
            self.agent = next(iter(self._agents()), "")
        now, chosen = snapshot.server_time(self.app.now()), RANGES[self.range]
        if (reader.agent, reader.chosen) != (self.agent, chosen) or reader.due(now):
            reader.ask(self.agent, chosen, snapshot, now)

    def ask_again(self) -> None:
        """Have the agent read anew."""
        if self._reader is not None and self.snapshot is not None:
            now = self.snapshot.server_time(self.app.now())
            self._reader.ask(self.agent, RANGES[self.range], self.snapshot, now)

    @property
    def _priced(self) -> bool:
        return self.app.settings.prices is not None

    def _lay_out(self) -> Layout:
        """Give the parts their sizes."""
        plan = layout(*self.size, priced=self._priced)
        if plan != self._plan:
            self._plan = plan
            self.query_one("#agent-charts").styles.height = plan.height(priced=self._priced)
            lists, notes_part = self.query_one("#agent-lists"), self.note_list
            lists.styles.layout = "horizontal" if plan.two else "vertical"
            notes_part.styles.width = "47%" if plan.two else "100%"
            notes_part.styles.height = "1fr" if plan.two else plan.notes
            notes_part.styles.margin = (0, 4 if plan.two else 0, 0, 0)
            notes_part.display = plan.two or plan.notes > 0
            self.query_one("#agent-runs-title").styles.margin = (0, 0, 1 if plan.spaced else 0, 0)
            self.query_one("#agent-lists").styles.margin = (1 if plan.spaced else 0, 0, 0, 0)
            self._noted = None
            if self.note_list.has_focus and not notes_part.display:
                self.run_list.focus()
        return plan

    def _draw_head(self) -> None:
        cells = self.query_one("#agent-head").size.width
        names = [each.name for each in RANGES]
        self.show_bar(
            "agent-head", counts_line(self.page, names, self.range, cells, alone=self.size.width < 70)
        )

    def _draw_charts(self, plan: Layout) -> None:
        app, pane = self.app, self.query_one(ChartPane)
        if self.page is None or self.page.empty:
            pane.show([])
            return
        prices = app.settings.prices
        style = ChartStyle(signs_of(app.settings), self._scales, prices.currency if prices else "", app.zone)
        pane.show(chart_lines(self.page, plan, style, priced=self._priced))

    def _draw_lists(self, plan: Layout) -> None:
        app, runs, page = self.app, self.run_list, self.page
        signs = signs_of(app.settings)
        shown = page is not None and not page.empty
        self.show_bar(
            "agent-runs-title",
            section("Its runs", "newest first", self.query_one("#agent-runs-title").size.width, signs)
            if shown
            else ink.BLANK,
        )
        self._rows = page.runs(_RUNS) if page is not None else ()
        runs.show_entries([run.key for run in self._rows], self._row, placeholder=self._placeholder())
        if page is None or not shown:
            self.note_list.show([])
        elif self.note_list.display:
            cells = self.note_list.cells
            style = NoteStyle(cells, signs, app.zone, self._raw, self.note_list.size.height, airy=plan.spaced)
            self.note_list.show(notes(page, style))
        if page is not None and page is not self._noted and self._reader is not None:
            self._noted = page
            self._reader.look_up(page)

    def _row(self, place: int) -> Line:
        snapshot = self.snapshot
        if place >= len(self._rows) or snapshot is None:
            return ink.BLANK
        run = self._rows[place]
        state = snapshot.threads.get(run.thread_key)
        holder = state.active_run if state is not None and run.active else None
        return run_row(
            run,
            self.run_list.cells,
            snapshot.server_time(self.app.now()),
            self.app.glyphs,
            reason=self.app.data.answers.reasons_of("agent", run.key),
            waits_for="" if holder in (None, run.raw_id) else str(holder),
        )

    def _raw(self, key: RunKey) -> Mapping[str, Any] | None:
        run = self._known(key)
        return None if run is None else self.app.data.fetcher.opened(run).raw

    def _known(self, key: RunKey) -> Run | None:
        found = self.snapshot.run(key) if self.snapshot is not None else None
        answer = self._reader.answer if self._reader is not None else None
        return found if found is not None or answer is None else answer.runs.get(key)

    def _placeholder(self) -> list[Line]:
        """Return the lines instead of runs: loading, nothing ended, or why nothing can be read."""
        reader, snapshot = self._reader, self.snapshot
        cells = self.run_list.cells
        if snapshot is None or reader is None or self.app.trouble:
            return self.placeholder(cells)
        if not self.agent:
            return empty_lines("No agent is known yet", "It shows here as soon as a run names one")
        if not reader.ready:
            return [ink.line(("Loading …", "strong")), ink.line((f"the runs of {self.agent_name}", "dim"))]
        name = RANGES[self.range].name
        hint = "shows a longer time" if self.range < len(RANGES) - 1 else "shows another agent"
        key = ("l" if self.range < len(RANGES) - 1 else "]", "key")
        said = empty_lines(f"No run of {self.agent_name} ended in the last {name}", self._last_words())
        return [*said, ink.line(key, (f" {hint}", "dim"))]

    def _last_words(self) -> str:
        last = self._reader.last if self._reader is not None else None
        if last is None:
            return ""
        now = self.app.now() if self.snapshot is None else self.snapshot.server_time(self.app.now())
        return f"the last one known ended {formatting.span(max(0.0, now - last))} ago"

    # -- actions of keys ---------------------------------------------------------------------------------------

    def _agents(self) -> list[str]:
        """Return the ids of all known agents, by name."""
        names = self._names
        runs = {run.agent_id for run in self.snapshot.runs()} if self.snapshot is not None else set()
        return sorted({*names, *runs} - {""}, key=lambda key: (names.get(key, key).casefold(), key))

    def _show(self, agent: str) -> None:
        self.agent = agent
        self._scales.forget()
        self.run_list.go(0)
        self.tick()

    def action_range(self, step: int) -> None:
        """Show a longer time range (1) or a shorter one (-1)."""
        self.choose_range(self.range + step)

    def choose_range(self, place: int) -> None:
        """Show the range at an index of `RANGES`, or the nearest one."""
        chosen = min(max(0, place), len(RANGES) - 1)
        if chosen != self.range:
            self.range = chosen
            self._scales.forget()
            self.tick()

    def action_other_agent(self, step: int) -> None:
        """Show the next agent by name (1), or the previous one (-1)."""
        agents = self._agents()
        if agents:
            place = agents.index(self.agent) + step if self.agent in agents else 0
            self._show(agents[place % len(agents)])

    def action_other_list(self) -> None:
        """Move the focus to the other list."""
        other = self.run_list if self.note_list.has_focus else self.note_list
        if other.display:
            other.focus()

    def action_open(self) -> None:
        """Open the run under the cursor; of a reason, its newest run at the tab Why; of a change, its first run."""
        note = self.note_list.note if self.note_list.has_focus else None
        if isinstance(note.what if note is not None else None, ReasonUse):
            assert note is not None and isinstance(note.what, ReasonUse)
            self.post_message(messages.RunOpened(note.what.runs[0], _WHY))
        elif note is not None and isinstance(note.what, ConfigChange):
            self._open_change(note.what)
        else:
            super().action_open()

    def action_changes(self) -> None:
        """Open the comparison of the last change of configuration, or of the one under the cursor."""
        note = self.note_list.note if self.note_list.has_focus else None
        if note is not None and isinstance(note.what, ConfigChange):
            self._open_change(note.what)
        elif self.page is not None and self.page.changes.configs:
            self._open_change(self.page.changes.configs[-1])
        else:
            self.app.say(f"No change of configuration is known in {RANGES[self.range].name}", timeout=3)

    def _open_change(self, change: ConfigChange) -> None:
        run = self._known(change.run)
        if run is None:
            self.app.say("That run is not known any more", timeout=2)
        else:
            self.post_message(messages.RunOpened(run, _CONFIG))

    def action_copy(self) -> None:
        """Copy the id of the agent."""
        if self.agent:
            self.post_message(messages.CopyRequested(self.agent))

    def action_notify_agent(self) -> None:
        """Watch the agent: a notice comes when its runs fail. A second press ends the watch."""
        if self.agent:
            self.post_message(messages.AgentWatched(self.agent))

    def on_cursor_list_chosen(self) -> None:
        """Open what was clicked twice."""
        self.action_open()
