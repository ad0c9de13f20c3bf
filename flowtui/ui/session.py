"""A connection: key, client and poller of one profile. Opened after the first paint, as its imports are slow."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowtui.config.settings import Settings
from flowtui.ui.head import Place

if TYPE_CHECKING:
    from flowtui.source.client import Client
    from flowtui.source.poller import Poller

StartDemo = Callable[[], Settings]
"""Starts the built-in simulator and returns the settings that reach it. Blocks; the composer stops it in the end."""

_DEMO_KEY = "demo"


@dataclass(slots=True)
class Connection:
    """An open connection. `loop` is the polling task."""

    place: Place
    poller: Poller
    client: Client
    loop: asyncio.Task[None]

    async def close(self) -> None:
        """Stop polling and close the pool; never waits for an answer that is under way."""
        self.loop.cancel()
        await asyncio.gather(self.loop, return_exceptions=True)
        await self.client.aclose()


async def connect(
    settings: Settings, threads: Sequence[str], start_demo: StartDemo | None, now: Callable[[], float]
) -> Connection:
    """Open a connection and start polling; with `start_demo`, to the simulator that it starts.

    `now` is the clock of the screen, in UTC epoch seconds: what was seen when must be told by the same one.

    Raises:
        FlowtuiError: the key or a setting is wrong, or the simulator cannot start.
    """
    settings, parts = await asyncio.to_thread(_prepare, settings, start_demo)
    client: Client = parts["client"](settings, parts["key"])
    poller: Poller = parts["poller"](
        client,
        threads=threads,
        interval=settings.interval,
        quiet_interval=settings.quiet_interval,
        budget=settings.budget,
        history=settings.history,
        clock=parts["clock"](now),
    )
    return Connection(place_of(settings), poller, client, asyncio.create_task(poller.run()))


def _prepare(settings: Settings, start_demo: StartDemo | None) -> tuple[Settings, dict[str, Any]]:
    """Do what blocks (imports, a key command, a simulator) away from the loop that draws."""
    from pydantic import SecretStr  # noqa: PLC0415

    from flowtui.config.key import load_key  # noqa: PLC0415
    from flowtui.source.client import Client  # noqa: PLC0415
    from flowtui.source.clock import Clock  # noqa: PLC0415
    from flowtui.source.poller import Poller  # noqa: PLC0415

    if start_demo is not None:
        settings = start_demo()
        key = SecretStr(_DEMO_KEY)
    else:
        key = load_key(settings, os.environ)
    return settings, {"client": Client, "clock": Clock, "poller": Poller, "key": key}


def place_of(settings: Settings) -> Place:
    """Return what the head says of where the runs come from."""
    return Place(settings.profile, urlsplit(settings.base_url).netloc)
