"""The run screen: one run with all its tabs, updated while it is open."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from flowtui.model.run.row import Run
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.keys import bindings
from flowtui.ui.keys.footer import footer_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span
from flowtui.ui.run.detail_pane import DetailPane
from flowtui.ui.terminal.partial_paint import set_titles
from flowtui.ui.widgets.bar import Bar


class RunScreen(ViewScreen):
    """Shows one run in a detail pane, on a screen of its own. `tab` is the index of the tab that is shown first."""

    BINDINGS = bindings.bindings(bindings.RUN)

    def __init__(self, run: Run, tab: int = 0) -> None:
        super().__init__("run")
        self.run = run
        self._tab = tab

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
            yield DetailPane()
        yield Bar(id="footer")

    def prepare(self) -> None:
        """Choose the first tab, give its lines the focus, and draw."""
        self.pane.tab = self._tab
        self.pane.body.focus()
        self.refresh_run(self.run)

    def refresh_run(self, run: Run) -> None:
        """Show `run`: the shown run with newer data, or another run."""
        self.run = run
        self.tick()

    def tick(self) -> None:
        if not self.ready:
            return
        app = self._app
        set_titles(self.query_one("#run-frame"), app.title_text(self.run.id))
        self.query_one("#footer", Bar).show(
            footer_line((bindings.RUN, bindings.APP), self.size.width, remapped=app.user_keys)
        )
        self.pane.show(app.opened_run(self.run), self._app.dashboard.cell_context())
        number, count = app.dashboard.place_of(self.run.key)
        line = [Span(f"run {number} of {count}  ", "dim")] if number else [Span("not in the table  ", "dim")]
        if app.is_watched(self.run.key):
            line.insert(0, Span("watched  ", "focus"))
        self.query_one("#header", Bar).show(
            ink.spread(app.host_label.spans, [*line, Span(f"{self.run.id} ", "strong")], self.size.width)
        )

    def action_tab(self, tab: int) -> None:
        """Show a tab, counted from 0."""
        self.pane.choose(tab)

    def action_step_tab(self, step: int) -> None:
        """Show the next tab (1) or the previous one (-1)."""
        self.pane.choose(self.pane.tab + step)

    def on_detail_pane_chosen(self) -> None:
        """Fetch what the chosen tab needs."""
        self._app.fetch_details(self.run)

    def action_step_run(self, step: int) -> None:
        """Show the next run of the table (1) or the previous one (-1)."""
        other = self._app.step_run(self.run, step)
        if other is not None:
            self.refresh_run(other)

    def action_older(self) -> None:
        """Read older messages of the run's thread."""
        self._app.fetch_older_messages(self.run)

    def action_copy_menu(self) -> None:
        """Open the copy menu of the run."""
        self._app.open_copy_menu(self.run)

    def action_report(self) -> None:
        """Save a Markdown report of the run."""
        self._app.save_report(self.run)

    def action_cancel_run(self) -> None:
        """Cancel the run after a confirmation."""
        self._app.cancel_runs([self.run])

    def action_notify_run(self) -> None:
        """Watch the run: a notice comes when the run ends or looks wrong. A second press ends the watch."""
        self._app.watch_runs([self.run])

    def action_open_url(self) -> None:
        """Open the page of the run in a browser."""
        self._app.open_in_browser(self.run)

    def action_copy(self) -> None:
        """Copy the run's id."""
        self._app.copy(self.run.raw_id)

    def action_refresh(self) -> None:
        """Fetch the details of the run again, and poll its thread now."""
        self._app.fetch_details(self.run, again=True)
        self._app.refresh_runs(self.run.thread_key)

    def action_close(self) -> None:
        """Go back to the table."""
        self._app.pop_screen()
