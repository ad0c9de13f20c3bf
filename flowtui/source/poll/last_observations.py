"""When each thread was last observed, and which thread was observed longest ago. Pure. As fast with thousands of threads as with six."""

from __future__ import annotations

import heapq
from collections.abc import Callable

_SPARE = 1_000  # outdated entries that may stay in the queue


class LastObservations:
    """A time for each thread: of its last observation, in UTC epoch seconds; or, as used by `Promises`, its due time."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._queue: list[tuple[float, str]] = []

    def __contains__(self, key: str) -> bool:
        return key in self._last

    def __len__(self) -> int:
        return len(self._last)

    def observed(self, key: str, at: float) -> None:
        """Set the time of a thread."""
        self._last[key] = at
        heapq.heappush(self._queue, (at, key))
        if len(self._queue) > 2 * len(self._last) + _SPARE:
            self._queue = [(at, key) for key, at in self._last.items()]
            heapq.heapify(self._queue)

    @property
    def oldest(self) -> float | None:
        """The earliest time; None if no thread has a time."""
        while self._queue:
            at, key = self._queue[0]
            if self._last[key] == at:
                return at
            heapq.heappop(self._queue)
        return None

    def stalest(self, fits: Callable[[str], bool]) -> str | None:
        """Of the threads that `fits` accepts, return the one with the earliest time; None if `fits` accepts none."""
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
