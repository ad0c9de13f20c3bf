"""All controllers and the dashboard of one profile. Another profile gets a new session."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from textual.screen import Screen

from flowtui.config.key.environ import environ_without_key
from flowtui.config.memory.marks import Owner, owner_of
from flowtui.config.memory.memory import Memory
from flowtui.config.settings import Settings
from flowtui.formatting import parse_zone
from flowtui.model.answers.run.earlier import last_completed
from flowtui.model.columns.path_columns import known_names, path_names
from flowtui.model.run.row import RunKey
from flowtui.model.state.letting_go import EveryRun, Held
from flowtui.model.state.snapshot import Update
from flowtui.ui.actions.browser import launch_browser, open_page
from flowtui.ui.actions.cancel import CancelController
from flowtui.ui.actions.save import Saving
from flowtui.ui.app.late_updates import LateUpdates
from flowtui.ui.app.profiles import Profiles, ProfileSwitcher
from flowtui.ui.app.remembering import Remembering
from flowtui.ui.app.state_file import StateFile
from flowtui.ui.base import messages
from flowtui.ui.base.answer_data import AnswerData
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.base.connection import Connection
from flowtui.ui.base.past_reader import PastReader
from flowtui.ui.base.services import Services, T
from flowtui.ui.base.view_data import ViewData
from flowtui.ui.base.view_screen import ViewScreen
from flowtui.ui.base.workers import cancel_workers, start_worker
from flowtui.ui.dashboard.dashboard import Dashboard
from flowtui.ui.dashboard.failure_reasons import FailureReasons
from flowtui.ui.events.notifier import Notifier
from flowtui.ui.gate.deploy_marks import DeployMarks
from flowtui.ui.meter.meter import Meter, resident_memory
from flowtui.ui.meter.rows import history_lines, meter_lines, polling_lines
from flowtui.ui.paint.ink import Line
from flowtui.ui.run.fetcher import DetailFetcher
from flowtui.ui.run.live_follower import LiveFollower

if TYPE_CHECKING:
    from flowtui.ui.widgets.confirm import Ask


def services_of(app: AppBase) -> Services:
    """Return the services of the application. During the shutdown nothing is written."""

    def ask(dialog: Screen[T], answered: Callable[[T | None], None]) -> None:
        app.push_screen(dialog, answered)

    return Services(
        say=app.say,
        start=partial(start_worker, app),
        end=lambda group: None if app.leaving else cancel_workers(app, group),
        ask=ask,
        after=app.set_timer,
        write=lambda text: None if app.leaving else app.write_to_terminal(text),
        redraw=lambda: None,
        now=app.now,
    )


GROUPS: Final = (
    "answers",
    "history",
    "live",
    "marks",
    "notices",
    "opened",
    "older",
    "past",
    "reasons",
    "setting",
    "verdicts",
    "webhook",
)
"""The groups of workers that end with a session."""


class Session:
    """What belongs to one profile. `data`: what its screens draw.

    `screens`: returns the open screens, from the lowest. `switch`: shows another profile. `demo`: the server is not known
    before there is a connection.
    """

    def __init__(
        self,
        settings: Settings,
        memory: Memory,
        services: Services,
        *,
        screens: Callable[[], Sequence[ViewScreen]],
        profiles: Profiles | None,
        switch: Callable[[Settings], Awaitable[None]],
        filter_text: str = "",
        demo: bool = False,
    ) -> None:
        services = replace(services, redraw=self.redraw)
        self._settings, self._services, self._screens, self._demo = settings, services, screens, demo
        self.connection: Connection | None = None
        zone, redact = parse_zone(settings.tz), settings.redact
        self._late = LateUpdates(self._take_late)
        self.past = PastReader(services)
        self.remembering = Remembering(services, self._late.hand_over, self._past_grown)
        self.dashboard = board = Dashboard(filter_text, memory, settings.views)
        self.state_file = StateFile(services, settings.profile, memory)
        self.switcher = ProfileSwitcher(services, profiles, settings.profile, switch)
        self.reason_fetcher = FailureReasons(services.start, redact=redact, past=self.past)
        self.answers = AnswerData(services, self.past, lambda: self.reason_fetcher.known, redact=redact)
        self.live = LiveFollower(services, self._draw_details, on=settings.live_text, redact=redact)
        self.fetcher = DetailFetcher(
            services,
            lambda: board.snapshot,
            board.compared_with,
            redact=redact,
            last=lambda run: last_completed(run, board.cell_context()),
            live=self.live.get,
        )
        self.deploy_marks = DeployMarks(services, self._marks_owner, zone, self._marks_changed)
        self.notifier = self._notifier(services)
        self.saving = Saving(services, board, self.fetcher.opened, lambda: self.server_settings)
        self.cancelling = self._cancel_controller(services)
        self.data = ViewData(
            self.dashboard,
            self.notifier,
            self.deploy_marks,
            self.fetcher,
            lambda: self.reason_fetcher.known,
            self.cancelling.state_texts,
            lambda: self.reason_fetcher.counts,
            self.past,
            self.answers,
        )

    def _past_grown(self) -> None:
        """Have open screens read the past again: what they show rests on less than can be read now."""
        self.past.grown += 1
        self.answers.ask_again()

    def _cancel_controller(self, services: Services) -> CancelController:
        return CancelController(
            allowed=self._settings.allow_actions,
            feed=lambda: self.connection.feed if self.connection is not None else None,
            confirm=self._confirm,
            show_message=self.notifier.note_cancellation,
            changed=services.redraw,
            now=services.now,
        )

    def _notifier(self, services: Services) -> Notifier:
        settings, context, fetch = self._settings, self.dashboard.cell_context, self.reason_fetcher.fetch
        zone = parse_zone(settings.tz)
        return Notifier(
            services, settings.notify, zone, context, fetch, run_url=settings.run_url, past=self.past
        )

    def connect(self, connection: Connection) -> None:
        """Use this connection from now on."""
        history = connection.history
        self.connection = connection
        connection.feed.hold = self._held
        self.past.connect(history)
        connection.feed.paths = path_names(known_names(self.dashboard.columns.names))
        self.fetcher.connect(connection.feed)
        self.live.connect(connection.feed)
        self.reason_fetcher.connect(connection.feed, history.recorder if history is not None else None)
        self.notifier.connect(connection.environ, connection.webhook)
        self.deploy_marks.read()
        self.remembering.connect(connection)

    def _held(self) -> Container[RunKey]:
        """Return the runs that must stay in memory: on a screen, selected, compared, watched, or with a reason to fetch."""
        dashboard = self.dashboard
        if dashboard.snapshot is None:
            return EveryRun()
        keys = {*self.notifier.watched, *self.reason_fetcher.held}
        for screen in self._screens():
            keys.update(screen.held)
        return Held(dashboard.snapshot, keys)

    def hurries(self) -> bool:
        """Whether updates are drawn without a pause: until the dashboard shows rows, and while those of the history come in."""
        return self.remembering.restoring or not (self._dashboard_open and len(self.dashboard.table.rows))

    @property
    def _dashboard_open(self) -> bool:
        # It counts as mounted even after it was removed.
        return self.dashboard.drawable and self.dashboard in self._screens()

    # -- updates and seconds -----------------------------------------------------------------------------------

    def update(self, update: Update) -> None:
        """Hand an update to the controllers and to all open screens, the dashboard first: others draw its rows."""
        self.remembering.update(update)
        self.cancelling.update(update.snapshot)
        self.answers.update(update)
        at_once = not self.remembering.restoring and not self._late
        if at_once:
            self._note(update)
        self.dashboard.update(update)
        if at_once:
            self.notifier.record(update)
        else:
            self._late.add(update)
        screens = self._screens()
        for screen in screens:
            if screen is not self.dashboard:
                screen.update(update)
        self._fetch_shown(screens)

    def _note(self, update: Update) -> None:
        """Take note of failed runs, and of which run came before which."""
        self.reason_fetcher.update(update)
        self.dashboard.follow_lineage(update)

    def _take_late(self, update: Update) -> None:
        self._note(update)
        self.notifier.record(update)

    def tick(self) -> None:
        """Update what depends on the time, and fetch what the screens show. Called every second."""
        self.remembering.tick()
        self.notifier.tick()
        self.redraw()
        self._fetch_shown(self._screens(), active=True)

    def redraw(self) -> None:
        """Draw all open screens again."""
        for screen in self._screens():
            screen.tick()

    def _draw_details(self) -> None:
        screens = self._screens()
        if screens:
            screens[-1].draw_details()

    def fetch(self, message: messages.DetailRequest) -> None:
        """Fetch what a screen needs, and follow the text of a running run whose messages it shows."""
        self.fetcher.handle(message)
        self._follow_shown(self._screens())

    def _follow_shown(self, screens: Sequence[ViewScreen]) -> None:
        self.live.follow(screens[-1].conversation if screens else None)

    def _fetch_shown(self, screens: Sequence[ViewScreen], *, active: bool = False) -> None:
        """Fetch details of the shown run, and why a run failed: of those on a screen, or that a watch waits for. `active`: details of active runs only.

        An active run gets new messages between two polls of its thread.
        """
        if not self.remembering.restoring:  # the rows come first; what finds reasons takes 0.1 s to import
            shown = (screen.failures for screen in screens)
            self.reason_fetcher.fetch_next(chain(*shown, self.notifier.awaited), self.dashboard.snapshot)
        wanted = next((wanted for screen in reversed(screens) if (wanted := screen.details)), None)
        if wanted is not None and (wanted.run.active or not active):
            self.fetcher.handle(wanted)
        self._follow_shown(screens)

    # -- what controllers need ---------------------------------------------------------------------------------

    @property
    def server_settings(self) -> Settings:
        """The settings that the connection uses; in the demo these have the simulator's address."""
        return self.connection.settings if self.connection is not None else self._settings

    async def _confirm(self, ask: Ask) -> bool:
        from flowtui.ui.widgets.confirm import ConfirmScreen  # noqa: PLC0415  on first use

        answer: asyncio.Future[bool | None] = asyncio.get_running_loop().create_future()
        self._services.ask(ConfirmScreen(ask), answer.set_result)
        return bool(await answer)

    def _marks_owner(self) -> Owner | None:
        """Return whose marks to show: a server and an account. The address of the demo's server is always new."""
        return None if self._demo and self.connection is None else owner_of(self.server_settings)

    def _marks_changed(self) -> None:
        if self._dashboard_open:
            self.dashboard.redraw()
        for screen in self._screens():
            screen.catch_up()

    def open_page(self, message: messages.PageRequested, launch: Callable[[str], None] | None) -> None:
        """Open a run's page with `launch`; None: in a process without the API key in its environment."""
        if self.connection is not None:
            environ = self.connection.environ
        else:
            names = (self._settings.api_key_env, *self._settings.key_names)
            environ = environ_without_key(os.environ, "", *names)
        own = partial(launch_browser, environ)
        open_page(message.run, self._settings.run_url, launch or own, self._services.say)

    def change_feed(self, message: messages.FeedRequest) -> None:
        """Change what is polled, or how often; without a connection, do nothing."""
        if self.connection is None:
            return
        feed = self.connection.feed
        match message:
            case messages.RefreshRequested():
                feed.refresh(message.thread)
            case messages.PaceChanged():
                feed.interval = min(60.0, max(0.5, feed.interval * message.factor))
                self._services.say(f"Active threads are polled every {feed.interval:g}s", timeout=2)
            case messages.AgentsNeeded():
                feed.look_at_agents()
            case messages.WholeThreadsNeeded():
                feed.read_whole(message.keys)
            case messages.ColumnsShown():
                feed.paths = path_names(known_names(message.choice.names))

    def meter_lines(self, meter: Meter, now: float, written: int | None) -> Sequence[Line]:
        """Return the lines of the meter's panel at `now`, in monotonic seconds. `written`: bytes to the terminal."""
        traffic = self.connection.feed.traffic() if self.connection is not None else None
        requests = (traffic.requests, traffic.total) if traffic is not None else None
        found = meter.read(now, resident=resident_memory(), requests=requests, written=written)
        zone, kept = parse_zone(self._settings.tz), self.remembering
        polling = polling_lines(traffic.coverage if traffic is not None else None, zone)
        if not self._settings.remember:
            return [*meter_lines(found), *polling]
        kept.look()
        at = self._services.now()
        remembered = history_lines(kept.facts, kept.trouble, at, zone, read=kept.looked)
        return [*meter_lines(found), *polling, *remembered]
