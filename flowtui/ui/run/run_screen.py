"""The run screen: one run with all its tabs, updated while it is open."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Container
from textual.dom import DOMNode

from flowtui.model.columns.context import Context
from flowtui.model.reasons.reason import Reason, reason_id
from flowtui.model.run.row import FAILED, Run
from flowtui.model.state.snapshot import Update
from flowtui.text import short_id
from flowtui.ui.base.messages import (
    DetailsNeeded,
    FilterOpened,
    OlderMessagesRequested,
    ReasonWatched,
    RefreshRequested,
    RunPointed,
)
from flowtui.ui.keys import bindings
from flowtui.ui.paint.ink import Span
from flowtui.ui.run.card.reason_reader import ReasonReader
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.run.tabs import MESSAGES
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.framed_screen import FramedScreen


class RunScreen(FramedScreen):
    """Shows one run in a detail pane, on a screen of its own. `tab` is the index of the tab that is shown first."""

    BINDINGS = bindings.bindings(bindings.RUN)
    PLACES = (bindings.RUN, bindings.PANE, bindings.PROMPT)

    def __init__(self, run: Run, tab: int = 0) -> None:
        super().__init__("run")
        self._run = run
        self._tab = tab
        self._reader: ReasonReader | None = None

    @property
    def run(self) -> Run:
        """The shown run."""
        return self._run

    @property
    def tab(self) -> int:
        """The index of the shown tab."""
        return self.pane.tab if self._drawn else self._tab

    @property
    def pane(self) -> DetailPane:
        """The pane with the tabs."""
        return self.query_one(DetailPane)

    def compose(self) -> ComposeResult:
        yield Bar(id="header")
        with Container(id="run-frame", classes="frame"):
            yield DetailPane(opens=True)
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Choose the first tab, give its lines the focus, and draw."""
        self.pane.tab = self._tab
        self.pane.body.focus()
        self.show_run(self.run)
        self.post_message(self.details)

    def update(self, update: Update) -> None:
        """Show the newest data of the run."""
        self.show_run(update.snapshot.run(self._run.key) or self._run)

    def show_run(self, run: Run) -> None:
        """Show `run`: the shown run with newer data, or another run."""
        self._run = run
        self.tick()

    @property
    def parts(self) -> Mapping[str, DOMNode]:
        """The tabs, and the screen."""
        return {bindings.PANE: self.pane.body, bindings.RUN: self}

    @property
    def details(self) -> DetailsNeeded:
        """The shown run and tab."""
        return DetailsNeeded(self._run, self.tab, opened=True)

    @property
    def conversation(self) -> Run | None:
        """The shown run, if its messages are shown."""
        return self._run if self.tab == MESSAGES else None

    def tick(self) -> None:
        if not self.ready:
            return
        context = self.shown.context_of(self.run)
        agent = context.short_agent(self.run.agent_id)
        of = [Span(f" · {agent}", "dim")] if agent else []
        self.show_titles((Span(short_id(self.run.id), "strong"), *of))
        self.show_footer()
        self._read_reason(context)
        self.pane.show(self.app.data.fetcher.opened(self.run), context)
        number, count = self.shown.place_of(self.run.key)
        line = [Span(f"run {number} of {count}   " if number else "not in the table   ", "dim")]
        if self.run.key in self.app.data.notifier.watched:
            line.insert(0, Span("watched  ", "focus"))
        line.append(Span(f"{short_id(self.run.id)} ", "strong"))
        self.show_header(right=line)

    def _read_reason(self, context: Context) -> None:
        """Ask how often the reason of the run came, and give the pane what is known."""
        if self._reader is None:
            if self._run.status_class != FAILED:
                return
            self._reader = ReasonReader(self.app.data.answers, self.tick)
        marks = [mark for mark in context.marks if mark.at <= context.now]
        self._reader.ask(self._run, self.snapshot, marks)
        reason = context.reasons.get(self._run.key)
        self.pane.same_reason = self._reader.found(reason, marks)

    def on_unmount(self) -> None:
        """Forget what was asked."""
        if self._reader is not None:
            self._reader.close()

    def action_tab(self, tab: int) -> None:
        """Show a tab, counted from 0."""
        self.pane.choose(tab)

    def action_step_tab(self, step: int) -> None:
        """Show the next tab (1) or the previous one (-1)."""
        self.pane.choose(self.pane.tab + step)

    def on_detail_pane_chosen(self) -> None:
        """Fetch what the chosen tab needs."""
        self.post_message(self.details)

    def action_step_run(self, step: int) -> None:
        """Show the next run of the table (1) or the previous one (-1)."""
        other = self.shown.neighbour(self.run.key, step)
        if other is not None:
            self.post_message(RunPointed(other.key))
            self.show_run(other)
            self.post_message(self.details)

    def action_same_reason(self) -> None:
        """Go back to the dashboard, and show the runs that failed for the same reason in its table."""
        reason = self._reason
        if reason is None:
            failed = self._run.status_class == FAILED
            self.app.say("Its reason is not known" if failed else "This run has not failed", timeout=2)
            return
        self.post_message(FilterOpened(f"reason_id:{reason_id(reason)}"))
        self.action_leave()

    def action_notify_run(self) -> None:
        """Watch the run; one that failed has ended, so its reason is watched. A second press ends the watch."""
        reason = self._reason
        if reason is None:
            super().action_notify_run()
        else:
            self.post_message(ReasonWatched(reason))

    @property
    def _reason(self) -> Reason | None:
        """Why the shown run failed; None if that is not known, or it did not fail."""
        failed = self._run.status_class == FAILED
        return self.app.data.reasons().get(self._run.key) if failed else None

    def action_older(self) -> None:
        """Read older messages of the run's thread."""
        self.post_message(OlderMessagesRequested(self.run))

    def action_refresh(self) -> None:
        """Fetch the details of the run again, and poll its thread now."""
        self.post_message(DetailsNeeded(self.run, self.tab, again=True, opened=True))
        self.post_message(RefreshRequested(self.run.thread_key))
