"""Base classes of the screens and the dialogs over the dashboard.

A screen draws when it opens, when it comes to the front again, for a new size, for each update and every second. The
application finds the screens on its stack: a screen that is open gets all of this without being registered. A closed
dialog ignores timers and delayed calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.dom import DOMNode
from textual.screen import ScreenResultType

from flowtui.ui.base import messages
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.keys.bindings import AGENT
from flowtui.ui.terminal.partial_paint import PartialPaintDialog, PartialPaintScreen

if TYPE_CHECKING:
    from flowtui.model.run.row import Run, RunKey
    from flowtui.model.state.snapshot import Update
    from flowtui.ui.base.view_data import ShownRuns


class ViewScreen(PartialPaintScreen):
    """A screen that shows the newest data of `app.data`.

    `prepare` runs once, `update` for each update, `tick` every second; `tick` draws if `ready`. `PLACES` are the parts of the
    screen whose keys the help lists. `run` is the run that keys act on.
    """

    app: AppBase
    PLACES: ClassVar[Sequence[str]] = ()

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self._drawn = False
        self._draws_asked: Counter[Callable[[], None]] = Counter()

    @property
    def ready(self) -> bool:
        """Whether the screen may draw: not while its widgets are still being created or already being removed."""
        return self._drawn and self.is_current and not self.app.leaving

    @property
    def shown(self) -> ShownRuns:
        """What the dashboard shows."""
        return self.app.data.dashboard

    @property
    def parts(self) -> Mapping[str, DOMNode]:
        """Each part of the screen that has keys, and the widget that has their actions. At first: the screen itself."""
        return {self.PLACES[0]: self}

    def prepare(self) -> None:
        """Set up the widgets, which are mounted now."""

    def update(self, update: Update) -> None:
        """Draw a new snapshot, which `app.data` already has."""
        del update
        self.catch_up()

    def tick(self) -> None:
        """Draw what depends on the time; at first nothing does."""

    def redraw(self, *, at_once: bool = False) -> None:
        """Draw everything again. `at_once`: do not wait until the user presses no more keys; at first there is no wait."""
        del at_once
        self.tick()

    def catch_up(self) -> None:
        """Draw the newest data."""
        self.tick()

    def renew(self, argument: str) -> None:
        """Show another argument, because the user has opened the screen again."""

    def restyle(self) -> None:
        """Repaint what is kept as painted, after a change of colours."""

    def on_mount(self) -> None:
        """Set up the widgets, then draw."""
        self._drawn = True
        self.prepare()
        self.draw_soon(self.catch_up)

    def on_screen_resume(self) -> None:
        """Draw what changed while another screen was in front."""
        if self._drawn:
            self.draw_soon(self.catch_up)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.draw_soon(self.catch_up)

    def draw_soon(self, draw: Callable[[], None]) -> None:
        """Draw after the next paint, once for all that ask for it until then: a screen that opens gets several sizes."""
        self._draws_asked[draw] += 1
        self.call_after_refresh(self._draw_if_last, draw, self._draws_asked[draw])

    def _draw_if_last(self, draw: Callable[[], None], number: int) -> None:
        if number == self._draws_asked[draw]:
            draw()

    # -- what keys act on --------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """The run under the cursor; None if the screen has none."""
        return None

    @property
    def targets(self) -> Sequence[Run]:
        """The runs to cancel or to watch: at first the run under the cursor."""
        return [self.run] if self.run is not None else []

    @property
    def failures(self) -> Sequence[Run | None]:
        """Runs on the screen that may have failed, so that their reasons are fetched; the most important first."""
        return ()

    @property
    def details(self) -> messages.DetailsNeeded | None:
        """The run and the tab that the screen shows; None: the screen shows no details of a run."""
        return None

    @property
    def held(self) -> Iterable[RunKey]:
        """The runs that must stay in memory as long as the screen shows them. Called at any time."""
        if not (self._drawn and self.is_mounted):
            return ()
        shown = [*self.failures, self.run, self.details.run if self.details is not None else None]
        return [run.key for run in shown if run is not None]

    @property
    def conversation(self) -> Run | None:
        """The run whose messages are in sight; None: no messages are."""
        return None

    def draw_details(self) -> None:
        """Draw the details of the shown run again; at first: everything."""
        self.tick()

    def action_copy(self) -> None:
        """Copy the id of the run."""
        if self.run is not None:
            self.post_message(messages.CopyRequested(self.run.raw_id))

    def action_copy_menu(self) -> None:
        """Open the copy menu of the run."""
        if self.run is not None:
            self.post_message(messages.CopyMenuRequested(self.run))

    def action_report(self) -> None:
        """Save a Markdown report of the run."""
        if self.run is not None:
            self.post_message(messages.ReportRequested(self.run))

    def action_open_url(self) -> None:
        """Open the page of the run in a browser."""
        if self.run is not None:
            self.post_message(messages.PageRequested(self.run))

    def action_open(self) -> None:
        """Open the run on a screen of its own."""
        if self.run is not None:
            self.post_message(messages.RunOpened(self.run))

    def action_open_agent(self) -> None:
        """Open the page of the run's agent."""
        agent = self.run.agent_id if self.run is not None else ""
        self._open_agent(agent)

    def _open_agent(self, agent: str) -> None:
        """Open the page of an agent (id); "" if a run names none."""
        if agent:
            self.post_message(messages.ScreenRequested(AGENT, agent))
        else:
            self.app.say("This run names no agent" if self.run is not None else "No run is chosen", timeout=2)

    def action_cancel_runs(self) -> None:
        """Cancel the targets. The user is asked first."""
        self.post_message(messages.CancelRequested(self.targets))

    def action_notify_run(self) -> None:
        """Watch the targets: a notice comes when one ends or looks wrong. A second press ends the watch."""
        self.post_message(messages.WatchToggled(self.targets))

    def action_refresh_all(self) -> None:
        """Poll all threads now."""
        self.post_message(messages.RefreshRequested())

    def action_name_moment(self) -> None:
        """Open the command line with `mark ` in it; the user types a name, which marks that moment."""
        self.post_message(messages.CommandLineRequested("mark "))

    def action_leave(self) -> None:
        """Go back to the screen below."""
        self.app.pop_screen()


class Dialog(PartialPaintDialog[ScreenResultType]):
    """A dialog over the current screen.

    Once it is closed, delayed calls are skipped: its widgets are removed before the dialog itself.
    """

    app: AppBase

    def after_paint(self, do: Callable[[], None]) -> None:
        """Call `do` after the next paint, unless the dialog is closed by then."""
        self.call_after_refresh(self._unless_closed, do)

    def every(self, seconds: float, do: Callable[[], None]) -> None:
        """Call `do` every `seconds` until the dialog is closed."""
        self.set_interval(seconds, partial(self._unless_closed, do))

    def _unless_closed(self, do: Callable[[], None]) -> None:
        if self.is_current:
            do()
