"""The screens that lie over the dashboard: one run, the timeline of all threads, tokens, help, the command line.

Opens them and finds them again; what they show they are given.
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
    from flowtui.ui.tokens.token_screen import SpendersScreen

_HELP: Final[Mapping[str, tuple[str, ...]]] = {
    "run": (bindings.RUN, bindings.PANE, bindings.PROMPT),
    bindings.TIMELINE: (bindings.TIMELINE,),
    bindings.EVENTS: (bindings.EVENTS, bindings.PROMPT),
    bindings.USAGE: (bindings.USAGE,),
    bindings.GATE: (bindings.GATE, bindings.PROMPT),
}
"""What takes keys on the screens over the dashboard, by their names."""

_HELP_BELOW: Final = (
    bindings.TABLE,
    bindings.DASHBOARD,
    bindings.THREADS,
    bindings.PANE,
    bindings.PROMPT,
    bindings.FILTER,
)


class ScreensApp(MarkingApp):
    """Base of the application."""

    gate_text = ""
    """What the deploy gate asks on its screen, as somebody wrote it here; "" for what it begins with."""
    _said: Sequence[str] = ()
    """Lines of the command line, the newest last."""

    @property
    def run_screen(self) -> RunScreen | None:
        """The screen of one run, where it is what one sees, also under a window such as the help."""
        seen = next((screen for screen in reversed(self.screen_stack) if not screen.is_modal), None)
        return cast("RunScreen", seen) if seen is not None and seen.name == "run" else None

    @property
    def tab(self) -> int:
        """The tab of a run that is in sight."""
        opened = self.run_screen
        return self.dashboard.detail.tab if opened is None else opened.tab

    @property
    def timeline(self) -> TimelineScreen | None:
        """The timeline of all threads, also while another screen covers it."""
        found = (screen for screen in self.screen_stack if screen.name == bindings.TIMELINE)
        return cast("TimelineScreen | None", next(found, None))

    def open_timeline(self, cursor: RunKey | None) -> None:
        """Show all threads as lanes of time; it begins at a run, without one at now."""
        from flowtui.ui.timeline.timeline_screen import TimelineScreen  # noqa: PLC0415  once somebody asks

        self.push_screen(TimelineScreen(cursor))
        self.show_timeline()

    def show_timeline(self) -> None:
        """Draw the newest picture on the timeline of all threads, where it is open."""
        timeline = self.timeline
        if timeline is not None and self.dashboard.shown is not None:
            self._look_at_agents()
            timeline.show(self.dashboard.shown, self.dashboard.chosen_rows, self.moments)

    @property
    def spenders(self) -> SpendersScreen | None:
        """The screen of what tokens were spent on, also while another one covers it."""
        found = (screen for screen in self.screen_stack if screen.name == bindings.USAGE)
        return cast("SpendersScreen | None", next(found, None))

    def open_spenders(self) -> None:
        """Show what the tokens of the rows in the table were spent on."""
        from flowtui.ui.tokens.token_screen import SpendersScreen  # noqa: PLC0415  once somebody asks

        self.push_screen(SpendersScreen())
        self.show_spenders()

    def show_spenders(self) -> None:
        """Draw the newest rows on the screen of tokens, where it is open."""
        if (screen := self.spenders) is not None:
            screen.show(self.dashboard.shown, self.dashboard.scene_rows)

    @property
    def gate(self) -> GateScreen | None:
        """The screen of the deploy gate, also while another one covers it."""
        found = (screen for screen in self.screen_stack if screen.name == bindings.GATE)
        return cast("GateScreen | None", next(found, None))

    def open_gate(self) -> None:
        """Show whether what came since a mark is worse than what was before."""
        from flowtui.ui.gate.gate_screen import GateScreen  # noqa: PLC0415  once somebody asks

        if self.gate is None:
            self.push_screen(GateScreen())
        self.show_gate()
        self.read_marks()  # a pipeline may have set one

    def _look_at_agents(self) -> None:
        """Somebody looks at what may show their deployments."""
        if self.connection is not None:
            self.connection.poller.look_at_agents()

    def show_gate(self) -> None:
        """Judge the newest picture on the screen of the deploy gate, where it is open."""
        if (screen := self.gate) is not None:
            screen.show(self.dashboard.newest)
            self._look_at_agents()

    def open_run(self, run: Run, tab: int | None = None) -> None:
        """Open a run on the whole screen, on a tab or on the one that the detail pane has."""
        from flowtui.ui.run.run_screen import RunScreen  # noqa: PLC0415  once somebody opens a run

        self.push_screen(RunScreen(run, self.dashboard.detail.tab if tab is None else tab))
        self.want(run)

    def step_run(self, run: Run, step: int) -> Run | None:
        """Go from an opened run to another line of the table, and return what is there; None beyond its ends."""
        other = self.dashboard.neighbour(run.key, step)
        if other is not None:
            self.dashboard.select(other.key)
            self.want(other)
        return other

    def action_command_line(self, begun: str = "") -> None:
        """Take a command by its name; the line begins with what is `begun`."""
        from flowtui.ui.commands.actions import CommandActions  # noqa: PLC0415  once somebody asks
        from flowtui.ui.commands.command_line import CommandLine  # noqa: PLC0415

        if self.screen.is_modal or self._dashboard is None or not self._dashboard.is_mounted:
            return
        self.push_screen(
            CommandLine(CommandActions(cast("FlowtuiApp", self)), list(self._said), self._keep_said, begun),
            self._do_said,
        )

    def _keep_said(self, line: str) -> None:
        from flowtui.ui.commands.command_line import remembered  # noqa: PLC0415  once somebody asks

        self._said = remembered(list(self._said), line)

    def _do_said(self, do: Callable[[], str] | None) -> None:
        wrong = do() if do is not None else ""
        if wrong:
            self.notify(wrong, severity="warning", markup=False)

    def action_command_palette(self) -> None:
        """Offer every command of where one is."""
        from flowtui.ui.commands.palette_screen import FlowtuiPalette  # noqa: PLC0415  once somebody asks

        if not isinstance(self.screen, FlowtuiPalette):
            self.push_screen(FlowtuiPalette(id="--command-palette"))

    def action_help(self) -> None:
        """Show the keys of where one is."""
        from flowtui.ui.commands.help_screen import HelpScreen  # noqa: PLC0415  once somebody asks

        here = _HELP_BELOW if self.screen is self._dashboard else _HELP.get(self.screen.name or "")
        if here is not None:
            self.push_screen(HelpScreen((*here, bindings.APP)))
