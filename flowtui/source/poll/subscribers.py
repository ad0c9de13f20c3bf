"""The subscribers of the poller. Each gets every change exactly once, at its own speed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

from flowtui.model.state.changes import Change
from flowtui.model.state.snapshot import Snapshot, Update


@dataclass(slots=True, eq=False)
class _Subscriber:
    """One subscriber.

    `news`: set while an update is ready.
    `changes`: the changes that the subscriber did not get yet.
    `restored`: the threads restored from the history that the subscriber was not told of yet.
    `came`: when the first body since the last update arrived, in monotonic seconds; None if none did.
    """

    news: asyncio.Event = field(default_factory=asyncio.Event)
    changes: list[Change] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    came: float | None = None


class Subscribers:
    """All current subscribers."""

    def __init__(self) -> None:
        self._subscribers: list[_Subscriber] = []

    def tell(
        self, changes: Sequence[Change], came: float | None = None, restored: Sequence[str] = ()
    ) -> None:
        """Make an update with these changes and restored threads ready for every subscriber.

        `came`: when the body that shows the changes arrived, in monotonic seconds; None: there was no body.
        """
        for subscriber in self._subscribers:
            subscriber.changes.extend(changes)
            subscriber.restored.extend(restored)
            subscriber.came = came if subscriber.came is None else subscriber.came
            subscriber.news.set()

    async def updates(self, snapshot: Callable[[], Snapshot]) -> AsyncGenerator[Update, None]:
        """Yield an update now and after each change; changes that come while the caller handles an update are collected for the next."""
        subscriber = _Subscriber()
        self._subscribers.append(subscriber)
        subscriber.news.set()
        try:
            while True:
                await subscriber.news.wait()
                subscriber.news.clear()
                changes, subscriber.changes = tuple(subscriber.changes), []
                restored, subscriber.restored = tuple(subscriber.restored), []
                came, subscriber.came = subscriber.came, None
                yield Update(snapshot(), changes, came, restored)
        finally:
            self._subscribers.remove(subscriber)
