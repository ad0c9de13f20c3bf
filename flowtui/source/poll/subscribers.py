"""The consumers of the poller. Each is told every change exactly once, at its own speed. Knows nothing of polling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from flowtui.model.state.changes import Change
from flowtui.model.state.snapshot import Snapshot, Update


@dataclass(slots=True, eq=False)
class _Subscriber:
    """One consumer: what it has not been told yet, and when the first body behind that came."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    changes: list[Change] = field(default_factory=list)
    came: float | None = None


class Subscribers:
    """Everybody who listens now."""

    def __init__(self) -> None:
        self._subscribers: list[_Subscriber] = []

    def __len__(self) -> int:
        return len(self._subscribers)

    def tell(self, changes: Sequence[Change], came: float | None = None) -> None:
        """Let every consumer know that there is a new picture, what happened, and when the body that says so came."""
        for reader in self._subscribers:
            reader.changes.extend(changes)
            reader.came = came if reader.came is None else reader.came
            reader.news.set()

    async def updates(self, snapshot: Callable[[], Snapshot]) -> AsyncIterator[Update]:
        """Yield the picture now and whenever there is news; what happened while one was drawn comes as one update."""
        reader = _Subscriber()
        self._subscribers.append(reader)
        reader.news.set()
        try:
            while True:
                await reader.news.wait()
                reader.news.clear()
                changes, reader.changes = tuple(reader.changes), []
                came, reader.came = reader.came, None
                yield Update(snapshot(), changes, came)
        finally:
            self._subscribers.remove(reader)
