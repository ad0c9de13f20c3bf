"""The application: paints an empty frame, imports the rest, connects, takes the poller's updates to the screens.

Owns no truth and no layout. What goes wrong is a line on the screen. All that the first frame does not need is
imported after it.
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
from flowtui.ui.app.first_frame import Opening
from flowtui.ui.dashboard.host_label import place_of
from flowtui.ui.keys import bindings
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
    from flowtui.ui.app.connection import Connection, StartDemo
    from flowtui.ui.app.profiles import Profiles
    from flowtui.ui.dashboard.dashboard import Dashboard

FRAME: Final = 0.05
"""Seconds between two paints at the least: what arrives faster is drawn together."""

_REST: Final = 2.0
"""Times as long as taking in an update took: what is left for keys and answers where 100,000 runs are drawn."""

_SETTLES_IN: Final = 1.0  # seconds without another change of the order before it is remembered
_STYLES: Final = Path(__file__).with_name("flowtui.tcss")


def rest_after(took: float) -> float:
    """Return the seconds until the next update is taken in, after one that took so many."""
    return max(FRAME, _REST * took)


def _commands() -> type[Provider]:
    from flowtui.ui.commands.palette import Commands  # noqa: PLC0415  once somebody opens the palette

    return Commands


class FlowtuiApp(MeterApp):
    """flowtui's terminal application. `start_demo` starts the built-in simulator; with `demo` it is what one sees.

    With `opening` the first frame is a light one, and the dashboard is imported and built behind it.
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
        opening: bool = False,
        filter_text: str = "",
        profiles: Profiles | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._welcomes = not demo and not has_key_source(settings, Environment(os.environ))
        self._opening = Opening() if opening and not self._welcomes else None
        super().__init__(css_path=None if self._opening else str(_STYLES))
        # On a terminal that reports no size, rich and the driver fall back to different ones, and the layout would
        # swing between the two for ever.
        self.console.size = ConsoleDimensions(*shutil.get_terminal_size())
        self.settings = settings
        self.now = now
        self.zone = parse_zone(settings.tz)
        self.glyphs = ASCII if settings.ascii else UNICODE
        self.reduced_motion = settings.reduced_motion
        self.place = replace(place_of(settings), host="simulator") if demo else place_of(settings)
        self.connection: Connection | None = None
        self.last_key_at = float("-inf")
        """When the last key came, or text that was pasted, by `now`."""
        self.trouble = ""
        """Why there is no connection; "" while there is one, or while it is being made."""
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
        self.user_keys = bindings.current_ids(settings.keys or {})
        """Keys that the user changed, by id."""

        if self.user_keys:
            self.set_keymap(self.user_keys)

    @property
    def dashboard(self) -> Dashboard:
        """The root screen, built when it is first asked for."""
        if self._dashboard is None:
            from flowtui.ui.dashboard.dashboard import Dashboard  # noqa: PLC0415  half of all imports

            settings = self.settings
            self._dashboard = Dashboard(
                self._filter_text, self._memory, settings.views, redact=settings.redact
            )
        return self._dashboard

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        if self._palette is None:
            self._palette = Palette(self.get_css_variables(), plain=self.settings.ascii)
        return self._palette

    @property
    def theme_names(self) -> list[str]:
        """The themes there are: ours, then Textual's own, but for those that leave the colours to the terminal."""
        ours = [theme.name for theme in THEMES]
        return [
            *ours,
            *sorted(n for n, theme in self.available_themes.items() if n not in ours and not theme.ansi),
        ]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give Textual's own themes the variables that only ours define."""
        return own_variables(self.current_theme.to_color_system().generate())

    def _watch_theme(self, theme_name: str) -> None:
        self._palette = None
        super()._watch_theme(theme_name)
        if self._dashboard is not None and self._dashboard.is_mounted:
            self._dashboard.table.restyle()

    def choose_theme(self, name: str) -> None:
        """Change the theme, and remember it for the next time."""
        self.theme = name
        self.keep(partial(remember, self.settings.profile, theme=name))

    def _wanted_theme(self) -> str:
        wanted = self.settings.theme or self._memory.theme
        return wanted if wanted in self.theme_names else DEFAULT

    def remember_order(self, view: View) -> None:
        """Remember how the table is sorted, once nobody has changed it for a moment."""
        if self._remembering is not None:
            self._remembering.stop()
        change = partial(remember, self.settings.profile, sort=view.sort, descending=view.descending)
        self._remembering = self.set_timer(_SETTLES_IN, partial(self.keep, change))

    def remember_view(self, name: str) -> None:
        """Remember which saved view is shown; "" for none."""
        self.keep(partial(remember, self.settings.profile, view=name or None))

    def get_default_screen(self) -> Screen[Any]:
        """Start with what the first frame shows: how to connect, a light frame, or the dashboard itself."""
        if self._welcomes:
            from flowtui.ui.app.welcome import Welcome  # noqa: PLC0415  for who has no key

            return Welcome()
        return self._opening or self.dashboard

    # -- the life of a connection ------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Paint first; all that takes time begins after it."""
        self.install_signal_handlers()
        self.set_class(self.settings.ascii, "-ascii")
        if self.reduced_motion:
            self.animation_level = "none"
        self.set_interval(1.0, self._second)

    def on_first_paint(self) -> None:
        """Go on behind the first frame, whatever it shows."""
        super().on_first_paint()
        self.call_later(_collect_again if self._welcomes else self._begin)

    async def _begin(self) -> None:
        """Go from the first frame to the dashboard, and connect.

        The dashboard is built while the first answers are on their way: what it looks like without rows is on the
        screen already. Runs in the application's own turn, so keys that are pressed meanwhile wait for it.
        """
        from flowtui.ui.app.connection import import_parts  # noqa: PLC0415  after the first frame

        self._connect()
        if self.screen is not self._dashboard:
            await asyncio.to_thread(import_parts)
            if not self.stylesheet.has_source(str(_STYLES)):
                self.stylesheet.read(_STYLES)
            await self.push_screen(self.dashboard)  # the first screen of all cannot be switched
        self.report_memory_trouble()
        if self._opening is not None and not self.leaving:
            held = [events.Key(event.key, event.character) for event in self._opening.held]
            self._opening.held.clear()
            await self.key_queue.add(held, first=True)

    @property
    def _shows_rows(self) -> bool:
        """Whether there are rows on the screen already: the first ones wait for nothing."""
        return not self.leaving and self.dashboard.is_mounted and bool(len(self.dashboard.table.rows))

    def _connect(self) -> None:
        self.run_worker(self._follow(), exclusive=True, group="connection", exit_on_error=True)

    async def _follow(self) -> None:
        """Connect, and take every update to the screens until the application ends."""
        from flowtui.ui.app.connection import connect  # noqa: PLC0415
        from flowtui.ui.run.opened_runs import OpenedRuns  # noqa: PLC0415  after the first frame

        try:
            start_demo = self._start_demo if self._demo else None
            threads = self._named.get(self.settings.profile, ())
            connection = await connect(self.settings, threads, start_demo, self.now)
        except FlowtuiError as error:
            self.trouble = str(error)
            self._tick()  # without rows it draws everything
            return
        finally:
            _collect_again()
        self.trouble = ""
        self.connection, self.place = connection, connection.place
        self.read_columns()
        self.read_marks()
        redact = self.settings.redact
        self.opened = OpenedRuns(connection.poller, self.now, self._compared_with, redact=redact)
        try:
            async for update in connection.poller.updates():
                began = time.perf_counter()
                self._take(update)
                took = time.perf_counter() - began
                await asyncio.sleep(rest_after(took) if self._shows_rows else 0)
        finally:
            await connection.close()

    async def begin_anew(self, settings: Settings) -> None:
        """Forget everything of the profile that was shown, and connect with these settings."""
        self.workers.cancel_group(self, "connection")
        self.connection, self.opened, self.trouble = None, None, ""
        self.forget_runs()
        self.forget_marks()
        self.settings, self.zone, self.place = settings, parse_zone(settings.tz), place_of(settings)
        self._memory, self._filter_text = recall(settings.profile), settings.filter or ""
        self._dashboard = None  # another screen, so that nothing of the old one can be left on it
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        self.theme = self._wanted_theme()
        await self.push_screen(self.dashboard)
        self.report_memory_trouble()
        self._connect()

    def _take(self, update: Update) -> None:
        if self.leaving:
            return
        self.note_body(update.received)
        self.see_cancelled(update.snapshot)
        self.dashboard.show(update)
        self.see_news(update)
        self.show_timeline()
        self.show_spenders()
        self.show_gate()
        if (opened := self.run_screen) is not None:
            run = update.snapshot.run(opened.run.key)
            if run is not None:
                opened.refresh_run(run)
                self.want(run)
        elif self._shows_rows and self.dashboard.table.cursor_run is not None:
            self.want(self.dashboard.table.cursor_run)

    def _second(self) -> None:
        if self.leaving:
            return
        self.exit_if_terminal_gone()
        self._tick()
        self.tell_news()
        self.show_measured()
        if self._dashboard is not None and self._dashboard.is_mounted:
            run = opened.run if (opened := self.run_screen) is not None else self.dashboard.table.cursor_run
            if run is not None and run.active:
                self.want(run)  # what its messages say goes on between two looks at its thread

    def _tick(self) -> None:
        if self.leaving:
            return
        if self._dashboard is not None:
            self._dashboard.tick()
        if (opened := self.run_screen) is not None:
            opened.tick()
        if (timeline := self.timeline) is not None:
            timeline.tick()
        if (spent := self.spenders) is not None:
            spent.tick()
        if (gate := self.gate) is not None:
            gate.tick()

    def show_opened(self) -> None:
        """Draw what has come for the opened run, and what is under way with runs."""
        self._tick()

    def _compared_with(self, run: Run) -> tuple[Run, bool] | None:
        return self.dashboard.compared_with(run)

    # -- what screens ask for ----------------------------------------------------------------------------------

    def refresh_runs(self, thread: str | None) -> None:
        """Look at a thread, or at everything, now; without a connection, try to make one."""
        if self.connection is not None:
            self.connection.poller.refresh(thread)
        elif self.trouble:
            self.trouble = ""
            self.dashboard.redraw()
            self._connect()

    def change_pace(self, factor: float) -> None:
        """Poll active threads at another interval, between half a second and a minute."""
        if self.connection is not None:
            seconds = min(60.0, max(0.5, self.connection.poller.interval * factor))
            self.connection.poller.interval = seconds
            self.notify(f"Active threads are polled every {seconds:g}s", timeout=2, markup=False)

    def start_demo_here(self) -> None:
        """Go from the first screen into the demo."""
        if self._start_demo is not None and not self._demo:
            self._demo = True
            self.call_later(self._begin)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top, but never the dashboard: a second key may come for a screen that is closed already."""
        if self.screen is self._dashboard:
            return AwaitComplete()
        return super().pop_screen()

    # -- keys of everywhere, and titles ------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Note when keys come: while they do, the rows keep their places."""
        if isinstance(event, events.Key | events.Paste):
            self.last_key_at = self.now()
        await super().on_event(event)

    def title_text(self, text: str) -> Content:
        """Return text for the border of a frame: markup is never read from it."""
        return Content(ink.plain(text) if self.settings.ascii else text)

    def press(self, key: str) -> None:
        """Do what a key does, where the focus is."""
        self.call_later(self.simulate_key, key)


def _collect_again() -> None:
    """Collect garbage again, where the start went without; what it has made stays, and is not searched each time."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
