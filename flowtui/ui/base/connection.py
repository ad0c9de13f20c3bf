"""A connection: the feed of one profile. The application opens one for each profile it shows."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowtui.config.settings import Settings
from flowtui.ui.base.host_label import HostLabel

if TYPE_CHECKING:
    from flowtui.model.feed import Feed
    from flowtui.source.http.webhook.webhook import Webhook
    from flowtui.store.facts import HistoryFacts
    from flowtui.store.history import History


def no_facts() -> None:
    """Return nothing: there is no file."""


@dataclass(slots=True)
class Connection:
    """An open connection. `settings`: those used for requests; in the demo, with the simulator's address.

    `loop` is the task of the feed; `environ` is the environment for child processes, without the key. `shut`: closes what the
    feed was read through. `history`: what is remembered; None: nothing is. `notice`: why it could not be opened, or "".
    `facts`: reads what there is of it; blocks, None without a file. `fill`: remembers what lies before the demo; blocks.
    `webhook`: sends notices; None: there is none.
    """

    settings: Settings
    host_label: HostLabel
    feed: Feed
    loop: asyncio.Task[None]
    shut: Callable[[], Awaitable[None]]
    environ: Mapping[str, str] = field(repr=False)
    history: History | None = None
    notice: str = ""
    facts: Callable[[], HistoryFacts | None] = field(default=no_facts, repr=False)
    fill: Callable[[], None] | None = None
    webhook: Webhook | None = None
    _closing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    async def close(self) -> None:
        """Stop polling, close the connection pool without waiting for a request that is under way, and close the history."""
        self.loop.cancel()
        try:
            await asyncio.gather(self.loop, return_exceptions=True)
        finally:  # also if this task is cancelled, as on exit
            try:
                await self.shut()
            finally:
                await asyncio.to_thread(self.close_history)

    def close_history(self) -> None:
        """Write what is left to be remembered and close the file. Blocks for some seconds at most; may be called again.

        At the end of the process it is called once more without a loop: no thread is waited for there.
        """
        with self._closing:
            if self.history is not None:
                self.history.close()
                self.history = None
