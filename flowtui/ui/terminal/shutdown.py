"""How the application ends: by a key, by a signal, with its terminal, by a crash. The terminal is always restored.

Owns no screen. From the moment it leaves nothing is drawn, and a crash leaves a report without data.
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
"""Seconds in which a second ctrl+c quits."""

GRACE: Final = 5.0
"""Seconds after a signal in which we must have left; then the terminal is given back and the process ends."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)

_LOG: Final = logging.getLogger(__name__)


class ShutdownApp(JobControlApp):
    """Base of the application."""

    def __init__(self, *, css_path: str | None = None) -> None:
        super().__init__(css_path=css_path)
        self.crash_report = ""
        """Where the report of the first crash is, "" while there was none."""
        self._interrupted = 0.0
        self._caught = 0
        self._before: dict[int, Any] = {}

    def action_quit_now(self) -> None:
        """Leave."""
        self.exit(0)

    def action_interrupt(self) -> None:
        """Leave at the second ctrl+c; the first may have been meant for a copy."""
        now = time.monotonic()
        if now - self._interrupted < TWICE:
            self.exit(130, return_code=130)
        else:
            self._interrupted = now
            self.notify("Once more ctrl+c to quit", timeout=TWICE, markup=False)

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """Leave; nothing is drawn from here on."""
        self.leaving = True
        super().exit(*args, **kwargs)

    async def _shutdown(self) -> None:
        """Draw nothing any more: Textual takes the widgets down one by one while workers and timers still run."""
        self.leaving = True
        try:
            await super()._shutdown()
        finally:
            self.remove_signal_handlers()

    # -- signals -----------------------------------------------------------------------------------------------

    def on_load(self) -> None:
        """Be ready for signals before the terminal is taken."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._report_task_error)
        self.install_signal_handlers()

    def on_first_paint(self) -> None:
        """Be ready for what may hang: only from here on anything is done in threads."""
        from flowtui.source.daemon_threads import never_wait_for_threads  # noqa: PLC0415  after the first frame

        never_wait_for_threads()

    def install_signal_handlers(self) -> None:
        """Restore the terminal before a signal ends the process: Textual alone does not.

        These handlers run wherever the main thread is, in a write to a terminal that takes nothing too. What our
        starter ignores stays ignored.
        """
        if threading.current_thread() is not threading.main_thread():
            return  # somebody else's signals
        for number in _SIGNALS:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, self._on_signal):
                self._before.setdefault(number, before)
                signal.signal(number, self._on_signal)
        self.install_stop_handlers()

    def remove_signal_handlers(self) -> None:
        """Leave signals to those who had them before: the terminal is given back."""
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
        """Leave where the terminal has gone without a signal: reading from it, Textual would spin for ever."""
        if self.is_headless or sys.__stdin__ is None:
            return
        try:
            descriptor = sys.__stdin__.fileno()
            gone = _is_hung_up(descriptor) if self.is_web else not os.isatty(descriptor)
        except ValueError:  # somebody closed it
            gone = True
        if gone:
            self.exit(129, return_code=129)

    # -- crashes -----------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Crash, but not for what a screen misses that opens while we leave: its parts are not made any more."""
        if not (self.leaving and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    def panic(self, *_renderables: object) -> None:
        """Replace what an error would like to show of itself by a report."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        """Replace Textual's crash screen, which prints local variables, by a report without them."""
        self.report_crash(self._exception)
        self._close_messages_no_wait()

    def report_crash(self, error: BaseException | None) -> None:
        """Write a report, of the first crash: those that follow come of it."""
        if not self.crash_report:
            from flowtui.config import crash  # noqa: PLC0415  the first frame needs none

            self.crash_report = crash.write_report(error)

    def _report_task_error(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Report what a task died of that nobody awaits: asyncio would print it, message and all, over the screen."""
        error = context.get("exception")
        if error is not None:
            from flowtui.config import crash  # noqa: PLC0415  nobody needs it otherwise

            _LOG.error("a task failed (%s): %s", type(error).__name__, crash.write_report(error))


def _is_hung_up(descriptor: int) -> bool:
    """Whether nobody can write to our stdin any more: in a browser it is a pipe from the server of the page."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
