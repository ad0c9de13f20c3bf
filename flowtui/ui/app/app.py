"""The application: paints a first frame, imports the rest, connects, and hands the feed's updates to the screens.

It has no data about runs and no layout. It owns the session of the shown profile, and turns messages of screens into calls
of controllers. Modules that the first frame does not need are imported after it is painted.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.console import ConsoleDimensions
from textual import events, on
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.screen import Screen

from flowtui.config.key.environ import Environment
from flowtui.config.key.key import has_key_source
from flowtui.config.memory.memory import recall
from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.ui.app.first_frame import FirstFrame, history_reader, import_dashboard, resume_gc
from flowtui.ui.app.screens import SCREENS
from flowtui.ui.base import messages
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.base.workers import start_worker
from flowtui.ui.keys import bindings
from flowtui.ui.paint.theme import DEFAULT

if TYPE_CHECKING:
    from flowtui.model.state.snapshot import Update
    from flowtui.ui.app.connection import Connect, StartDemo
    from flowtui.ui.app.profiles import Profiles
    from flowtui.ui.app.session import Session
    from flowtui.ui.base.connection import Connection
    from flowtui.ui.base.view_screen import ViewScreen
    from flowtui.ui.commands.actions import Act
    from flowtui.ui.dashboard.dashboard import Dashboard
    from flowtui.ui.meter.probe import MeterProbe

_STYLES: Final = Path(__file__).with_name("flowtui.tcss")


class FlowtuiApp(AppBase):
    """flowtui's terminal application.

    `threads`: the only threads to poll; if empty, all. `start_demo`: starts the built-in simulator, which is polled if `demo`
    is True. `first_frame`: paint a plain frame first, before the dashboard is imported. `connect`: opens another feed.
    `connections`: those that were opened, the shown profile's last.
    """

    TITLE = "flowtui"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings.bindings(bindings.APP)]

    def __init__(
        self,
        settings: Settings,
        threads: Sequence[str] = (),
        *,
        start_demo: StartDemo | None = None,
        demo: bool = False,
        first_frame: bool = False,
        filter_text: str = "",
        profiles: Profiles | None = None,
        connect: Connect | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._welcomes = not demo and not has_key_source(settings, Environment(os.environ))
        newest = not (demo or threads or filter_text)  # whether the newest rows are the ones to show
        paints = first_frame and not self._welcomes
        self._first_frame = FirstFrame(history_reader(settings) if newest else None) if paints else None
        super().__init__(settings, now, None if self._first_frame else str(_STYLES))
        # Without a reported size, rich and Textual's driver assume different ones, and the layout would switch for ever.
        self.console.size = ConsoleDimensions(*shutil.get_terminal_size())
        if demo:
            self.host_label = replace(self.host_label, host="simulator")
        self._filter_text, self._profiles, self._held_before = filter_text, profiles, 0
        self._named = {settings.profile: tuple(threads)}
        self._start_demo, self._demo, self._open_connection = start_demo, demo, connect
        self.connections: list[Connection] = []
        self._session: Session | None = None
        self._meter: MeterProbe | None = None
        self._arguments: dict[str, str] = {}
        self._command_history: list[str] = []
        self._memory = recall(settings.profile)
        self._use_theme()
        if self.user_keys:
            self.set_keymap(self.user_keys)

    @property
    def held_notices(self) -> int:
        """How many notices wait for the end of the quiet hours, or waited for it when the user changed the profile."""
        return self._held_before + (0 if self._session is None else self._session.notifier.held)

    @property
    def session(self) -> Session:
        """The controllers and the dashboard of the shown profile; made on first use."""
        if self._session is None:
            from flowtui.ui.app.session import Session, services_of  # noqa: PLC0415  half of the time of all imports

            self._session = Session(
                self.settings,
                self._memory,
                services_of(self),
                screens=self._open_screens,
                profiles=self._profiles,
                switch=self.reconnect,
                filter_text=self._filter_text,
                demo=self._demo,
            )
            self.data = self._session.data
        return self._session

    @property
    def dashboard(self) -> Dashboard:
        """The dashboard, which is the lowest screen."""
        return self.session.dashboard

    def _open_screens(self) -> Sequence[ViewScreen]:
        """Return the open screens without dialogs, from the lowest; none during the shutdown."""
        from flowtui.ui.base.view_screen import ViewScreen  # noqa: PLC0415  after the first frame

        return [] if self.leaving else [each for each in self.screen_stack if isinstance(each, ViewScreen)]

    def _use_theme(self) -> None:
        wanted = self.settings.theme or self._memory.theme
        self.theme = wanted if wanted in self.theme_names else DEFAULT

    def watch_theme(self) -> None:
        """Repaint what screens keep as painted in the old theme's colours."""
        if self._session is not None:
            for screen in self._open_screens():
                screen.restyle()

    def get_default_screen(self) -> Screen[Any]:
        """Return the screen to start with: the welcome screen if there is no key, else the first frame or the dashboard."""
        if self._welcomes:
            from flowtui.ui.app.welcome import Welcome  # noqa: PLC0415  only without a key

            return Welcome()
        return self._first_frame or self.dashboard

    # -- connection --------------------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Start the timer that fires every second. Nothing slow is done here, but only after the first paint."""
        self.install_signal_handlers()
        self.set_class(self.settings.ascii, "-ascii")
        if self.settings.reduced_motion:
            self.animation_level = "none"
        self.set_interval(1.0, self._every_second)

    def on_first_paint(self) -> None:
        """Load the dashboard; if the welcome screen is shown, do not, but wait for the user."""
        super().on_first_paint()
        self.call_later(resume_gc if self._welcomes else self._begin)

    @on(messages.DemoRequested)
    async def _begin(self, message: messages.DemoRequested | None = None) -> None:
        """Replace the first frame by the dashboard, and connect. Keys pressed meanwhile wait for the dashboard."""
        if message is not None:
            if self._start_demo is None or self._demo:
                return
            self._demo = True
        self._connect()
        if self._session is None or self.screen is not self.dashboard:
            await asyncio.to_thread(import_dashboard)
            if not self.stylesheet.has_source(str(_STYLES)):
                self.stylesheet.read(_STYLES)
            if self._first_frame is not None:
                await self._first_frame.wait_for_rows()
            await self.push_screen(self.dashboard)  # Textual cannot switch the first screen
        self.session.state_file.report_trouble()
        if self._first_frame is not None and not self.leaving:
            await self.queued_keys.add(self._first_frame.take_held(), first=True)

    def _connect(self) -> None:
        start_worker(self, self._run_connection, "connection", exclusive=True)

    async def _run_connection(self) -> None:
        """Connect, then hand every update to the screens until this worker is cancelled."""
        from flowtui.ui.app.connection import connect, follow  # noqa: PLC0415  after the first frame

        try:
            start_demo = self._start_demo if self._demo else None
            threads = self._named.get(self.settings.profile, ())
            opening = self._open_connection or connect
            connection = await opening(self.settings, threads, start_demo, self.now)
        except FlowtuiError as error:
            self.trouble = str(error)
            self.session.redraw()  # there are no rows yet, so this draws the reason
            return
        finally:
            resume_gc()
        self.trouble, self.host_label = "", connection.host_label
        self.connections.append(connection)
        await follow(connection, import_dashboard, lambda: self.session, self._update)

    def _update(self, session: Session, update: Update) -> None:
        if self._meter is not None and update.received is not None:
            self._meter.body_came(update.received)
        if not self.leaving:
            session.update(update)
        if self._first_frame is not None:
            self._first_frame.saw(update)

    def _every_second(self) -> None:
        if self.leaving:
            return
        self.exit_if_terminal_gone()
        if self._session is not None:
            self._session.tick()
        if self._meter is not None:
            self._meter.tick()

    async def reconnect(self, settings: Settings) -> None:
        """Drop all data of the current profile, and connect with other settings."""
        from flowtui.ui.app.session import GROUPS  # noqa: PLC0415  after the first frame

        for group in ("connection", *GROUPS):
            self.workers.cancel_group(self, group)
        self.trouble, self._held_before = "", self.held_notices
        self.use_settings(settings)
        self._memory, self._filter_text = recall(settings.profile), settings.filter or ""
        self._session = None  # a new screen and new controllers, so that nothing of the old profile is left
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self._use_theme()
        await self.push_screen(self.dashboard)
        self.session.state_file.report_trouble()
        self._connect()

    # -- messages of screens: about runs -----------------------------------------------------------------------

    @on(messages.RunOpened)
    def _open_run(self, message: messages.RunOpened) -> None:
        from flowtui.ui.run.run_screen import RunScreen  # noqa: PLC0415  on first use

        tab = self.dashboard.first_tab(message.run) if message.tab is None else message.tab
        self.push_screen(RunScreen(message.run, tab))

    @on(messages.DetailsNeeded)
    @on(messages.OlderMessagesRequested)
    def _fetch(self, message: messages.DetailRequest) -> None:
        self.session.fetch(message)

    @on(messages.CancelRequested)
    def _cancel(self, message: messages.CancelRequested) -> None:
        start_worker(self, partial(self.session.cancelling.cancel, message.runs), "cancel")

    @on(messages.WatchRequest)
    def _watch(self, message: messages.WatchRequest) -> None:
        self.session.notifier.handle(message)

    @on(messages.SaveRequest)
    def _copy_or_save(self, message: messages.SaveRequest) -> None:
        self.session.saving.handle(message)

    @on(messages.ExportRequested)
    def action_export(self, message: messages.ExportRequested | None = None) -> None:
        """Save the rows of the table, or open the menu of export formats."""
        self.session.saving.handle(message or messages.ExportRequested())

    @on(messages.PageRequested)
    def _open_page(self, message: messages.PageRequested) -> None:
        self.session.open_page(message, self.open_url if self.is_web or self.is_headless else None)

    # -- messages of screens: about the feed, the view and marks -----------------------------------------------

    @on(messages.RefreshRequested)
    def _refresh(self, message: messages.RefreshRequested) -> None:
        """Poll again. If connecting has failed, connect again instead."""
        if self.trouble:
            self.trouble = ""
            self.dashboard.redraw()
            self._connect()
        else:
            self.session.change_feed(message)

    @on(messages.PaceChanged)
    @on(messages.AgentsNeeded)
    @on(messages.WholeThreadsNeeded)
    @on(messages.ColumnsShown)
    def _change_feed(self, message: messages.FeedRequest) -> None:
        self.session.change_feed(message)

    @on(messages.RunPointed)
    def _point(self, message: messages.RunPointed) -> None:
        self.dashboard.select(message.key)

    @on(messages.ViewRequest)
    def _show_view(self, message: messages.ViewRequest) -> None:
        self.dashboard.handle(message)

    @on(messages.ChoiceMade)
    def _remember(self, message: messages.ChoiceMade) -> None:
        self.session.state_file.handle(message)

    @on(messages.ThemeChosen)
    def _choose_theme(self, message: messages.ThemeChosen) -> None:
        self.theme = message.name
        self._remember(messages.ChoiceMade({"theme": message.name}))

    @on(messages.ProfileChosen)
    def action_profiles(self, message: messages.ProfileChosen | None = None) -> None:
        """Switch to the chosen profile, or open the menu of profiles."""
        self.session.switcher.handle(message or messages.ProfileChosen())

    @on(messages.MarksNeeded)
    @on(messages.MomentMarked)
    def _handle_marks(self, message: messages.MarkRequest) -> None:
        self.session.deploy_marks.handle(message)

    # -- screens -----------------------------------------------------------------------------------------------

    @on(messages.ScreenRequested)
    def action_show_screen(self, request: messages.ScreenRequested | str) -> None:
        """Open a screen by its name; if it is open, go back to it and bring it up to date."""
        name, argument = (request, "") if isinstance(request, str) else (request.name, request.argument)
        argument = self._arguments[name] = argument or self._arguments.get(name, "")
        found = next((screen for screen in self._open_screens() if screen.name == name), None)
        if found is None:
            self.push_screen(SCREENS[name](argument))
        else:
            while self.screen is not found:
                self.pop_screen()
            found.renew(argument)

    def pop_screen(self) -> AwaitComplete:
        """Close the top screen, but never the dashboard: a closing key pressed twice would close the dashboard too."""
        if self._session is not None and self.screen is self.dashboard:
            return AwaitComplete()
        return super().pop_screen()

    @on(messages.CommandLineRequested)
    def action_command_line(self, message: messages.CommandLineRequested | None = None) -> None:
        """Open the command line, with a begun text if a screen asks for it."""
        from flowtui.ui.commands.actions import CommandActions  # noqa: PLC0415  on first use
        from flowtui.ui.commands.command_line import CommandLine  # noqa: PLC0415

        if self.screen.is_modal or self._session is None or not self.dashboard.is_mounted:
            return
        names = self._profiles.names if self._profiles is not None else None
        actions, begun = CommandActions(self, self.dashboard), message.begun if message is not None else ""
        self.push_screen(CommandLine(actions, self._command_history, names, begun), self._run_command)

    def _run_command(self, command: Act | None) -> None:
        if command is not None and (wrong := command()):
            self.say(wrong, severity="warning")

    def action_command_palette(self) -> None:
        """Open the command palette, with all commands of the current screen."""
        from flowtui.ui.commands.palette import offers_of  # noqa: PLC0415  on first use
        from flowtui.ui.commands.palette_screen import PaletteScreen  # noqa: PLC0415

        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen(offers_of(self, self.screen)))

    def action_help(self) -> None:
        """Open the help, with all keys of the current screen."""
        from flowtui.ui.commands.help_screen import HelpScreen  # noqa: PLC0415  on first use
        from flowtui.ui.commands.palette import nearest_first  # noqa: PLC0415

        if self._open_screens()[-1:] == [self.screen]:
            places = (*self._open_screens()[-1].PLACES, bindings.APP)
            self.push_screen(HelpScreen(nearest_first(self.screen, places)))

    def action_picture(self) -> None:
        """Save a screenshot in the folder where flowtui was started."""
        picture = self.export_screenshot()
        self.session.saving.save("screen", "svg", lambda: (picture,), "the picture")

    # -- events and measurements -------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note what the user does: rows keep their places for some seconds after a key, and absences are reported."""
        if isinstance(event, events.Key | events.Paste):
            self.last_key_at = self.now()
        if self._session is not None and not self.leaving:
            self._session.notifier.saw(event)
        handled = None
        if self._meter is not None and isinstance(event, events.Key) and not event.is_forwarded:
            handled = self._meter.key_began(event.time)
        await super().on_event(event)
        if handled is not None:
            handled()

    async def action_measure(self) -> None:
        """Open the panel of the meter and start measuring; a second time, close it and stop."""
        from flowtui.ui.meter.probe import toggle  # noqa: PLC0415  on first use

        self._meter = await toggle(self, self._meter, self.session.meter_lines)
