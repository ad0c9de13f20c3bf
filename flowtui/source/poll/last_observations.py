"""Which threads were looked at, and which the longest ago. Pure; asking costs the same with six threads and with thousands."""

from __future__ import annotations

import heapq
from collections.abc import Callable

_SPARE = 1_000  # looks of the past that may be kept beside the last one of each thread


class LastObservations:
    """The time of the last look at each thread that was ever looked at, in UTC epoch seconds."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._queue: list[tuple[float, str]] = []

    def __contains__(self, key: str) -> bool:
        return key in self._last

    def __len__(self) -> int:
        return len(self._last)

    def observed(self, key: str, at: float) -> None:
        """Take in a look at a thread."""
        self._last[key] = at
        heapq.heappush(self._queue, (at, key))
        if len(self._queue) > 2 * len(self._last) + _SPARE:
            self._queue = [(at, key) for key, at in self._last.items()]
            heapq.heapify(self._queue)

    @property
    def oldest(self) -> float | None:
        """When the thread was looked at whose last look is the longest ago; None where there was no look."""
        while self._queue:
            at, key = self._queue[0]
            if self._last[key] == at:
                return at
            heapq.heappop(self._queue)
        return None

    def stalest(self, fits: Callable[[str], bool]) -> str | None:
        """Return the thread whose last look is the longest ago, of those that fit; None where none does."""
        passed = []
        found = None
        while found is None and self.oldest is not None:
            at, key = heapq.heappop(self._queue)
            passed.append((at, key))
            if fits(key):
                found = key
        for entry in passed:
            heapq.heappush(self._queue, entry)
        return found
