"""Updates for the parts that show no rows, handed over once the table has all rows of the history: the user waits for those."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from flowtui.model.state.snapshot import Update

_MOST: Final = 64
"""Updates that are kept at most: each has a snapshot of its own."""

_TURNS: Final = 8
"""Turns of the event loop between two updates, so that keys are handled meanwhile."""


class LateUpdates:
    """The updates that wait, in the order in which they came. True while there are any. `take`: takes one in."""

    def __init__(self, take: Callable[[Update], None]) -> None:
        self._take = take
        self._waiting: deque[Update] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, update: Update) -> None:
        """Let an update wait. If too many wait, the oldest is handed over now."""
        self._waiting.append(update)
        if len(self._waiting) > _MOST:
            self._take(self._waiting.popleft())

    async def hand_over(self) -> None:
        """Hand over all updates that wait, one after the other, and those that come meanwhile."""
        while self._waiting:
            self._take(self._waiting.popleft())
            for _ in range(_TURNS):
                await asyncio.sleep(0)
