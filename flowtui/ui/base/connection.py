"""A connection: the feed of one profile. The application opens one for each profile it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowtui.config.settings import Settings
from flowtui.ui.base.host_label import HostLabel

if TYPE_CHECKING:
    from flowtui.model.feed import Feed
    from flowtui.store.history import History


@dataclass(slots=True)
class Connection:
    """An open connection. `settings`: those used for requests; in the demo, with the simulator's address.

    `loop` is the task of the feed; `environ` is the environment for child processes, without the key. `shut`: closes what the
    feed was read through. `history`: what is remembered; None: nothing is.
    """

    settings: Settings
    host_label: HostLabel
    feed: Feed
    loop: asyncio.Task[None]
    shut: Callable[[], Awaitable[None]]
    environ: Mapping[str, str] = field(repr=False)
    history: History | None = None

    async def close(self) -> None:
        """Stop polling and close the connection pool, without waiting for a request that is under way."""
        self.loop.cancel()
        try:
            await asyncio.gather(self.loop, return_exceptions=True)
        finally:  # also if this task is cancelled, as on exit
            await self.shut()
