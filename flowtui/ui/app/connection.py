"""Opens the connection of a profile: reads the key, makes client and poller. Imported after the first paint: it is slow."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flowtui.config.files.plain_key import PlainKey, Secret
from flowtui.config.key.environ import Environment, environ_without_key
from flowtui.config.settings import Settings
from flowtui.errors import FlowtuiError
from flowtui.ui.base.connection import Connection, no_facts
from flowtui.ui.base.host_label import host_label_of

if TYPE_CHECKING:
    from flowtui.model.state.snapshot import Update
    from flowtui.source.http.client import Client
    from flowtui.source.http.webhook.webhook import Webhook
    from flowtui.source.poll.poller import Poller
    from flowtui.store.facts import HistoryFacts
    from flowtui.store.history import History
    from flowtui.ui.app.session import Session

FRAME: Final = 0.05
"""The shortest time between two paints, in seconds. Updates that come faster are drawn together."""

_REST: Final = 2.0
"""The pause after an update is this multiple of its drawing time, so that keys are handled even at 100,000 runs."""

StartDemo = Callable[[], Settings]
"""Starts the built-in simulator and returns settings with its address. Blocks. `cli` stops the simulator at the end."""

Connect = Callable[[Settings, Sequence[str], StartDemo | None, Callable[[], float]], Awaitable[Connection]]
"""Opens a connection: see `connect`."""

_DEMO_KEY = "demo"
_OPENS_WITHIN: Final = 3.0  # seconds; longer than another program may lock the file


async def connect(
    settings: Settings, threads: Sequence[str], start_demo: StartDemo | None, now: Callable[[], float]
) -> Connection:
    """Open a connection and start polling. If `start_demo` is given, start the simulator with it and poll the simulator.

    `threads` are the only threads to poll; if empty, all. `now` returns UTC epoch seconds; observations and the screen
    must use the same clock.

    Raises:
        FlowtuiError: the key or a setting is wrong, or the simulator cannot start.
    """
    parts, (settings, key, history, notice) = await asyncio.gather(
        asyncio.to_thread(import_parts), _key_and_history(settings, start_demo, now)
    )
    try:
        client: Client = parts["client"](settings, key)
    except FlowtuiError:
        await asyncio.to_thread(_close, history)
        raise
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
    # Variables that contain the key are removed. Not in the demo: its key is a plain word that others may contain.
    bare = key.get_secret_value() if start_demo is None else ""
    environ = environ_without_key(os.environ, bare, settings.api_key_env, *settings.key_names)
    loop = asyncio.create_task(poller.run())
    facts = partial(_facts, settings, key) if start_demo is None else no_facts
    label = host_label_of(settings)
    fill = None
    if start_demo is not None and history is not None:
        fill = partial(_fill_demo, history, settings.base_url, now)
    webhook = _webhook(settings, client) if start_demo is None else None
    return Connection(
        settings, label, poller, loop, client.aclose, environ, history, notice, facts, fill, webhook
    )


def _webhook(settings: Settings, client: Client) -> Webhook | None:
    """Return what sends notices to the user's webhook; None if there is none. It reads the address when it is started."""
    from flowtui.config.key.webhook_address import load_webhook, webhook_source  # noqa: PLC0415  after the first paint

    environ = Environment(os.environ)
    if webhook_source(settings, environ) is None:
        return None
    from flowtui.source.http.webhook.webhook import Webhook  # noqa: PLC0415  only with a webhook

    return Webhook(settings, partial(load_webhook, settings, environ), client.mask)


def _fill_demo(history: History, base_url: str, now: Callable[[], float]) -> None:
    """Remember what lies before the demo. Blocks."""
    from flowtui.ui.app.demo_history import fill_demo  # noqa: PLC0415  only in the demo

    fill_demo(history.recorder, base_url, now())


def _facts(settings: Settings, key: Secret) -> HistoryFacts | None:
    """Return what there is of the history. Blocks."""
    from flowtui.store.facts import read_facts  # noqa: PLC0415  only if the user asks

    return read_facts(settings, key)


async def follow(
    connection: Connection,
    load: Callable[[], None],
    session: Callable[[], Session],
    show: Callable[[Session, Update], None],
) -> None:
    """Connect the session, and hand it every update of the connection with `show`, until this task is cancelled; then close it.

    `load`: imports what the session needs; blocks. It runs in a thread, and the first requests are under way meanwhile.
    `session`: returns the session.
    """
    try:
        await asyncio.to_thread(load)
        own = session()
        own.connect(connection)
        async for update in connection.feed.updates():
            began = time.perf_counter()
            show(own, update)
            took = time.perf_counter() - began
            await asyncio.sleep(0 if own.hurries() else pause_after(took))
    finally:
        await connection.close()


def pause_after(took: float) -> float:
    """Return the seconds to wait before the next update is drawn, if drawing the last one took `took` seconds."""
    return max(FRAME, _REST * took)


def import_parts() -> dict[str, Any]:
    """Import the slow modules that talk to the API; return their classes as `client`, `clock`, `poller`. Run in a thread."""
    from flowtui.source.clock import Clock  # noqa: PLC0415
    from flowtui.source.http.client import Client  # noqa: PLC0415
    from flowtui.source.poll.poller import Poller  # noqa: PLC0415

    return {"client": Client, "clock": Clock, "poller": Poller}


async def _key_and_history(
    settings: Settings, start_demo: StartDemo | None, now: Callable[[], float]
) -> tuple[Settings, Secret, History | None, str]:
    """Return settings and key, the history if one is wanted, and why it could not be opened, if so."""
    settings, key = await asyncio.to_thread(_settings_and_key, settings, start_demo)
    if not settings.remember:
        return settings, key, None, ""
    own = None if start_demo is not None else key
    opening = asyncio.ensure_future(asyncio.to_thread(_open_history, settings, own, now))
    try:
        done, _ = await asyncio.wait({opening}, timeout=_OPENS_WITHIN)
    except asyncio.CancelledError:
        opening.add_done_callback(_close_late)
        raise
    if done:
        return settings, key, opening.result(), ""
    opening.add_done_callback(_close_late)
    trouble = f"Nothing is remembered: the file of the history did not open within {_OPENS_WITHIN:g} s"
    return settings, key, None, trouble


def _open_history(settings: Settings, key: Secret | None, now: Callable[[], float]) -> History:
    """Open the history of these settings and this key; without a key, one that ends with the process. Blocks."""
    from flowtui.store.history import open_history, open_in_memory  # noqa: PLC0415  only if a history is wanted

    return open_in_memory(now) if key is None else open_history(settings, key, now)


def _close(history: History | None) -> None:
    if history is not None:
        history.close()


def _close_late(opening: asyncio.Future[History]) -> None:
    """Close a history that nobody waits for any more, in a thread that nobody waits for either."""
    if not opening.cancelled() and opening.exception() is None:
        threading.Thread(target=opening.result().close, name="flowtui-history", daemon=True).start()


def _settings_and_key(settings: Settings, start_demo: StartDemo | None) -> tuple[Settings, Secret]:
    """Return settings and key: read the user's key, or with `start_demo` start the simulator. Blocks."""
    if start_demo is None:
        from flowtui.config.key.key import load_key  # noqa: PLC0415

        return settings, load_key(settings, Environment(os.environ))
    settings = start_demo()
    return settings, PlainKey(_DEMO_KEY)
