"""The simulated time of the soak: it stands still during requests and computations, then jumps to the next timer.

Real HTTP takes real time, so the clock counts the requests in flight and waits for them without polling.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from benchmarks.simulated_clock import SimulatedClock
from flowtui.source.http.client import Client


class DayClock(SimulatedClock):
    """A simulated clock that waits for requests. `told` is called with each new time.

    `lost` is called with path and query of each request whose answer the client could not use.
    """

    def __init__(self, grain: float, told: Callable[[float], None]) -> None:
        super().__init__(grain)
        self.requests = 0
        self.lost: Callable[[str, str], None] = lambda _path, _query: None
        self._told = told
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def set(self, elapsed: float) -> None:
        super().set(elapsed)
        self._told(self.now())

    async def settle(self) -> None:
        """Wait until nothing is left to do and each request is answered."""
        await super().settle()
        while self._under_way:
            await self._idle.wait()
            await super().settle()

    @contextlib.contextmanager
    def request(self):
        """Stop the time during a request."""
        self.requests += 1
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()


class CountedClient(Client):
    """flowtui's client; it reports its requests to a `DayClock`, which is also its wall clock."""

    def __init__(self, clock: DayClock, settings: Any, key: Any) -> None:
        super().__init__(settings, key, wall=clock.now)
        self._clock = clock

    def hurry(self, deadline: float) -> None:
        """Wait for answers at most `deadline` real seconds."""
        self._timeout = deadline

    async def _send(self, method: str, path: str, query: str, *args: Any, **options: Any) -> Any:
        with self._clock.request():
            try:
                return await super()._send(method, path, query, *args, **options)
            except BaseException:
                self._clock.lost(path, query)
                raise
