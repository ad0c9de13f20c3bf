"""Catches SIGINT, SIGTERM and SIGHUP. The first signal ends the watch with a summary; a second one ends the wait for hooks.

ctrl+Z (SIGTSTP) stops the process as usual, but before that the terminal is restored, and afterwards drawn again. The
handlers are installed before slow imports, so that even after an early signal there is a summary. A signal that the
parent process ignores (nohup, a background job) stays ignored.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

_NUMBERS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Signals:
    """The signals that were caught inside the context.

    `caught` is 128 plus the number of the first signal, or None. `again`: whether a second signal came.
    """

    def __init__(self) -> None:
        self.caught: int | None = None
        self.again = False
        self._wake: Callable[[], None] = lambda: None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _NUMBERS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, lambda each, _: self._take(each))
        return self

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            # A handler that was set outside Python cannot be restored from here.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._before.clear()

    def wake_with(self, wake: Callable[[], None]) -> None:
        """Call `wake` at each signal from now on, in the running event loop. If a signal has come before, call `wake` at once."""
        self._wake = wake
        loop = asyncio.get_running_loop()
        for number in self._before:
            # Python's own handler does not wake an event loop that waits; a handler of the loop does.
            with suppress(NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, self._take, number)
        if self.caught is not None:
            wake()

    def pause_with(self, give_back: Callable[[], None], go_on: Callable[[], None]) -> None:
        """Call `give_back` before ctrl+Z stops the process, and `go_on` when the process continues, in the running event loop."""
        if not self._before or not hasattr(signal, "SIGTSTP"):
            return
        if signal.getsignal(signal.SIGTSTP) is not signal.SIG_DFL:
            return  # the parent process, such as a shell without job control, ignores this signal
        loop = asyncio.get_running_loop()

        def stop() -> None:
            give_back()
            loop.remove_signal_handler(signal.SIGTSTP)  # restores the default, which stops the process
            os.kill(os.getpid(), signal.SIGTSTP)
            loop.add_signal_handler(signal.SIGTSTP, stop)

        with suppress(NotImplementedError, RuntimeError):
            loop.add_signal_handler(signal.SIGTSTP, stop)
            loop.add_signal_handler(signal.SIGCONT, go_on)
            self._before.setdefault(signal.SIGTSTP, signal.SIG_DFL)
            self._before.setdefault(signal.SIGCONT, signal.SIG_DFL)

    def _take(self, number: int) -> None:
        if self.caught is None:
            self.caught = 128 + number
        else:
            self.again = True
        self._wake()
