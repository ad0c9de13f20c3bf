"""The application: connects after the first paint, takes the poller's updates to the screens, leaves cleanly.

Owns no truth and no layout. What goes wrong is a line on the screen; what must not happen is a report without locals.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.timer import Timer

from flowtui.config.key import has_key_source
from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.formatting import parse_zone
from flowtui.model.run import Run
from flowtui.model.snapshot import Update
from flowtui.ui import crash, keys
from flowtui.ui.dashboard import Dashboard
from flowtui.ui.glyphs import ASCII, UNICODE
from flowtui.ui.help_screen import HelpScreen
from flowtui.ui.opened_runs import OpenedRuns
from flowtui.ui.run_screen import RunScreen
from flowtui.ui.session import Connection, StartDemo, connect, place_of
from flowtui.ui.theme import DEFAULT, THEMES, Palette
from flowtui.ui.welcome import Welcome

FRAME = 0.05
"""Seconds between two paints at the least: what arrives faster is drawn together."""

REST = 0.15
"""Seconds the cursor rests on a run before the rest of it is fetched."""

_TWICE = 2.0  # seconds in which a second ctrl+c quits
_SIGNALS = {signal.SIGTERM: 143, signal.SIGHUP: 129}


class FlowtuiApp(App[int]):
    """flowtui's terminal application. `start_demo` starts the built-in simulator; with `demo` it is what one sees."""

    CSS_PATH = "flowtui.tcss"
    TITLE = "flowtui"
    ENABLE_COMMAND_PALETTE = False
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
        self.settings = settings
        self.now = now
        self.zone = parse_zone(settings.tz)
        self.glyphs = ASCII if settings.ascii else UNICODE
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
        self._interrupted = 0.0
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.theme if settings.theme in self.available_themes else DEFAULT
        self._palette: Palette | None = None

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        if self._palette is None:
            self._palette = Palette(self.get_css_variables())
        return self._palette

    def _watch_theme(self, theme_name: str) -> None:
        super()._watch_theme(theme_name)
        self._palette = None

    # -- the life of a connection ------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        """Paint first, then connect."""
        self._watch_signals()
        self.push_screen(self.dashboard)
        self.set_interval(1.0, self._tick)
        if not self._demo and not has_key_source(self.settings, os.environ):
            self.push_screen(Welcome())
        else:
            self.call_after_refresh(self._connect)

    def _connect(self) -> None:
        self.run_worker(self._follow(), exclusive=True, group="connection", exit_on_error=True)

    async def _follow(self) -> None:
        """Connect, and take every update to the screens until the application ends."""
        try:
            self.connection = await connect(
                self.settings, self._threads, self._start_demo if self._demo else None
            )
        except FlowtuiError as error:
            self.trouble = str(error)
            self.dashboard.redraw()
            return
        self.trouble = ""
        self.place = self.connection.place
        self.opened = OpenedRuns(self.connection.poller.fetch_run)
        try:
            async for update in self.connection.poller.updates():
                self._take(update)
                await asyncio.sleep(FRAME)
        finally:
            await self.connection.close()

    def _take(self, update: Update) -> None:
        self.dashboard.show(update.snapshot)
        if isinstance(self.screen, RunScreen):
            run = update.snapshot.run(self.screen.run.key)
            if run is not None:
                self.screen.refresh_run(run)
                self.want(run)
        elif self.dashboard.table.cursor_run is not None:
            self.want(self.dashboard.table.cursor_run)

    def _tick(self) -> None:
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
        if self._want is not None:
            self._want.stop()
            self._want = None
        if self.opened.wanted(run):
            self._want = self.set_timer(0.0 if again else REST, lambda: self._fetch(run))

    def _fetch(self, run: Run) -> None:
        self.run_worker(self._fetch_run(run), exclusive=True, group="opened")

    async def _fetch_run(self, run: Run) -> None:
        if self.opened is not None:
            await self.opened.fetch(run)
            self._tick()

    def open_run(self, run: Run) -> None:
        """Open a run on the whole screen."""
        self.push_screen(RunScreen(run, self.dashboard.detail.tab))
        self.want(run)

    def refresh_runs(self, thread: str | None) -> None:
        """Look at a thread, or at everything, now; without a connection, try to make one."""
        if self.connection is not None:
            self.connection.poller.refresh(thread)
        elif self.trouble:
            self.trouble = ""
            self.dashboard.redraw()
            self._connect()

    def start_demo_here(self) -> None:
        """Go from the first screen into the demo."""
        if self._start_demo is not None:
            self._demo = True
            self.pop_screen()
            self._connect()

    # -- keys of everywhere, and leaving -----------------------------------------------------------------------

    def action_help(self) -> None:
        """Show the keys of where one is."""
        here = keys.RUN if isinstance(self.screen, RunScreen) else keys.DASHBOARD
        if isinstance(self.screen, Dashboard | RunScreen):
            places = (keys.TABLE, here, keys.THREADS) if here == keys.DASHBOARD else (here,)
            self.push_screen(HelpScreen((*places, keys.PANE, keys.APP)))

    def action_quit_now(self) -> None:
        """Leave."""
        self.exit(0)

    def action_interrupt(self) -> None:
        """Leave at the second ctrl+c; the first may have been meant for a copy."""
        now = time.monotonic()
        if now - self._interrupted < _TWICE:
            self.exit(130, return_code=130)
        else:
            self._interrupted = now
            self.notify("Once more ctrl+c to quit", timeout=_TWICE, markup=False)

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
    app.run()
    if app.crash_report:
        crash.tell(app.crash_report)
    return app.return_code or 0
