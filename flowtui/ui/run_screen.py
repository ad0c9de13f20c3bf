"""One run on the whole screen, live while it is open. Leaving it leads back to the same line of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen

from flowtui.model.run import Run
from flowtui.ui import ink, keys
from flowtui.ui.bar import Bar
from flowtui.ui.detail_pane import DetailPane
from flowtui.ui.foot import foot_line
from flowtui.ui.ink import Span
from flowtui.ui.sheet import Opened

if TYPE_CHECKING:
    from flowtui.ui.app import FlowtuiApp


class RunScreen(Screen[None]):
    """Shows one run in all its tabs."""

    BINDINGS = keys.bindings(keys.RUN)

    def __init__(self, run: Run, tab: int = 0) -> None:
        super().__init__(name="run")
        self.run = run
        self._tab = tab
        self._drawn = False

    @property
    def _app(self) -> FlowtuiApp:
        return cast("FlowtuiApp", self.app)

    @property
    def pane(self) -> DetailPane:
        """The pane with the tabs."""
        return self.query_one(DetailPane)

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield Bar(id="head")
        with Container(id="run-frame", classes="frame"):
            yield DetailPane()
        yield Bar(id="foot")

    def on_mount(self) -> None:
        """Draw what is known at once."""
        self._drawn = True
        self.pane.tab = self._tab
        self.pane.body.focus()
        self.query_one("#run-frame").border_title = self._app.title_text(self.run.id)
        self.refresh_run(self.run)

    def refresh_run(self, run: Run) -> None:
        """Draw the run as it is now."""
        self.run = run
        self.tick()

    def tick(self) -> None:
        """Let a second pass."""
        if not self._drawn or not self.is_current or self._app.leaving:
            return  # not there yet, or on its way out: its parts go one by one
        app = self._app
        opened = app.opened.get(self.run) if app.opened is not None else Opened(self.run)
        self.query_one("#foot", Bar).show(
            foot_line((keys.RUN, keys.APP), self.size.width, remapped=app.settings.keys)
        )
        self.pane.show(opened, self._app.dashboard.cell_context())
        where = [
            Span(" flowtui ", "badge"),
            Span(f" {app.place.profile}", "strong"),
            Span(f" {app.place.host}", "dim"),
        ]
        self.query_one("#head", Bar).show(
            ink.spread(where, [Span(f"{self.run.id} ", "strong")], self.size.width)
        )

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.tick)

    def action_tab(self, tab: int) -> None:
        """Choose a tab, from 0."""
        self.pane.choose(tab)

    def action_step_tab(self, step: int) -> None:
        """Choose the next or previous tab."""
        self.pane.choose(self.pane.tab + step)

    def action_copy(self) -> None:
        """Copy the run's id."""
        self._app.copy(self.run.raw_id)

    def action_refresh(self) -> None:
        """Fetch the run again."""
        self._app.want(self.run, again=True)
        self._app.refresh_runs(self.run.thread_key)

    def action_close(self) -> None:
        """Go back to the table."""
        self._app.pop_screen()
