"""ctrl+z and `fg`: the terminal is given back before we stop, and drawn anew once it is ours again. Owns no screen."""

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
"""Seconds after which it is asked whether the terminal is ours: signals that came meanwhile are heard first."""


class JobControlApp(KeyQueueApp):
    """Base of the application."""

    leaving = False
    """Whether the first step of the way out is done: the terminal is not taken again."""

    _stoppable = True
    _retaking = False

    def get_driver_class(self) -> type[Driver]:
        """Return ours for a terminal, Textual's for all else."""
        found: type[Driver] = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        from flowtui.ui.terminal.driver import TerminalDriver  # noqa: PLC0415  not on every system

        return TerminalDriver

    @property
    def terminal(self) -> TerminalDriver | None:
        """The terminal we draw on; None where it is none: in a browser, in a test."""
        driver: Any = self._driver
        return driver if hasattr(driver, "restore_now") else None

    @property
    def suspended(self) -> bool:
        """Whether we are stopped, or wait in the background to be let back."""
        return self.terminal is not None and self.terminal.suspended

    def install_stop_handlers(self) -> None:
        """Take over from Textual, whose handlers write from inside a signal and stop us where nobody could go on."""
        if self.terminal is None:  # not yet, or none; a shell without job control ignores the signal
            self._stoppable = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
            return
        if not self._stoppable:
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self.action_suspend_process)
        loop.add_signal_handler(signal.SIGCONT, self._on_continue)
        # A loop that waits for the terminal has its pipe full of keys some time. asyncio would have each signal told
        # then, on the very terminal that takes nothing: a handler that is to end us would wait for ever.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)

    def remove_stop_handlers(self) -> None:
        """Leave stops to the system: the loop takes no more signals."""
        with suppress(RuntimeError):  # it has ended before us
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTSTP, signal.SIGCONT):
                loop.remove_signal_handler(number)

    def action_suspend_process(self) -> None:
        """Stop, with the terminal given back; `fg` goes on."""
        if self.terminal is not None and self._stoppable and not self.suspended:
            self.terminal.suspend_application_mode()
            self._stop_process()

    def _stop_process(self) -> None:
        self.remove_stop_handlers()  # which is the default again
        # To all of the job, as a terminal does: who started us stops too. Where no shell could continue it, the
        # system lets it pass.
        os.kill(0, signal.SIGTSTP)
        asyncio.get_running_loop().call_later(_RETRY, self._resume_in_front)

    def _resume_in_front(self) -> None:
        terminal = self.terminal
        if terminal is None or not terminal.suspended or self.leaving:
            return
        if not terminal.in_front:  # continued by `bg`
            self._stop_process()
            return
        terminal.resume_application_mode()
        self.install_stop_handlers()
        self.refresh(layout=True)

    def _on_continue(self) -> None:
        """Take the terminal anew: something stopped us without a word, and a shell had it since."""
        if not self._retaking:  # many signals are one return: each takes a fifth of a second
            self._retaking = True
            asyncio.get_running_loop().call_soon(self._retake_terminal)

    def _retake_terminal(self) -> None:
        self._retaking = False
        terminal = self.terminal
        if terminal is None or terminal.suspended or self.leaving:  # SIGCONT comes with a hang-up, too
            return
        before = terminal.attrs_before
        terminal.suspend_application_mode()
        terminal.resume_application_mode()
        terminal.attrs_before = before  # what it finds now may be our own
        self.refresh(layout=True)
