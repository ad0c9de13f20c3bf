"""Until when each resting thread is to be observed again, and which threads wait to be observed soon. Pure.

As fast with thousands of threads as with six. Due times are monotonic seconds.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Final

from flowtui.source.poll.last_observations import LastObservations
from flowtui.source.poll.schedule import Target

EARLY: Final = 2.0
"""An observation becomes due this many seconds before its promised interval ends, as it may wait for a connection."""

NEAR: Final = 0.1
"""Share of the promised interval. From that long before its due time on, a thread is observed before threads with news."""


class Promises:
    """The due time of each thread. Threads that are being polled, fail or move have none: `Schedule` plans their next poll."""

    def __init__(self) -> None:
        self._dues = LastObservations()

    def make(self, key: str, seen: float, interval: float) -> None:
        """Promise an observation within `interval` seconds after `seen`, the time of the last one."""
        self._dues.observed(key, seen + interval - min(EARLY, interval / 10))

    def hasten(self, key: str, now: float) -> None:
        """Make the observation of a thread due now."""
        self._dues.observed(key, now)

    def drop(self, key: str) -> None:
        """Forget the promise for a thread."""
        self._dues.observed(key, math.inf)

    @property
    def due(self) -> float:
        """The earliest due time; infinite if there is none."""
        due = self._dues.oldest
        return math.inf if due is None else due

    @property
    def next(self) -> str | None:
        """The thread with the earliest due time; None if there is none."""
        return None if self.due == math.inf else self._dues.stalest(lambda _: True)


class Waiting:
    """Threads to observe soon, in this order: requested by the user or failed, with news, never read."""

    def __init__(self) -> None:
        self.asked_for: dict[str, None] = {}
        self.in_news: dict[str, None] = {}
        self.unread: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self.asked_for) + len(self.in_news) + len(self.unread)

    def __iter__(self) -> Iterator[str]:
        yield from self.asked_for
        yield from self.in_news
        yield from self.unread

    def forget(self, key: str) -> None:
        """Remove a thread from all queues, because it is going to be polled now."""
        for queue in (self.asked_for, self.in_news, self.unread):
            queue.pop(key, None)

    def first(self, busy: Collection[Target]) -> str | None:
        """Return the first thread that is not being polled (its target is not `busy`); None if there is none."""
        return next((key for key in self if ("runs", key) not in busy), None)
