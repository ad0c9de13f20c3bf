"""Subscribers of the poller. Each gets every change exactly once, at its own speed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from flowtui.model.state.changes import Change
from flowtui.model.state.snapshot import Snapshot, Update


@dataclass(slots=True, eq=False)
class _Subscriber:
    """One subscriber: the changes it has not got yet, and when the first body with one of them arrived (monotonic)."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    changes: list[Change] = field(default_factory=list)
    came: float | None = None


class Subscribers:
    """All current subscribers."""

    def __init__(self) -> None:
        self._subscribers: list[_Subscriber] = []

    def __len__(self) -> int:
        return len(self._subscribers)

    def tell(self, changes: Sequence[Change], came: float | None = None) -> None:
        """Tell every subscriber that there is a new snapshot, with its changes and when the body behind them arrived."""
        for subscriber in self._subscribers:
            subscriber.changes.extend(changes)
            subscriber.came = came if subscriber.came is None else subscriber.came
            subscriber.news.set()

    async def updates(self, snapshot: Callable[[], Snapshot]) -> AsyncIterator[Update]:
        """Yield an update now and after each change; changes while one is being used come as one update."""
        subscriber = _Subscriber()
        self._subscribers.append(subscriber)
        subscriber.news.set()
        try:
            while True:
                await subscriber.news.wait()
                subscriber.news.clear()
                changes, subscriber.changes = tuple(subscriber.changes), []
                came, subscriber.came = subscriber.came, None
                yield Update(snapshot(), changes, came)
        finally:
            self._subscribers.remove(subscriber)
