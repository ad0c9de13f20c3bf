"""When the next look at each resting thread is due, by what was promised for it, and who waits for one. Pure.

Costs the same with six threads and with thousands. Due times are monotonic seconds.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Final

from flowtui.source.poll.last_observations import LastObservations
from flowtui.source.poll.schedule import Target

EARLY: Final = 2.0
"""Seconds before the end of a promise at which its look is due: it may have to wait for a connection."""

NEAR: Final = 0.1
"""Of a promised interval before it is due: from then on it goes before news, when one of them can go."""


class Promises:
    """The looks that were promised. A thread that is asked, fails or moves has none: its next look is planned otherwise."""

    def __init__(self) -> None:
        self._dues = LastObservations()

    def make(self, key: str, seen: float, interval: float) -> None:
        """Promise a look within `interval` seconds after `seen`, the last one."""
        self._dues.observed(key, seen + interval - min(EARLY, interval / 10))

    def hasten(self, key: str, now: float) -> None:
        """Let a look be due now."""
        self._dues.observed(key, now)

    def drop(self, key: str) -> None:
        """Forget what was promised for a thread."""
        self._dues.observed(key, math.inf)

    @property
    def due(self) -> float:
        """When the next look is due; infinite where none was promised."""
        due = self._dues.oldest
        return math.inf if due is None else due

    @property
    def next(self) -> str | None:
        """The thread whose look is due next; None where none was promised."""
        return None if self.due == math.inf else self._dues.stalest(lambda _: True)


class Waiting:
    """Threads that want a look soon, in their order: the user asked, or they failed; they are in the news; never read."""

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
        """Take out a thread that is looked at now."""
        for queue in (self.asked_for, self.in_news, self.unread):
            queue.pop(key, None)

    def first(self, busy: Collection[Target]) -> str | None:
        """Return the first one that is not being asked; None where there is none."""
        return next((key for key in self if ("runs", key) not in busy), None)
