"""Runs the simulator over real HTTP on loopback, in a background thread.

Owns the socket, the thread and the uvicorn server. Prints nothing.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Self

import uvicorn
from starlette.types import Scope

from flowtui.errors import UsageError
from flowtui.simulator.app import App
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.release import parse_release
from flowtui.simulator.world.scenario import World

_HOST: Final = "127.0.0.1"
_START_WITHIN: Final = 10.0
"""Seconds within which the server thread must start."""
_TURNS: Final = 5  # iterations of the event loop, more than asyncio needs to accept a connection


class _Server(uvicorn.Server):
    """A uvicorn server that stops at once. uvicorn's own shutdown waits for its next tick and for its clients.

    The tests start hundreds of simulators, so each wait would count.
    """

    def __init__(self, app: App) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",  # the fault `short-body` relies on h11; without this, uvicorn prefers httptools if it is installed
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            date_header=False,  # the app sends its own, from the calendar
        )
        super().__init__(config)
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Stop the server. May be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    def drop(self, client: object) -> None:
        """Close the connection of `client`, (host, port); None: all connections. Call it in the server's event loop only."""
        for connection in list(self.server_state.connections):
            transport = connection.transport
            if transport is not None and client in {None, getattr(connection, "client", None)}:
                transport.abort()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)  # sets the default headers
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # A connection that asyncio accepts while its server is closed would stay open until it is garbage-collected.
        for listener in sockets or ():
            asyncio.get_running_loop().remove_reader(listener)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        self.drop(None)
        for task in self.server_state.tasks:
            task.cancel()


class Simulator:
    """A seeded world behind real HTTP on 127.0.0.1, in a background thread with its own event loop.

    `threads`, `runs`: how many threads and runs exist at the start.
    `speed`: how many world seconds pass in one real second.
    `faults`: each NAME[:ARG][@SCOPE][*TIMES], see `FAULTS`.
    `key`: the only accepted API key; None: every key that is not empty is accepted.
    `port`: 0 selects a free port, which stays the same after `stop` and `start`.
    `clock`: returns epoch seconds, for the world and all its dates; None: the wall clock.
    `deploy_at`: T[:EFFECT], see `parse_release`; None: no bad release.
    `ids`: `short` or `uuid`; None: UUIDs with 100 threads or more, else short ids.

    Raises:
        UsageError: a fault or effect is unknown or invalid; from `start`, the port is in use.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        threads: int = 6,
        runs: int = 24,
        speed: float = 1.0,
        faults: Sequence[str] = (),
        key: str | None = None,
        port: int = 0,
        clock: Callable[[], float] | None = None,
        deploy_at: str | None = None,
        ids: str | None = None,
    ) -> None:
        clock = clock or _steady_clock()
        release = None if deploy_at is None else parse_release(deploy_at)
        self.calendar = Calendar(clock, clock(), speed)
        self.world = World(
            seed=seed, threads=threads, runs=runs, release=release, ids=ids, epoch=self.calendar.epoch
        )
        self._app = App(self.world, self.calendar, key=key, drop=self._drop)
        for fault in faults:
            self._app.add_fault(fault)
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL. The port is known after the first `start`."""
        return f"http://{_HOST}:{self._port}"

    @property
    def requests(self) -> deque[tuple[str, str, str]]:
        """(method, raw path, query) of the latest ten thousand requests, oldest first."""
        return self._app.requests.copy()  # the server's thread appends to it

    def add_fault(self, text: str) -> None:
        """Add a fault, NAME[:ARG][@SCOPE][*TIMES].

        Raises:
            UsageError: the fault is unknown or its argument is invalid.
        """
        self._app.add_fault(text)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._app.clear_faults()

    def thread_ids(self) -> list[str]:
        """Return all thread ids, newest first, as the API lists them."""
        return [self.world.thread_id(thread) for thread in reversed(range(self.world.threads))]

    def run_ids(self, thread_id: str) -> list[str]:
        """Return the ids of all runs that a thread has now, newest first.

        Raises:
            KeyError: there is no such thread.
        """
        thread = self.world.find_thread(thread_id)
        if thread is None:
            raise KeyError(thread_id)
        numbers = range(self.world.timeline(thread).count(self.calendar.now()))
        return [self.world.run_id(thread, number) for number in reversed(numbers)]

    def start(self) -> str:
        """Start the server unless it runs, and return its URL.

        Raises:
            UsageError: the port is in use.
            RuntimeError: the server did not start in time.
        """
        if self._thread is not None:
            return self.url
        listener = _listen(self._port)
        self._port = listener.getsockname()[1]
        self._server = server = _Server(self._app)
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="flowtui-simulator", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + _START_WITHIN
        while not server.started and self._thread.is_alive() and time.monotonic() < deadline:
            self._thread.join(0.002)
        if not server.started:
            raise RuntimeError("the simulator did not start")
        return self.url

    def stop(self) -> None:
        """Stop the server and close its connections. The world's time continues; `start` serves it again."""
        if self._thread is None or self._server is None:
            return
        self._server.stop()
        self._thread.join()
        self._thread = self._server = None

    def _drop(self, scope: Scope) -> None:
        if self._server is not None:
            self._server.drop(scope["client"])


def _listen(port: int) -> socket.socket:
    # asyncio disables Nagle's algorithm only if the protocol is given; without that, each answer takes 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or "unknown reason"
        raise UsageError(
            f"Port {port} on {_HOST} cannot be used: {reason}", hint="Try --port 0, which picks a free one"
        ) from error
    listener.listen(128)
    return listener


def _steady_clock() -> Callable[[], float]:
    """Return a wall clock that never jumps back: a completed run must not become active again."""
    begin, zero = time.time(), time.monotonic()
    return lambda: begin + time.monotonic() - zero
