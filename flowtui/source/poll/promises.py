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
"""An observation becomes due up to this many seconds before its promise ends, as it may have to wait for a connection."""

NEAR: Final = 0.1
"""A share of the promised interval. If no more than this is left until its due time, a thread precedes those with news."""


class Promises:
    """The due times of threads that are observed in turn. The next poll of all other threads is planned by `Schedule`."""

    def __init__(self) -> None:
        self._dues = LastObservations()

    def make(self, key: str, seen: float, interval: float) -> None:
        """Promise an observation within `interval` seconds after `seen`, the time of the last observation."""
        self._dues.observed(key, seen + interval - min(EARLY, interval / 10))

    def hasten(self, key: str, now: float) -> None:
        """Make the observation of a thread due now."""
        self._dues.observed(key, now)

    def drop(self, key: str) -> None:
        """Forget the promise for a thread."""
        self._dues.observed(key, math.inf)

    @property
    def due(self) -> float:
        """The earliest due time; infinite if no thread has one."""
        due = self._dues.oldest
        return math.inf if due is None else due

    @property
    def next(self) -> str | None:
        """The thread with the earliest due time; None if no thread has one."""
        return None if self.due == math.inf else self._dues.stalest(lambda _: True)


class Waiting:
    """Three queues of threads to observe soon: first requested or failed ones, then ones with news, then ones never read."""

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
        """Return the first thread that is not being polled, as its target is not in `busy`; None if there is no such thread."""
        return next((key for key in self if ("runs", key) not in busy), None)
