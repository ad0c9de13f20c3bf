"""ctrl+z and `fg`: the terminal is given back before we stop, and drawn anew once it is ours again. Owns no screen."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from flowtui.ui.terminal.key_queue import TypedAheadApp

if TYPE_CHECKING:
    from textual.driver import Driver

    from flowtui.ui.terminal.driver import TerminalDriver

_AGAIN: Final = 0.1
"""Seconds after which it is asked whether the terminal is ours: signals that came meanwhile are heard first."""


class SuspendingApp(TypedAheadApp):
    """Base of the application."""

    leaving = False
    """Whether the first step of the way out is done: the terminal is not taken again."""

    _stoppable = True
    _returning = False

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
        return driver if hasattr(driver, "give_back_at_once") else None

    @property
    def away(self) -> bool:
        """Whether we are stopped, or wait in the background to be let back."""
        return self.terminal is not None and self.terminal.away

    def watch_stops(self) -> None:
        """Take over from Textual, whose handlers write from inside a signal and stop us where nobody could go on."""
        if self.terminal is None:  # not yet, or none; a shell without job control ignores the signal
            self._stoppable = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
            return
        if not self._stoppable:
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
            return
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTSTP, self.action_suspend_process)
        loop.add_signal_handler(signal.SIGCONT, self._continued)
        # A loop that waits for the terminal has its pipe full of keys some time. asyncio would have each signal told
        # then, on the very terminal that takes nothing: a handler that is to end us would wait for ever.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)

    def forget_stops(self) -> None:
        """Leave stops to the system: the loop takes no more signals."""
        with suppress(RuntimeError):  # it has ended before us
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTSTP, signal.SIGCONT):
                loop.remove_signal_handler(number)

    def action_suspend_process(self) -> None:
        """Stop, with the terminal given back; `fg` goes on."""
        if self.terminal is not None and self._stoppable and not self.away:
            self.terminal.suspend_application_mode()
            self._sleep()

    def _sleep(self) -> None:
        self.forget_stops()  # which is the default again
        # To all of the job, as a terminal does: who started us stops too. Where no shell could continue it, the
        # system lets it pass.
        os.kill(0, signal.SIGTSTP)
        asyncio.get_running_loop().call_later(_AGAIN, self._come_back)

    def _come_back(self) -> None:
        terminal = self.terminal
        if terminal is None or not terminal.away or self.leaving:
            return
        if not terminal.in_front:  # continued by `bg`
            self._sleep()
            return
        terminal.resume_application_mode()
        self.watch_stops()
        self.refresh(layout=True)

    def _continued(self) -> None:
        """Take the terminal anew: something stopped us without a word, and a shell had it since."""
        if not self._returning:  # many signals are one return: each takes a fifth of a second
            self._returning = True
            asyncio.get_running_loop().call_soon(self._take_anew)

    def _take_anew(self) -> None:
        self._returning = False
        terminal = self.terminal
        if terminal is None or terminal.away or self.leaving:  # SIGCONT comes with a hang-up, too
            return
        before = terminal.attrs_before
        terminal.suspend_application_mode()
        terminal.resume_application_mode()
        terminal.attrs_before = before  # what it finds now may be our own
        self.refresh(layout=True)
