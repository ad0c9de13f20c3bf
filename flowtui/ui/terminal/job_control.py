"""ctrl+z and `fg`: restores the terminal before the process stops, and repaints the screen when it continues."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from flowtui.ui.terminal.driver import TerminalDriver

_RETRY: Final = 0.1
"""Seconds between continuing and the check for the foreground, in which pending signals are handled."""


class JobControl:
    """Lets the shell stop the application (ctrl+z) and continue it (`fg`).

    `terminal` returns the driver, None without a terminal. `leaving` says whether the application is shutting down; then
    it does not take the terminal back. `repaint` draws the whole screen.
    """

    def __init__(
        self,
        terminal: Callable[[], TerminalDriver | None],
        leaving: Callable[[], bool],
        repaint: Callable[[], object],
    ) -> None:
        self._terminal, self._leaving, self._repaint = terminal, leaving, repaint
        self._stoppable = True
        self._retaking = False

    @property
    def suspended(self) -> bool:
        """Whether the process is stopped, or runs in the background without the terminal."""
        terminal = self._terminal()
        return terminal is not None and terminal.suspended

    def install(self) -> None:
        """Install handlers for SIGTSTP and SIGCONT in place of Textual's.

        Textual's handlers write to the terminal from inside a signal handler, and stop the process even if no shell could
        continue it.
        """
        if self._terminal() is None:  # a shell without job control starts programs with SIGTSTP ignored
            self._stoppable = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
            return
        if not self._stoppable:
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self.suspend)
        loop.add_signal_handler(signal.SIGCONT, self._on_continue)
        # While the loop waits for the terminal, the pipe that wakes it may fill up. Python would then print a warning
        # for each signal, to the same terminal that accepts nothing: the handler that ends the process would hang.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)

    def remove(self) -> None:
        """Remove the handlers of SIGTSTP and SIGCONT, so that the system's defaults apply."""
        with suppress(RuntimeError):  # the event loop has already ended
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTSTP, signal.SIGCONT):
                loop.remove_signal_handler(number)

    def suspend(self) -> None:
        """Restore the terminal and stop the process; the shell's `fg` continues it."""
        terminal = self._terminal()
        if terminal is not None and self._stoppable and not terminal.suspended:
            terminal.suspend_application_mode()
            self._stop_process()

    def _stop_process(self) -> None:
        self.remove()  # else SIGTSTP would call the handler and not stop the process
        # Sent to the whole process group, as a terminal does, so that a process that started flowtui stops too. The
        # system ignores the signal if no shell could continue the group.
        os.kill(0, signal.SIGTSTP)
        asyncio.get_running_loop().call_later(_RETRY, self._resume_in_front)

    def _resume_in_front(self) -> None:
        terminal = self._terminal()
        if terminal is None or not terminal.suspended or self._leaving():
            return
        if not terminal.in_front:  # continued by the shell's `bg`
            self._stop_process()
            return
        terminal.resume_application_mode()
        self.install()
        self._repaint()

    def _on_continue(self) -> None:
        """Set up the terminal again: after a SIGSTOP, which cannot be handled, a shell has used it."""
        if not self._retaking:  # several signals need only one repaint, which takes 0.2 s
            self._retaking = True
            asyncio.get_running_loop().call_soon(self._retake_terminal)

    def _retake_terminal(self) -> None:
        self._retaking = False
        terminal = self._terminal()
        if terminal is None or terminal.suspended or self._leaving():  # SIGCONT also arrives with a SIGHUP
            return
        before = terminal.attrs_before
        terminal.suspend_application_mode()
        terminal.resume_application_mode()
        terminal.attrs_before = before  # those read on resuming may be flowtui's own
        self._repaint()
