"""Shutdown of the application: by a key, a signal, a lost terminal or a crash. The terminal is always restored.

Nothing is drawn once the shutdown has begun. A crash writes a report without the user's data.
"""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any, Final, NoReturn

from textual.css.query import NoMatches

from flowtui.ui.terminal.job_control import JobControlApp

TWICE: Final = 2.0
"""Seconds within which a second ctrl+c quits."""

GRACE: Final = 5.0
"""Seconds that the shutdown may take after a signal; then the terminal is restored and the process ends."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)

_LOG: Final = logging.getLogger(__name__)


class ShutdownApp(JobControlApp):
    """Base of the application: handles signals, crashes and the shutdown."""

    def __init__(self, *, css_path: str | None = None) -> None:
        super().__init__(css_path=css_path)
        self.crash_report = ""
        """Path of the report of the first crash; "" without one."""
        self._interrupted = 0.0
        self._caught = 0
        self._before: dict[int, Any] = {}

    def action_quit_now(self) -> None:
        """Quit with exit code 0."""
        self.exit(0)

    def action_interrupt(self) -> None:
        """Quit at the second ctrl+c; the first one may have been meant as "copy"."""
        now = time.monotonic()
        if now - self._interrupted < TWICE:
            self.exit(130, return_code=130)
        else:
            self._interrupted = now
            self.notify("Once more ctrl+c to quit", timeout=TWICE, markup=False)

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """Begin the shutdown; nothing is drawn from here on."""
        self.leaving = True
        super().exit(*args, **kwargs)

    async def _shutdown(self) -> None:
        """Shut down without drawing: Textual removes the widgets one by one while workers and timers still run."""
        self.leaving = True
        try:
            await super()._shutdown()
        finally:
            self.remove_signal_handlers()

    # -- signals -----------------------------------------------------------------------------------------------

    def on_load(self) -> None:
        """Install the signal handlers before the application takes the terminal."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._report_task_error)
        self.install_signal_handlers()

    def on_first_paint(self) -> None:
        """Make Python not wait for hanging threads at exit. No thread is started before the first paint."""
        from flowtui.source.daemon_threads import never_wait_for_threads  # noqa: PLC0415  after the first frame

        never_wait_for_threads()

    def install_signal_handlers(self) -> None:
        """Install handlers that restore the terminal before a signal ends the process; Textual does not.

        They run even while the main thread is blocked in a write to the terminal. A signal that the parent process
        ignores stays ignored.
        """
        if threading.current_thread() is not threading.main_thread():
            return  # only the main thread can set handlers, and another program runs in it
        for number in _SIGNALS:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, self._on_signal):
                self._before.setdefault(number, before)
                signal.signal(number, self._on_signal)
        self.install_stop_handlers()

    def remove_signal_handlers(self) -> None:
        """Install the earlier signal handlers again; the terminal is already restored."""
        if signal.SIGALRM in self._before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, signal.SIG_DFL if before is None else before)
        self.remove_stop_handlers()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        loop = self._loop
        if self._caught or self.suspended or loop is None:
            self._exit_now(self._caught or 128 + number)
        self._caught = 128 + number
        self._before.setdefault(signal.SIGALRM, signal.getsignal(signal.SIGALRM))
        signal.signal(signal.SIGALRM, lambda *_: self._exit_now(self._caught))
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        loop.call_soon_threadsafe(self.exit, self._caught, self._caught)

    def _exit_now(self, code: int) -> NoReturn:
        if self.terminal is not None:
            self.terminal.restore_now()
        os._exit(code)

    def exit_if_terminal_gone(self) -> None:
        """Quit if the terminal has disconnected without a signal: Textual would read from it in an endless loop."""
        if self.is_headless or sys.__stdin__ is None:
            return
        try:
            descriptor = sys.__stdin__.fileno()
            gone = _is_hung_up(descriptor) if self.is_web else not os.isatty(descriptor)
        except ValueError:  # stdin is closed
            gone = True
        if gone:
            self.exit(129, return_code=129)

    # -- crashes -----------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Handle a crash. During the shutdown, a missing widget is not a crash: its screen was just opening."""
        if not (self.leaving and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    def panic(self, *_renderables: object) -> None:
        """Write a crash report instead of printing the error."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        """Write a report instead of Textual's crash screen, which prints local variables."""
        self.report_crash(self._exception)
        self._close_messages_no_wait()

    def report_crash(self, error: BaseException | None) -> None:
        """Write a report of the first crash; later errors are consequences of it."""
        if not self.crash_report:
            from flowtui.config import crash  # noqa: PLC0415  not needed before a crash

            self.crash_report = crash.write_report(error)

    def _report_task_error(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Report the exception of a task that nothing awaits: asyncio would print it over the screen."""
        error = context.get("exception")
        if error is not None:
            from flowtui.config import crash  # noqa: PLC0415  not needed before a crash

            _LOG.error("a task failed (%s): %s", type(error).__name__, crash.write_report(error))


def _is_hung_up(descriptor: int) -> bool:
    """Whether the other end of stdin is closed: in a browser, stdin is a pipe from the page's server."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
