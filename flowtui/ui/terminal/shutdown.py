"""Shutdown by a signal or a lost terminal, and reports of failed tasks. The terminal is always restored."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from flowtui.ui.terminal.driver import TerminalDriver

TWICE: Final = 2.0
"""Seconds within which a second ctrl+c quits."""

GRACE: Final = 5.0
"""Seconds that the shutdown may take after a signal; then the terminal is restored and the process ends."""

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)

_LOG: Final = logging.getLogger(__name__)


class SignalHandlers:
    """Handlers that restore the terminal before a signal ends the process; Textual does not.

    They run even while the main thread is blocked in a write to the terminal. `terminal` returns the driver, None without
    a terminal. `leave` begins the shutdown with an exit code; it is called in the event loop that installs the handlers.
    """

    def __init__(self, terminal: Callable[[], TerminalDriver | None], leave: Callable[[int], object]) -> None:
        self._terminal, self._leave = terminal, leave
        self._caught = 0  # exit code for the first signal
        self._before: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def install(self) -> None:
        """Install the handlers. A signal that the parent process ignores stays ignored."""
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, self._on_signal):
                self._before.setdefault(number, before)
                signal.signal(number, self._on_signal)

    def remove(self) -> None:
        """Install the earlier handlers again; the terminal is already restored."""
        if signal.SIGALRM in self._before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, signal.SIG_DFL if before is None else before)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        terminal, loop = self._terminal(), self._loop
        suspended = terminal is not None and terminal.suspended
        if self._caught or suspended or loop is None or loop.is_closed():
            self._exit_now(self._caught or 128 + number)
        self._caught = 128 + number
        self._before.setdefault(signal.SIGALRM, signal.getsignal(signal.SIGALRM))
        signal.signal(signal.SIGALRM, lambda *_: self._exit_now(self._caught))
        signal.setitimer(signal.ITIMER_REAL, GRACE)
        loop.call_soon_threadsafe(self._leave, self._caught)

    def _exit_now(self, code: int) -> NoReturn:
        terminal = self._terminal()
        if terminal is not None:
            terminal.restore_now()
        os._exit(code)


def in_main_thread() -> bool:
    """Whether this is the main thread: no other thread can set signal handlers."""
    return threading.current_thread() is threading.main_thread()


def terminal_gone(*, is_web: bool) -> bool:
    """Whether the terminal has disconnected without a signal. In a browser, stdin is a pipe from the page's server."""
    if sys.__stdin__ is None:
        return False
    try:
        descriptor = sys.__stdin__.fileno()
        return _is_hung_up(descriptor) if is_web else not os.isatty(descriptor)
    except ValueError:  # stdin is closed
        return True


def _is_hung_up(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))


def report_task_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report the exception of a task that nothing awaits: asyncio would print it over the screen."""
    error = context.get("exception")
    if error is not None:
        from flowtui.config import crash  # noqa: PLC0415  not needed before a crash

        _LOG.error("a task failed (%s): %s", type(error).__name__, crash.write_report(error))
