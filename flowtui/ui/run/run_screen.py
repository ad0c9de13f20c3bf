"""One run on the whole screen, live while it is open. Leaving it leads back to the same line of the table."""

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
from flowtui.ui.widgets.bar import Bar
from flowtui.ui.widgets.frame_titles import set_titles


class RunScreen(ViewScreen):
    """Shows one run in all its tabs."""

    BINDINGS = bindings.bindings(bindings.RUN)

    def __init__(self, run: Run, tab: int = 0) -> None:
        super().__init__("run")
        self.run = run
        self._tab = tab

    @property
    def tab(self) -> int:
        """The tab in sight."""
        return self.pane.tab if self._drawn else self._tab

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

    def prepare(self) -> None:
        """Set up the parts."""
        self.pane.tab = self._tab
        self.pane.body.focus()
        self.refresh_run(self.run)

    def refresh_run(self, run: Run) -> None:
        """Draw the run as it is now, or another one."""
        self.run = run
        self.tick()

    def tick(self) -> None:
        """Let a second pass."""
        if not self.ready:
            return
        app = self._app
        set_titles(self.query_one("#run-frame"), app.title_text(self.run.id))
        self.query_one("#foot", Bar).show(
            footer_line((bindings.RUN, bindings.APP), self.size.width, remapped=app.user_keys)
        )
        self.pane.show(app.opened_run(self.run), self._app.dashboard.cell_context())
        place = app.place
        where = [
            Span(" flowtui ", "badge"),
            Span(f" {place.profile}", "strong"),
            Span(f" {place.host}", "dim"),
            Span("  actions", "warn") if place.actions else Span("  read-only", "dim"),
            *([Span("  redacted", "warn")] if place.redacted else []),
        ]
        number, count = app.dashboard.place_of(self.run.key)
        line = [Span(f"run {number} of {count}  ", "dim")] if number else [Span("not in the table  ", "dim")]
        if app.is_watched(self.run.key):
            line.insert(0, Span("watched  ", "focus"))
        self.query_one("#head", Bar).show(
            ink.spread(where, [*line, Span(f"{self.run.id} ", "strong")], self.size.width)
        )

    def action_tab(self, tab: int) -> None:
        """Choose a tab, from 0."""
        self.pane.choose(tab)

    def action_step_tab(self, step: int) -> None:
        """Choose the next or previous tab."""
        self.pane.choose(self.pane.tab + step)

    def on_detail_pane_chosen(self) -> None:
        """Fetch what the chosen tab needs."""
        self._app.want(self.run)

    def action_step_run(self, step: int) -> None:
        """Go to the next or previous run of the table."""
        other = self._app.step_run(self.run, step)
        if other is not None:
            self.refresh_run(other)

    def action_older(self) -> None:
        """Read older messages."""
        self._app.want_older(self.run)

    def action_copy_menu(self) -> None:
        """Offer what can be copied of the run."""
        self._app.open_copy_menu(self.run)

    def action_report(self) -> None:
        """Save a report of the run."""
        self._app.save_report(self.run)

    def action_cancel_run(self) -> None:
        """Ask the API to cancel the run; asks first."""
        self._app.cancel_runs([self.run])

    def action_notify_run(self) -> None:
        """Notify of the run; a second time, take it back."""
        self._app.watch_runs([self.run])

    def action_open_url(self) -> None:
        """Open the page of the run in a browser."""
        self._app.open_in_browser(self.run)

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
