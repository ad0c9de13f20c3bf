"""The application: paints a first frame, imports the rest, connects, and hands the poller's updates to the screens.

It has no data about runs and no layout. If connecting fails, a line on the screen says why. Modules that the first
frame does not need are imported after it is painted.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.console import ConsoleDimensions
from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer

from flowtui.config.key.environ import Environment
from flowtui.config.key.key import has_key_source
from flowtui.config.memory.memory import recall, remember
from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.formatting import parse_zone
from flowtui.ui.app.first_frame import FirstFrame
from flowtui.ui.base.host_label import host_label_of
from flowtui.ui.keys import bindings
from flowtui.ui.keys.renamed import current_ids
from flowtui.ui.meter.probe import MeterApp
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import ASCII, UNICODE
from flowtui.ui.paint.theme import DEFAULT, THEMES, Palette, own_variables

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.screen import Screen

    from flowtui.model.run.row import Run
    from flowtui.model.state.snapshot import Update
    from flowtui.model.view.view import View
    from flowtui.ui.app.connection import StartDemo
    from flowtui.ui.app.profiles import Profiles
    from flowtui.ui.base.connection import Connection
    from flowtui.ui.dashboard.dashboard import Dashboard

FRAME: Final = 0.05
"""The shortest time between two paints, in seconds. Updates that come faster are drawn together."""

_REST: Final = 2.0
"""The pause after an update is this multiple of its drawing time, so that keys are handled even at 100,000 runs."""

_SETTLES_IN: Final = 1.0  # seconds from the last change of the sort order until it is written to disk
_STYLES: Final = Path(__file__).with_name("flowtui.tcss")


def pause_after(took: float) -> float:
    """Return the seconds to wait before the next update is drawn, if drawing the last one took `took` seconds."""
    return max(FRAME, _REST * took)


def _commands() -> type[Provider]:
    from flowtui.ui.commands.palette import Commands  # noqa: PLC0415  on first use

    return Commands


class FlowtuiApp(MeterApp):
    """flowtui's terminal application.

    `threads` are the only threads to poll; if empty, all threads are polled. `start_demo` is a function that starts the
    built-in simulator. If `demo` is True, it is called and the simulator is polled instead of a server. If
    `first_frame` is True, a plain frame is painted first, before the dashboard is imported.
    """

    TITLE = "flowtui"
    COMMANDS: ClassVar[set[Any]] = {_commands}
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
        now: Callable[[], float] = time.time,
    ) -> None:
        self._welcomes = not demo and not has_key_source(settings, Environment(os.environ))
        self._first_frame = FirstFrame() if first_frame and not self._welcomes else None
        super().__init__(css_path=None if self._first_frame else str(_STYLES))
        # If a terminal reports no size, rich and Textual's driver assume different sizes, and the layout would switch
        # between the two for ever.
        self.console.size = ConsoleDimensions(*shutil.get_terminal_size())
        self.settings = settings
        self.now = now
        self.zone = parse_zone(settings.tz)
        self.glyphs = ASCII if settings.ascii else UNICODE
        self.reduced_motion = settings.reduced_motion
        label = host_label_of(settings)
        self.host_label = replace(label, host="simulator") if demo else label
        self.connection: Connection | None = None
        self.last_key_at = float("-inf")
        """When the user last pressed a key or pasted a text, in UTC epoch seconds of the clock `now`."""
        self.trouble = ""
        """Why connecting has failed; "" if there is a connection or one is being opened."""
        self._dashboard: Dashboard | None = None
        self._filter_text = filter_text
        self.profiles = profiles
        self._named = {settings.profile: tuple(threads)}
        self._start_demo = start_demo
        self._demo = demo
        self._remembering: Timer | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self._palette: Palette | None = None
        self._memory = recall(settings.profile)
        self.theme = self._wanted_theme()
        self.user_keys = current_ids(settings.keys or {})
        """Key id → the key that the user set for it in the config file."""

        if self.user_keys:
            self.set_keymap(self.user_keys)

    @property
    def dashboard(self) -> Dashboard:
        """The dashboard, which is the lowest screen; built on first use."""
        if self._dashboard is None:
            from flowtui.ui.dashboard.dashboard import Dashboard  # noqa: PLC0415  this takes half of the time of all imports

            settings = self.settings
            self._dashboard = Dashboard(
                self._filter_text, self._memory, settings.views, redact=settings.redact
            )
        return self._dashboard

    @property
    def palette(self) -> Palette:
        """The colours of the current theme."""
        if self._palette is None:
            self._palette = Palette(self.get_css_variables(), plain=self.settings.ascii)
        return self._palette

    @property
    def theme_names(self) -> list[str]:
        """The names of the themes: first flowtui's own, then Textual's, but not those that use the terminal's colours."""
        ours = [theme.name for theme in THEMES]
        return [
            *ours,
            *sorted(n for n, theme in self.available_themes.items() if n not in ours and not theme.ansi),
        ]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return values for the variables that Textual's own themes lack: only ours define them."""
        return own_variables(self.current_theme.to_color_system().generate())

    def watch_theme(self) -> None:
        """Draw in the colours of the new theme."""
        self._palette = None
        if self._dashboard is not None and self._dashboard.is_mounted:
            self._dashboard.table.restyle()

    def choose_theme(self, name: str) -> None:
        """Change the theme, and remember it for the next start."""
        self.theme = name
        self.keep(partial(remember, self.settings.profile, theme=name))

    def _wanted_theme(self) -> str:
        wanted = self.settings.theme or self._memory.theme
        return wanted if wanted in self.theme_names else DEFAULT

    def remember_order(self, view: View) -> None:
        """Store how the table is sorted, but only after the user has not changed the order for a second."""
        if self._remembering is not None:
            self._remembering.stop()
        change = partial(remember, self.settings.profile, sort=view.sort, descending=view.descending)
        self._remembering = self.set_timer(_SETTLES_IN, partial(self.keep, change))

    def remember_view(self, name: str) -> None:
        """Store the name of the shown saved view for the next start; "" if none is shown."""
        self.keep(partial(remember, self.settings.profile, view=name or None))

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
        if self.reduced_motion:
            self.animation_level = "none"
        self.set_interval(1.0, self._every_second)

    def on_first_paint(self) -> None:
        """Load the dashboard; if the welcome screen is shown, do not, but wait for the user."""
        super().on_first_paint()
        self.call_later(_resume_gc if self._welcomes else self._begin)

    async def _begin(self) -> None:
        """Replace the first frame by the dashboard, and connect.

        The dashboard is built while the first requests are under way. This runs in the application's message loop, so
        keys pressed meanwhile wait until the dashboard can take them.
        """
        from flowtui.ui.app.connection import import_parts  # noqa: PLC0415  after the first frame

        self._connect()
        if self.screen is not self._dashboard:
            await asyncio.to_thread(import_parts)
            if not self.stylesheet.has_source(str(_STYLES)):
                self.stylesheet.read(_STYLES)
            await self.push_screen(self.dashboard)  # Textual cannot switch the first screen
        self.report_memory_trouble()
        if self._first_frame is not None and not self.leaving:
            held = [events.Key(event.key, event.character) for event in self._first_frame.held]
            self._first_frame.held.clear()
            await self.queued_keys.add(held, first=True)

    @property
    def _shows_rows(self) -> bool:
        """Whether the dashboard shows rows. Until then, updates are drawn without a pause."""
        return not self.leaving and self.dashboard.is_mounted and bool(len(self.dashboard.table.rows))

    def _connect(self) -> None:
        self.run_worker(self._run_connection(), exclusive=True, group="connection", exit_on_error=True)

    async def _run_connection(self) -> None:
        """Connect, then hand every update to the screens until this worker is cancelled. `trouble` says why connecting failed."""
        from flowtui.ui.app.connection import connect  # noqa: PLC0415
        from flowtui.ui.run.fetch_cache import OpenedRuns  # noqa: PLC0415  after the first frame

        try:
            start_demo = self._start_demo if self._demo else None
            threads = self._named.get(self.settings.profile, ())
            connection = await connect(self.settings, threads, start_demo, self.now)
        except FlowtuiError as error:
            self.trouble = str(error)
            self._tick()  # there are no rows yet, so this draws the reason
            return
        finally:
            _resume_gc()
        self.trouble = ""
        self.connection, self.host_label = connection, connection.host_label
        self.read_columns()
        self.read_marks()
        redact = self.settings.redact
        self.opened = OpenedRuns(connection.poller, self.now, self._compared_with, redact=redact)
        try:
            async for update in connection.poller.updates():
                began = time.perf_counter()
                self._apply_update(update)
                took = time.perf_counter() - began
                await asyncio.sleep(pause_after(took) if self._shows_rows else 0)
        finally:
            await connection.close()

    async def reconnect(self, settings: Settings) -> None:
        """Drop all data of the current profile, and connect with other settings."""
        self.workers.cancel_group(self, "connection")
        self.connection, self.opened, self.trouble = None, None, ""
        self.forget_runs()
        self.forget_marks()
        self.settings, self.zone, self.host_label = settings, parse_zone(settings.tz), host_label_of(settings)
        self._memory, self._filter_text = recall(settings.profile), settings.filter or ""
        self._dashboard = None  # a new screen, so that nothing of the old profile is left on it
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self.theme = self._wanted_theme()
        await self.push_screen(self.dashboard)
        self.report_memory_trouble()
        self._connect()

    def _apply_update(self, update: Update) -> None:
        if self.leaving:
            return
        self.note_body(update.received)
        self.update_cancellations(update.snapshot)
        self.dashboard.show(update)
        self.record_update(update)
        self.show_timeline()
        self.show_token_screen()
        self.show_gate()
        if (opened := self.run_screen) is not None:
            run = update.snapshot.run(opened.run.key)
            if run is not None:
                opened.refresh_run(run)
                self.fetch_details(run)
        elif self._shows_rows and self.dashboard.table.cursor_run is not None:
            self.fetch_details(self.dashboard.table.cursor_run)

    def _every_second(self) -> None:
        if self.leaving:
            return
        self.exit_if_terminal_gone()
        self._tick()
        self.send_notices()
        self.show_measured()
        if self._dashboard is not None and self._dashboard.is_mounted:
            run = opened.run if (opened := self.run_screen) is not None else self.dashboard.table.cursor_run
            if run is not None and run.active:
                self.fetch_details(run)  # an active run gets new messages between two polls of its thread

    def _tick(self) -> None:
        if self.leaving:
            return
        if self._dashboard is not None:
            self._dashboard.tick()
        if (opened := self.run_screen) is not None:
            opened.tick()
        if (timeline := self.timeline) is not None:
            timeline.tick()
        if (spent := self.token_screen) is not None:
            spent.tick()
        if (gate := self.gate) is not None:
            gate.tick()

    def show_opened(self) -> None:
        """Draw all open screens again, because details of a run, a cancellation or a watch have changed."""
        self._tick()

    def _compared_with(self, run: Run) -> tuple[Run, bool] | None:
        return self.dashboard.compared_with(run)

    # -- called by screens -------------------------------------------------------------------------------------

    def refresh_runs(self, thread: str | None) -> None:
        """Poll a thread now, or all threads if `thread` is None. If connecting has failed, connect again instead."""
        if self.connection is not None:
            self.connection.poller.refresh(thread)
        elif self.trouble:
            self.trouble = ""
            self.dashboard.redraw()
            self._connect()

    def change_pace(self, factor: float) -> None:
        """Multiply the poll interval of threads with active runs by `factor`. It stays between 0.5 and 60 seconds."""
        if self.connection is not None:
            seconds = min(60.0, max(0.5, self.connection.poller.interval * factor))
            self.connection.poller.interval = seconds
            self.notify(f"Active threads are polled every {seconds:g}s", timeout=2, markup=False)

    def start_demo_here(self) -> None:
        """Go from the welcome screen to the demo."""
        if self._start_demo is not None and not self._demo:
            self._demo = True
            self.call_later(self._begin)

    def pop_screen(self) -> AwaitComplete:
        """Close the top screen, but never the dashboard: a closing key pressed twice would close the dashboard too."""
        if self.screen is self._dashboard:
            return AwaitComplete()
        return super().pop_screen()

    # -- keys, and titles of frames ------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note when the user presses a key or pastes a text: rows keep their places for some seconds after that."""
        if isinstance(event, events.Key | events.Paste):
            self.last_key_at = self.now()
        await super().on_event(event)

    def title_text(self, text: str) -> Content:
        """Return `text` in a form for the border of a frame: Textual would read markup in a plain string."""
        return Content(ink.plain(text) if self.settings.ascii else text)

    def press(self, key: str) -> None:
        """Run the action of a key on the widget that has the focus."""
        self.call_later(self.simulate_key, key)


def _resume_gc() -> None:
    """Turn garbage collection on again after the start. Later collections skip the objects that exist now."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
