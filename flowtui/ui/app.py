"""The application: connects after the first paint, takes the poller's updates to the screens, leaves cleanly.

Owns no truth and no layout. What goes wrong is a line on the screen; what must not happen is a report without locals.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar
from urllib.parse import quote

from rich.console import ConsoleDimensions
from textual.binding import BindingType
from textual.command import Provider
from textual.content import Content
from textual.timer import Timer

from flowtui.config.key import has_key_source
from flowtui.config.memory import recall, remember
from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError, UsageError
from flowtui.formatting import parse_zone
from flowtui.model.run import Run, RunKey
from flowtui.model.snapshot import Update
from flowtui.text import safe_text
from flowtui.ui import clipboard, crash, ink, keys
from flowtui.ui.commands import Commands
from flowtui.ui.dashboard import Dashboard
from flowtui.ui.glyphs import ASCII, UNICODE
from flowtui.ui.help_screen import HelpScreen
from flowtui.ui.opened_runs import OpenedRuns
from flowtui.ui.run_screen import RunScreen
from flowtui.ui.session import Connection, StartDemo, connect, place_of
from flowtui.ui.theme import DEFAULT, THEMES, Palette, variables_of_ours
from flowtui.ui.tight_paint import TightApp
from flowtui.ui.welcome import Welcome

FRAME = 0.05
"""Seconds between two paints at the least: what arrives faster is drawn together."""

REST = 0.15
"""Seconds the cursor rests on a run before the rest of it is fetched."""

_TWICE = 2.0  # seconds in which a second ctrl+c quits
_SIGNALS = {signal.SIGTERM: 143, signal.SIGHUP: 129}


class FlowtuiApp(TightApp):
    """flowtui's terminal application. `start_demo` starts the built-in simulator; with `demo` it is what one sees."""

    CSS_PATH = "flowtui.tcss"
    TITLE = "flowtui"
    COMMANDS: ClassVar[set[type[Provider]]] = {Commands}  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.APP)]

    def __init__(
        self,
        settings: Settings,
        threads: Sequence[str] = (),
        *,
        start_demo: StartDemo | None = None,
        demo: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        # On a terminal that reports no size, rich and the driver fall back to different ones, and the layout would
        # swing between the two for ever.
        self.console.size = ConsoleDimensions(*shutil.get_terminal_size())
        self.settings = settings
        self.now = now
        self.zone = parse_zone(settings.tz)
        self.glyphs = ASCII if settings.ascii else UNICODE
        self.still = settings.reduced_motion
        self.place = place_of(settings)
        self.connection: Connection | None = None
        self.opened: OpenedRuns | None = None
        self.trouble = ""
        """Why there is no connection; "" while there is one, or while it is being made."""
        self.dashboard = Dashboard()
        self._threads = tuple(threads)
        self._start_demo = start_demo
        self._demo = demo
        self._want: Timer | None = None
        self._asked: tuple[RunKey, str] | None = None
        self._leaving = False
        self._interrupted = 0.0
        for theme in THEMES:
            self.register_theme(theme)
        wanted = settings.theme or recall().get("theme")
        self.theme = wanted if wanted in self.theme_names else DEFAULT
        self._palette: Palette | None = None
        if settings.keys:
            self.set_keymap(dict(settings.keys))

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
        return variables_of_ours(self.current_theme.to_color_system().generate())

    def _watch_theme(self, theme_name: str) -> None:
        self._palette = None
        super()._watch_theme(theme_name)
        if self.dashboard.is_mounted:
            self.dashboard.table.restyle()

    def choose_theme(self, name: str) -> None:
        """Change the theme, and remember it for the next time."""
        self.theme = name
        remember({"theme": name})

    def get_default_screen(self) -> Dashboard:
        """Start with the dashboard: it is what the first frame shows."""
        return self.dashboard

    # -- the life of a connection ------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Paint first, then connect."""
        self._watch_signals()
        self.set_class(self.settings.ascii, "-ascii")
        if self.still:
            self.animation_level = "none"
        self.set_interval(1.0, self._tick)
        if not self._demo and not has_key_source(self.settings, os.environ):
            self.push_screen(Welcome())
            self.call_after_refresh(_collect_again)
        else:
            self.call_after_refresh(self._connect)

    def _connect(self) -> None:
        self.run_worker(self._follow(), exclusive=True, group="connection", exit_on_error=True)

    async def _follow(self) -> None:
        """Connect, and take every update to the screens until the application ends."""
        try:
            start_demo = self._start_demo if self._demo else None
            self.connection = await connect(self.settings, self._threads, start_demo, self.now)
        except FlowtuiError as error:
            self.trouble = str(error)
            self.dashboard.redraw()
            return
        finally:
            _collect_again()
        self.trouble = ""
        self.place = self.connection.place
        self.opened = OpenedRuns(self.connection.poller.fetch_run, self.now)
        try:
            async for update in self.connection.poller.updates():
                self._take(update)
                await asyncio.sleep(FRAME)
        finally:
            await self.connection.close()

    def _take(self, update: Update) -> None:
        if self._leaving:
            return
        self.dashboard.show(update)
        if isinstance(self.screen, RunScreen):
            run = update.snapshot.run(self.screen.run.key)
            if run is not None:
                self.screen.refresh_run(run)
                self.want(run)
        elif self.dashboard.table.cursor_run is not None:
            self.want(self.dashboard.table.cursor_run)

    def _tick(self) -> None:
        if self._leaving:
            return
        self.dashboard.tick()
        if isinstance(self.screen, RunScreen):
            self.screen.tick()

    # -- what screens ask for ----------------------------------------------------------------------------------

    def want(self, run: Run, *, again: bool = False) -> None:
        """Fetch the whole run once the cursor has rested on it; at once and anew with `again`."""
        if self.opened is None:
            return
        if again:
            self.opened.forget_trouble(run.key)
        asked = (run.key, run.status)
        state = self.dashboard.shown.threads.get(run.thread_key) if self.dashboard.shown is not None else None
        observed = state.observed if state is not None else None
        if not self.opened.wanted(run, observed) or (asked == self._asked and not again):
            return  # known, or on its way: updates come faster than a slow server answers
        if self._want is not None:
            self._want.stop()
        self._asked = asked
        if again:
            self._fetch(run)
        else:
            self._want = self.set_timer(REST, lambda: self._fetch(run))

    def _fetch(self, run: Run) -> None:
        self.run_worker(self._fetch_run(run), exclusive=True, group="opened")

    async def _fetch_run(self, run: Run) -> None:
        try:
            if self.opened is not None:
                await self.opened.fetch(run)
        finally:
            if self._asked == (run.key, run.status):
                self._asked = None
        self._tick()

    def open_run(self, run: Run, tab: int | None = None) -> None:
        """Open a run on the whole screen, on a tab or on the one that the detail pane has."""
        self.push_screen(RunScreen(run, self.dashboard.detail.tab if tab is None else tab))
        self.want(run)

    def copy(self, text: str) -> None:
        """Copy through the terminal, and say what can be said: no terminal answers whether it did."""
        written = clipboard.sequence(text, tmux="TMUX" in os.environ)
        if written is None:
            self.notify("Too long for a terminal's clipboard", severity="warning", markup=False)
            return
        if self._driver is not None:
            self._driver.write(written)
        self.notify(f"Sent {safe_text(text)} to the terminal's clipboard (OSC 52)", timeout=3, markup=False)

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
        if self._start_demo is not None:
            self._demo = True
            self.pop_screen()
            self._connect()

    # -- keys of everywhere, and leaving -----------------------------------------------------------------------

    def title_text(self, text: str) -> Content:
        """Return text for the border of a frame: markup is never read from it."""
        return Content(ink.plain(text) if self.settings.ascii else text)

    def open_in_browser(self, run: Run) -> None:
        """Open a run's page, where the config says what its address is."""
        template = self.settings.run_url
        if template is None:
            self.notify(
                "Set run_url in the config file to say where a run's page is", timeout=4, markup=False
            )
            return
        address = template.replace("{thread_id}", quote(run.thread_key, safe="")).replace(
            "{run_id}", quote(run.raw_id, safe="")
        )
        self.open_url(address)
        self.notify(f"Opened {safe_text(address)}", timeout=3, markup=False)

    def action_help(self) -> None:
        """Show the keys of where one is."""
        here = keys.RUN if isinstance(self.screen, RunScreen) else keys.DASHBOARD
        if isinstance(self.screen, Dashboard | RunScreen):
            places = (keys.TABLE, here, keys.THREADS) if here == keys.DASHBOARD else (here,)
            self.push_screen(HelpScreen((*places, keys.PANE, keys.APP)))

    def action_quit_now(self) -> None:
        """Leave."""
        self.exit(0)

    def press(self, key: str) -> None:
        """Do what a key does, where the focus is."""
        self.call_later(self.simulate_key, key)

    def action_picture(self) -> None:
        """Save a picture of the screen where flowtui was started."""
        try:
            path = self.save_screenshot(f"flowtui-{time.strftime('%Y%m%d-%H%M%S')}.svg")
        except OSError as error:
            self.notify(f"The picture could not be saved: {error.strerror}", severity="error", markup=False)
        else:
            self.notify(f"Saved {safe_text(path)}", timeout=4, markup=False)

    def action_interrupt(self) -> None:
        """Leave at the second ctrl+c; the first may have been meant for a copy."""
        now = time.monotonic()
        if now - self._interrupted < _TWICE:
            self.exit(130, return_code=130)
        else:
            self._interrupted = now
            self.notify("Once more ctrl+c to quit", timeout=_TWICE, markup=False)

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """Leave; nothing is drawn from here on."""
        self._leaving = True
        super().exit(*args, **kwargs)

    async def _shutdown(self) -> None:
        """Draw nothing any more: Textual takes the widgets down one by one while workers and timers still run."""
        self._leaving = True
        await super()._shutdown()

    def _watch_signals(self) -> None:
        """Restore the terminal before a signal ends the process: Textual alone does not."""
        loop = asyncio.get_running_loop()
        for number, code in _SIGNALS.items():
            try:
                loop.add_signal_handler(number, self.exit, code, code)
            except (
                NotImplementedError,
                RuntimeError,
                ValueError,
            ):  # not the main thread: somebody else's signals
                return

    def _fatal_error(self) -> None:
        """Replace Textual's crash screen, which prints local variables, by a report without them."""
        self.crash_report = crash.write_report(self._exception)
        self._close_messages_no_wait()

    crash_report: str = ""


def _collect_again() -> None:
    """Collect garbage again, where the start went without; what it has made stays, and is not searched each time."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def run_dashboard(
    settings: Settings,
    threads: Sequence[str] = (),
    *,
    start_demo: StartDemo | None = None,
    demo: bool = False,
) -> int:
    """Run the dashboard and return its exit code: 0, 130 after ctrl+c twice, 143 and 129 on signals, 1 after a crash."""
    if settings.no_color:
        os.environ["NO_COLOR"] = "1"  # Textual reads only this
    else:
        os.environ.pop("NO_COLOR", None)  # set but empty does not count, to Textual it would
    app = FlowtuiApp(settings, threads, start_demo=start_demo, demo=demo)
    _check_names(settings, app)
    app.run()
    if app.crash_report:
        crash.tell(app.crash_report)
    return app.return_code or 0


def _check_names(settings: Settings, app: FlowtuiApp) -> None:
    """Raise UsageError for a theme or a key's id that does not exist: better before the screen than a silent default."""
    if settings.theme is not None and settings.theme not in app.theme_names:
        raise UsageError(
            f"{settings.sources.get('theme', 'theme')}: there is no theme {settings.theme!r}",
            hint=f"There are {', '.join(app.theme_names)}",
        )
    known = [key.id for key in keys.KEYS]
    for name in settings.keys or {}:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "The README lists the ids"
            raise UsageError(
                f"{settings.sources.get('keys', 'keys')}: no key has the id {safe_text(name)!r}", hint=hint
            )
