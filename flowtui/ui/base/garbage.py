"""Delays garbage collection while many rows arrive: rows are no garbage then, and each collection stops all threads."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


class Searches:
    """The searches of this process, put off as long as at least one holder wants it. Used in one thread."""

    def __init__(self) -> None:
        self._holders = 0
        self._on = False

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Search for no garbage within the block. What was off before stays off."""
        if not self._holders:
            self._on = gc.isenabled()
            gc.disable()
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders and self._on:
                gc.enable()


SEARCHES = Searches()
