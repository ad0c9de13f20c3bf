"""Whether this machine lets us have our turns in time: where it does not, nothing can be said about who is late."""

from __future__ import annotations

import threading
import time

_EVERY = 0.05  # seconds


class Punctual:
    """Sleeps for a moment again and again in a thread, and remembers when it woke up far too late."""

    def __init__(self, limit: float) -> None:
        """`limit` is by how many seconds a turn may be late."""
        self._limit = limit
        self._late = float("-inf")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="punctual", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(_EVERY):
            now = time.monotonic()
            if now - before > _EVERY + self._limit:
                self._late = now
            before = now

    def since(self, seconds: float) -> bool:
        """Return whether all turns of the last so many seconds came in time."""
        return time.monotonic() - self._late > seconds

    def end(self) -> None:
        """Watch no longer."""
        self._ended.set()
        self._thread.join()
