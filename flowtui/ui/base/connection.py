"""A connection: client and feed of one profile. The application opens one for each profile it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowtui.config.settings import Settings
from flowtui.ui.base.host_label import HostLabel

if TYPE_CHECKING:
    from flowtui.model.feed import Feed
    from flowtui.source.http.client import Client


@dataclass(slots=True)
class Connection:
    """An open connection. `settings`: those used for requests; in the demo, with the simulator's address.

    `loop` is the task of the feed; `environ` is the environment for child processes, without the key.
    """

    settings: Settings
    host_label: HostLabel
    feed: Feed
    client: Client
    loop: asyncio.Task[None]
    environ: Mapping[str, str] = field(repr=False)

    async def close(self) -> None:
        """Stop polling and close the connection pool, without waiting for a request that is under way."""
        self.loop.cancel()
        try:
            await asyncio.gather(self.loop, return_exceptions=True)
        finally:  # also if this task is cancelled, as on exit
            await self.client.aclose()
