"""Whether this process gets the CPU in time. A busy machine is no reason to call a screen late."""

from __future__ import annotations

import threading
import time

_EVERY = 0.05  # seconds


class SchedulingDelay:
    """A thread that sleeps for `_EVERY` seconds again and again and notes when it woke up too late."""

    def __init__(self, limit: float) -> None:
        """`limit`: seconds by which a wake-up may be late."""
        self._limit = limit
        self._late = float("-inf")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="scheduling-delay", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(_EVERY):
            now = time.monotonic()
            if now - before > _EVERY + self._limit:
                self._late = now
            before = now

    def none_since(self, seconds: float) -> bool:
        """Return whether every wake-up of the last `seconds` was in time."""
        return time.monotonic() - self._late > seconds

    def end(self) -> None:
        """Stop the thread."""
        self._ended.set()
        self._thread.join()
