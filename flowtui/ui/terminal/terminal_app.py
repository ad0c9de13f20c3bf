"""The base of the application: what it does differently from Textual with keys, signals, the terminal and its end.

Keys are handled one after the other, only changed cells are written, ctrl+z works as in a shell, and the terminal is
always restored. Nothing is drawn once the shutdown has begun. A crash writes a report without the user's data.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen

from flowtui.ui.terminal import shutdown
from flowtui.ui.terminal.job_control import JobControl
from flowtui.ui.terminal.key_queue import KeyQueue, interrupts
from flowtui.ui.terminal.partial_paint import PartialUpdate

if TYPE_CHECKING:
    from textual.driver import Driver

    from flowtui.ui.terminal.driver import TerminalDriver


class TerminalApp(App[object]):
    """Textual's application with flowtui's handling of the terminal."""

    leaving = False
    """Whether the application is shutting down; if so, it draws nothing and does not take the terminal back."""

    _painted = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.crash_report = ""
        """Path of the report of the first crash; "" without one."""
        self.queued_keys = KeyQueue(self, super().on_event)
        self.frame_listeners: list[Callable[[], object]] = []
        """Called after each frame that is written to the terminal."""
        self._interrupted = -math.inf  # the clock of the system may begin at 0
        self._job_control = JobControl(
            lambda: self.terminal, lambda: self.leaving, partial(self.refresh, layout=True)
        )
        self._signal_handlers = shutdown.SignalHandlers(
            lambda: self.terminal, lambda code: self.exit(code, code)
        )

    # -- the terminal ------------------------------------------------------------------------------------------

    def get_driver_class(self) -> type[Driver]:
        """Return flowtui's driver for a terminal, Textual's for everything else."""
        found: type[Driver] = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        from flowtui.ui.terminal.driver import TerminalDriver  # noqa: PLC0415  needs termios, which not every system has

        return TerminalDriver

    @property
    def terminal(self) -> TerminalDriver | None:
        """The driver of the terminal; None without a terminal, as in a browser or in a test."""
        driver: Any = self._driver
        return driver if hasattr(driver, "restore_now") else None

    def write_to_terminal(self, text: str) -> None:
        """Write text as it is, such as a control sequence. Does nothing before the terminal is set up."""
        if self._driver is not None:
            self._driver.write(text)

    @property
    def suspended(self) -> bool:
        """Whether the process is stopped, or runs in the background without the terminal."""
        return self._job_control.suspended

    def action_suspend_process(self) -> None:
        """Restore the terminal and stop the process; the shell's `fg` continues it."""
        self._job_control.suspend()

    # -- keys --------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pasted text; handle every other event at once."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        elif interrupts(event):
            await self.queued_keys.interrupt(event)
        else:
            await self.queued_keys.add([event])

    async def run_action(
        self,
        action: Any,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, but none of a screen without widgets: a late key may reach one that has just been opened."""
        if isinstance(default_namespace, Screen) and not default_namespace.is_mounted:
            return False
        return await super().run_action(action, default_namespace, namespaces)

    # -- painting ----------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Repaint everything if the terminal has again the size that was painted last: in between it had others and lost cells."""
        if self._painted and self.screen_stack and self.screen.size == event.size:
            self.refresh(layout=True)

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """The screens in sight below a dialog, the lowest first; below a screen that covers all, none is.

        For Textual the next screen below is always in sight: it would go on to be painted, and each of its changes would
        repaint the same cells of the screen above it.
        """
        covered = self.screen.styles.background.a == 1
        return [] if covered else super()._background_screens

    def on_first_paint(self) -> None:
        """Make Python not wait for hanging threads at exit. Called once: no thread is started before the first paint."""
        from flowtui.source.daemon_threads import never_wait_for_threads  # noqa: PLC0415  after the first frame

        never_wait_for_threads()

    @property
    def visible_screens(self) -> tuple[Screen[Any], ...]:
        """The screens in sight, the lowest first: the current one, and those that are seen around a dialog."""
        return (*self._background_screens, self.screen)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's line filters without the conversion of ANSI colours: no theme of flowtui has any.

        That filter would visit all lines of a widget for each painted line.
        """
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if type(renderable) is ChopsUpdate:
            renderable = PartialUpdate(renderable.chops, renderable.spans, renderable.chop_ends)
        super()._display(screen, renderable)
        if renderable is None or self._batch_count:
            return  # nothing was written
        if not self._painted:
            self._painted = True
            self.on_first_paint()
        for listener in self.frame_listeners:
            listener()

    # -- the end -----------------------------------------------------------------------------------------------

    def action_quit_now(self) -> None:
        """Quit with exit code 0."""
        self.exit(0)

    def action_interrupt(self) -> None:
        """Quit at the second ctrl+c; the first one may have been meant as "copy"."""
        now = time.monotonic()
        if now - self._interrupted < shutdown.TWICE:
            self.exit(130, return_code=130)
        else:
            self._interrupted = now
            self.notify("Once more ctrl+c to quit", timeout=shutdown.TWICE, markup=False)

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """Begin the shutdown; nothing is drawn from here on."""
        self.leaving = True
        super().exit(*args, **kwargs)

    def exit_if_terminal_gone(self) -> None:
        """Quit if the terminal has disconnected without a signal: Textual would read from it in an endless loop."""
        if not self.is_headless and shutdown.terminal_gone(is_web=self.is_web):
            self.exit(129, return_code=129)

    async def _shutdown(self) -> None:
        """Shut down without drawing: Textual removes the widgets one by one while workers and timers still run."""
        self.leaving = True
        try:
            await super()._shutdown()
        finally:
            self.remove_signal_handlers()

    def on_load(self) -> None:
        """Install the signal handlers before the application takes the terminal."""
        asyncio.get_running_loop().set_exception_handler(shutdown.report_task_error)
        self.install_signal_handlers()

    def install_signal_handlers(self) -> None:
        """Install handlers of signals, again after Textual's driver has installed its own.

        In another thread than the main one none can be installed; another program runs in the main thread then.
        """
        if shutdown.in_main_thread():
            self._signal_handlers.install()
            self._job_control.install()

    def remove_signal_handlers(self) -> None:
        """Install the earlier signal handlers again; the terminal is already restored."""
        self._signal_handlers.remove()
        self._job_control.remove()

    # -- crashes -----------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Handle a crash. During the shutdown, a missing widget is not a crash: its screen was just opening."""
        if not (self.leaving and isinstance(error, NoMatches)):
            self.report_crash(error)
            super()._handle_exception(error)

    def panic(self, *_renderables: object) -> None:
        """Write a crash report instead of printing the error."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        """End the application. Textual's own method prints the local variables first."""
        self.report_crash(None)
        self._close_messages_no_wait()

    def report_crash(self, error: BaseException | None) -> None:
        """Write a report of the first crash; later errors are consequences of it."""
        if not self.crash_report:
            from flowtui.config import crash  # noqa: PLC0415  not needed before a crash

            self.crash_report = crash.write_report(error)
