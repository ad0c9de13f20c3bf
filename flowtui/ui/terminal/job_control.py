"""ctrl+z and `fg`: restores the terminal before the process stops, and repaints the screen when it continues."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from flowtui.ui.terminal.key_queue import KeyQueueApp

if TYPE_CHECKING:
    from textual.driver import Driver

    from flowtui.ui.terminal.driver import TerminalDriver

_RETRY: Final = 0.1
"""Seconds between continuing and the check for the foreground, in which pending signals are handled."""


class JobControlApp(KeyQueueApp):
    """Base of the application: lets the shell stop it (ctrl+z) and continue it (`fg`)."""

    leaving = False
    """Whether the application is shutting down; if so, it does not take the terminal back."""

    _stoppable = True
    _retaking = False

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

    @property
    def suspended(self) -> bool:
        """Whether the process is stopped, or runs in the background without the terminal."""
        return self.terminal is not None and self.terminal.suspended

    def install_stop_handlers(self) -> None:
        """Install handlers for SIGTSTP and SIGCONT in place of Textual's.

        Textual's handlers write to the terminal from inside a signal handler, and stop the process even if no shell could
        continue it.
        """
        if self.terminal is None:  # a shell without job control starts programs with SIGTSTP ignored
            self._stoppable = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
            return
        if not self._stoppable:
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self.action_suspend_process)
        loop.add_signal_handler(signal.SIGCONT, self._on_continue)
        # While the loop waits for the terminal, the pipe that wakes it may fill up. Python would then print a warning
        # for each signal, to the same terminal that accepts nothing: the handler that ends the process would hang.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)

    def remove_stop_handlers(self) -> None:
        """Remove the handlers of SIGTSTP and SIGCONT, so that the system's defaults apply."""
        with suppress(RuntimeError):  # the event loop has already ended
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTSTP, signal.SIGCONT):
                loop.remove_signal_handler(number)

    def action_suspend_process(self) -> None:
        """Restore the terminal and stop the process; the shell's `fg` continues it."""
        if self.terminal is not None and self._stoppable and not self.suspended:
            self.terminal.suspend_application_mode()
            self._stop_process()

    def _stop_process(self) -> None:
        self.remove_stop_handlers()  # else SIGTSTP would call the handler and not stop the process
        # Sent to the whole process group, as a terminal does, so that a process that started flowtui stops too. The
        # system ignores the signal if no shell could continue the group.
        os.kill(0, signal.SIGTSTP)
        asyncio.get_running_loop().call_later(_RETRY, self._resume_in_front)

    def _resume_in_front(self) -> None:
        terminal = self.terminal
        if terminal is None or not terminal.suspended or self.leaving:
            return
        if not terminal.in_front:  # continued by the shell's `bg`
            self._stop_process()
            return
        terminal.resume_application_mode()
        self.install_stop_handlers()
        self.refresh(layout=True)

    def _on_continue(self) -> None:
        """Set up the terminal again: after a SIGSTOP, which cannot be handled, a shell has used it."""
        if not self._retaking:  # several signals need only one repaint, which takes 0.2 s
            self._retaking = True
            asyncio.get_running_loop().call_soon(self._retake_terminal)

    def _retake_terminal(self) -> None:
        self._retaking = False
        terminal = self.terminal
        if terminal is None or terminal.suspended or self.leaving:  # SIGCONT also arrives with a SIGHUP
            return
        before = terminal.attrs_before
        terminal.suspend_application_mode()
        terminal.resume_application_mode()
        terminal.attrs_before = before  # those read on resuming may be flowtui's own
        self.refresh(layout=True)
