"""A connection: key, client and poller of one profile. Opened after the first paint, as its imports are slow."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowtui.config.key.environ import Environment, environ_without_key
from flowtui.config.settings import Settings
from flowtui.ui.dashboard.host_label import Place, place_of

if TYPE_CHECKING:
    from pydantic import SecretStr

    from flowtui.source.http.client import Client
    from flowtui.source.poll.poller import Poller

StartDemo = Callable[[], Settings]
"""Starts the built-in simulator and returns the settings that reach it. Blocks; the composer stops it in the end."""

_DEMO_KEY = "demo"


@dataclass(slots=True)
class Connection:
    """An open connection. `settings` are those that reach the server: in the demo the simulator's, with its address.

    `loop` is the polling task, `environ` the environment for commands: without the key.
    """

    settings: Settings
    place: Place
    poller: Poller
    client: Client
    loop: asyncio.Task[None]
    environ: Mapping[str, str] = field(repr=False)

    async def close(self) -> None:
        """Stop polling and close the pool; never waits for an answer that is under way."""
        self.loop.cancel()
        try:
            await asyncio.gather(self.loop, return_exceptions=True)
        finally:  # on the way out the application cancels this, too
            await self.client.aclose()


async def connect(
    settings: Settings, threads: Sequence[str], start_demo: StartDemo | None, now: Callable[[], float]
) -> Connection:
    """Open a connection and start polling; with `start_demo`, to the simulator that it starts.

    `now` is the clock of the screen, in UTC epoch seconds: what was seen when must be told by the same one.

    Raises:
        FlowtuiError: the key or a setting is wrong, or the simulator cannot start.
    """
    parts, (settings, key) = await asyncio.gather(
        asyncio.to_thread(import_parts), asyncio.to_thread(_unlock, settings, start_demo)
    )
    client: Client = parts["client"](settings, key)
    poller: Poller = parts["poller"](
        client,
        threads=threads,
        interval=settings.interval,
        quiet_interval=settings.quiet_interval,
        budget=settings.budget,
        history=settings.history,
        fleet=not threads,
        clock=parts["clock"](now),
    )
    # The demo's key is a word that other variables may well hold.
    bare = key.get_secret_value() if start_demo is None else ""
    environ = environ_without_key(os.environ, bare, settings.api_key_env, *settings.key_names)
    loop = asyncio.create_task(poller.run())
    return Connection(settings, place_of(settings), poller, client, loop, environ)


def import_parts() -> dict[str, Any]:
    """Import what talks to the API, away from the loop that draws; a second time it costs nothing."""
    from flowtui.source.clock import Clock  # noqa: PLC0415
    from flowtui.source.http.client import Client  # noqa: PLC0415
    from flowtui.source.poll.poller import Poller  # noqa: PLC0415

    return {"client": Client, "clock": Clock, "poller": Poller}


def _unlock(settings: Settings, start_demo: StartDemo | None) -> tuple[Settings, SecretStr]:
    """Return the settings that reach the server, and its key. May run a key command or start a simulator."""
    if start_demo is None:
        from flowtui.config.key.key import load_key  # noqa: PLC0415

        return settings, load_key(settings, Environment(os.environ))
    settings = start_demo()
    from pydantic import SecretStr  # noqa: PLC0415

    return settings, SecretStr(_DEMO_KEY)
