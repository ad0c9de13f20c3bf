"""Opens the screens above the dashboard: one run, timeline, tokens, deploy gate, help, command line, palette.

Also finds an open screen on the stack, and gives it the data to show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from flowtui.ui.gate.deploy_marks import MarkingApp
from flowtui.ui.keys import bindings

if TYPE_CHECKING:
    from flowtui.model.run.row import Run, RunKey
    from flowtui.ui.app.app import FlowtuiApp
    from flowtui.ui.gate.gate_screen import GateScreen
    from flowtui.ui.run.run_screen import RunScreen
    from flowtui.ui.timeline.timeline_screen import TimelineScreen
    from flowtui.ui.tokens.token_screen import TokenScreen

_HELP: Final[Mapping[str, tuple[str, ...]]] = {
    "run": (bindings.RUN, bindings.PANE, bindings.PROMPT),
    bindings.TIMELINE: (bindings.TIMELINE,),
    bindings.EVENTS: (bindings.EVENTS, bindings.PROMPT),
    bindings.USAGE: (bindings.USAGE,),
    bindings.GATE: (bindings.GATE, bindings.PROMPT),
}
"""Screen name → parts of that screen; the help lists their keys."""

_HELP_BELOW: Final = (
    bindings.TABLE,
    bindings.DASHBOARD,
    bindings.THREADS,
    bindings.PANE,
    bindings.PROMPT,
    bindings.FILTER,
)


class ScreensApp(MarkingApp):
    """The part of the application that opens screens."""

    gate_text = ""
    """The gate that the user typed, on the gate screen or as a command; "" for the default gate."""
    _command_history: Sequence[str] = ()
    """Lines typed into the command line, the newest last."""

    @property
    def run_screen(self) -> RunScreen | None:
        """The run screen; None if it is not open, or if a screen that is not a dialog covers it."""
        seen = next((screen for screen in reversed(self.screen_stack) if not screen.is_modal), None)
        return cast("RunScreen", seen) if seen is not None and seen.name == "run" else None

    @property
    def tab(self) -> int:
        """The index of the shown tab: on the run screen if `run_screen` is not None, else in the detail pane."""
        opened = self.run_screen
        return self.dashboard.detail.tab if opened is None else opened.tab

    @property
    def timeline(self) -> TimelineScreen | None:
        """The timeline of all threads, even if another screen covers it; None if it is not open."""
        found = (screen for screen in self.screen_stack if screen.name == bindings.TIMELINE)
        return cast("TimelineScreen | None", next(found, None))

    def open_timeline(self, cursor: RunKey | None) -> None:
        """Open the timeline of all threads. The cursor starts on the run `cursor`, or on the newest run if that is None."""
        from flowtui.ui.timeline.timeline_screen import TimelineScreen  # noqa: PLC0415  on first use

        self.push_screen(TimelineScreen(cursor))
        self.show_timeline()

    def show_timeline(self) -> None:
        """Draw the newest snapshot on the timeline, if it is open."""
        timeline = self.timeline
        if timeline is not None and self.dashboard.shown is not None:
            self._look_at_agents()
            timeline.show(self.dashboard.shown, self.dashboard.chosen_rows, self.all_marks)

    @property
    def token_screen(self) -> TokenScreen | None:
        """The token usage screen, even if another screen covers it; None if it is not open."""
        found = (screen for screen in self.screen_stack if screen.name == bindings.USAGE)
        return cast("TokenScreen | None", next(found, None))

    def open_token_screen(self) -> None:
        """Open the screen with the token usage of the rows in the table."""
        from flowtui.ui.tokens.token_screen import TokenScreen  # noqa: PLC0415  on first use

        self.push_screen(TokenScreen())
        self.show_token_screen()

    def show_token_screen(self) -> None:
        """Draw the newest rows on the token usage screen, if it is open."""
        if (screen := self.token_screen) is not None:
            screen.show(self.dashboard.shown, self.dashboard.shown_runs)

    @property
    def gate(self) -> GateScreen | None:
        """The screen of the deploy gate, even if another screen covers it; None if it is not open."""
        found = (screen for screen in self.screen_stack if screen.name == bindings.GATE)
        return cast("GateScreen | None", next(found, None))

    def open_gate(self) -> None:
        """Open the screen of the deploy gate, which says whether runs since a mark are worse than runs before it."""
        from flowtui.ui.gate.gate_screen import GateScreen  # noqa: PLC0415  on first use

        if self.gate is None:
            self.push_screen(GateScreen())
        self.show_gate()
        self.read_marks()  # a pipeline may have set a mark since the last read

    def _look_at_agents(self) -> None:
        """Let the feed read the agents soon: the shown screen needs the times of their deployments."""
        if self.connection is not None:
            self.connection.feed.look_at_agents()

    def show_gate(self) -> None:
        """Judge the newest snapshot on the screen of the deploy gate, if it is open."""
        if (screen := self.gate) is not None:
            screen.show(self.dashboard.newest)
            self._look_at_agents()

    def open_run(self, run: Run, tab: int | None = None) -> None:
        """Open a run on a screen of its own, at the tab `tab`; if `tab` is None, at the tab that the detail pane shows."""
        from flowtui.ui.run.run_screen import RunScreen  # noqa: PLC0415  on first use

        self.push_screen(RunScreen(run, self.dashboard.detail.tab if tab is None else tab))
        self.fetch_details(run)

    def step_run(self, run: Run, step: int) -> Run | None:
        """Move the table's cursor to the row `step` below this run; return the run there. None: no such row, nothing moves."""
        other = self.dashboard.neighbour(run.key, step)
        if other is not None:
            self.dashboard.select(other.key)
            self.fetch_details(other)
        return other

    def action_command_line(self, begun: str = "") -> None:
        """Open the command line with the text `begun` in it."""
        from flowtui.ui.commands.actions import CommandActions  # noqa: PLC0415  on first use
        from flowtui.ui.commands.command_line import CommandLine  # noqa: PLC0415

        if self.screen.is_modal or self._dashboard is None or not self._dashboard.is_mounted:
            return
        self.push_screen(
            CommandLine(
                CommandActions(cast("FlowtuiApp", self)),
                list(self._command_history),
                self._remember_command,
                begun,
            ),
            self._run_command,
        )

    def _remember_command(self, line: str) -> None:
        from flowtui.ui.commands.command_line import add_to_history  # noqa: PLC0415  on first use

        self._command_history = add_to_history(list(self._command_history), line)

    def _run_command(self, do: Callable[[], str] | None) -> None:
        wrong = do() if do is not None else ""
        if wrong:
            self.notify(wrong, severity="warning", markup=False)

    def action_command_palette(self) -> None:
        """Open the command palette, with all commands of the current screen."""
        from flowtui.ui.commands.palette_screen import FlowtuiPalette  # noqa: PLC0415  on first use

        if not isinstance(self.screen, FlowtuiPalette):
            self.push_screen(FlowtuiPalette(id="--command-palette"))

    def action_help(self) -> None:
        """Open the help, with all keys of the current screen."""
        from flowtui.ui.commands.help_screen import HelpScreen  # noqa: PLC0415  on first use

        here = _HELP_BELOW if self.screen is self._dashboard else _HELP.get(self.screen.name or "")
        if here is not None:
            self.push_screen(HelpScreen((*here, bindings.APP)))
