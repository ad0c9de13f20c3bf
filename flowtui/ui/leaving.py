"""How the application ends: by a key, by a signal, with its terminal, by a crash. The terminal is always restored.

Owns no screen. From the moment it leaves nothing is drawn, and a crash leaves a report without data.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import time
from typing import Any, Final

from flowtui.ui.tight_paint import TightApp

TWICE: Final = 2.0
"""Seconds in which a second ctrl+c quits."""

_SIGNALS: Final = {signal.SIGTERM: 143, signal.SIGHUP: 129}


class LeavingApp(TightApp):
    """Base of the application. `leaving` is true from the first step of the way out."""

    def __init__(self, *, css_path: str | None = None) -> None:
        super().__init__(css_path=css_path)
        self.leaving = False
        self.crash_report = ""
        """Where the report of a crash is, "" while there was none."""
        self._interrupted = 0.0

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
        await super()._shutdown()

    def watch_signals(self) -> None:
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

    def leave_with_the_terminal(self) -> None:
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

    def _fatal_error(self) -> None:
        """Replace Textual's crash screen, which prints local variables, by a report without them."""
        from flowtui.ui import crash  # noqa: PLC0415  the first frame needs none

        self.crash_report = crash.write_report(self._exception)
        self._close_messages_no_wait()


def _is_hung_up(descriptor: int) -> bool:
    """Whether nobody can write to our stdin any more: in a browser it is a pipe from the server of the page."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
