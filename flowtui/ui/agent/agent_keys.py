"""What the page of an agent shows, and the actions of its keys. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from flowtui import formatting
from flowtui.model.answers.agent.changes import ConfigChange
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.reasons import ReasonUse
from flowtui.model.answers.agent.time_ranges import RANGES, USUAL
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.view.group_filter import in_group
from flowtui.model.view.groups import Grouping
from flowtui.ui.agent.agent_lists import AgentNotes, AgentRuns
from flowtui.ui.agent.agent_reader import AgentReader
from flowtui.ui.agent.report import agent_report
from flowtui.ui.base import messages
from flowtui.ui.charts.scale import Scales
from flowtui.ui.keys import bindings
from flowtui.ui.widgets.answer_screen import AnswerScreen
from flowtui.ui.widgets.movement import Movable

_ASKED: Final = 20  # failed runs whose reasons are fetched
_WHY: Final = 5  # index of the tab that says why a run failed
_CONFIG: Final = 7  # index of the tab that compares configurations


class AgentKeys(AnswerScreen[AgentReader]):
    """The part of the agent page that knows what it shows, with the actions of its keys.

    `agent`: the id of the agent; "" for the first one that is known. `range`: the index of the time range in `RANGES`.
    """

    BINDINGS = bindings.bindings(bindings.AGENT)
    PLACES = (bindings.AGENT,)

    def __init__(self, agent: str = "") -> None:
        super().__init__(bindings.AGENT)
        self.agent = agent
        self.range = USUAL
        self.page: AgentPage | None = None
        """What is drawn; None while it is read."""
        self._scales = Scales()
        self._rows: Sequence[Run] = ()

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
    def run(self) -> Run | None:
        """The run under the cursor of the list of runs, if it has the focus."""
        key = self.run_list.key if self._drawn and self.run_list.has_focus else None
        return next((run for run in self._rows if run.key == key), None)

    @property
    def failures(self) -> Sequence[Run | None]:
        """The failed runs without a reason, the newest first."""
        return [] if self.page is None else self.page.reasons.unexplained[:_ASKED]

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

    def _known(self, key: RunKey) -> Run | None:
        found = self.snapshot.run(key) if self.snapshot is not None else None
        answer = self._reader.answer if self._reader is not None else None
        return found if found is not None or answer is None else answer.runs.run(key)

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
        match self._what:
            case ReasonUse() as use:
                self.post_message(messages.RunOpened(use.runs[0], _WHY))
            case ConfigChange() as change:
                self._open_change(change)
            case _:
                super().action_open()

    @property
    def _what(self) -> ReasonUse | ConfigChange | Mark | None:
        """What the line under the cursor is about, if the reasons and changes have the focus."""
        note = self.note_list.note if self.note_list.has_focus else None
        return note.what if note is not None else None

    def action_failures(self) -> None:
        """Go back to the dashboard and show the agent's failed runs."""
        if self.agent:
            group = Grouping("agent", self.agent)
            text = in_group("status:failed", group, self.shown.cell_context())
            self.post_message(messages.FilterOpened(text))
            self.action_leave()

    @property
    def details(self) -> messages.DetailsNeeded | None:
        """The first run of the change of configuration under the cursor, and the run before it: then it is known what changed."""
        change = self._what if self._drawn else None
        run = self._known(change.run) if isinstance(change, ConfigChange) else None
        return None if run is None else messages.DetailsNeeded(run, _CONFIG)

    def action_changes(self) -> None:
        """Open the comparison of the last change of configuration, or of the one under the cursor."""
        if isinstance(self._what, ConfigChange):
            self._open_change(self._what)
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

    def action_refresh_all(self) -> None:
        """Poll all threads now, and read the history again."""
        super().action_refresh_all()
        self.ask_again()

    def action_copy(self) -> None:
        """Copy the id of the agent."""
        if self.agent:
            self.post_message(messages.CopyRequested(self.agent))

    def action_save(self) -> None:
        """Save the page as Markdown."""
        page, zone = self.page, self.app.zone
        if page is not None and self._reader is not None:
            prices = self.app.settings.prices
            text = partial(agent_report, page, self.agent_name, prices.currency if prices else "", zone)
            self.post_message(messages.TextSaved(text, "the agent's page", f"agent-{self.agent_name}", "md"))

    def action_notify_agent(self) -> None:
        """Watch the agent: a notice comes when its runs fail. A second press ends the watch."""
        if self.agent:
            self.post_message(messages.AgentWatched(self.agent))

    def on_cursor_list_chosen(self) -> None:
        """Open what was clicked twice."""
        self.action_open()
