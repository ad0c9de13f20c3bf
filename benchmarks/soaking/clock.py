"""The time of the soak: it stands still while anybody has something to do, then jumps to the next moment waited for.

Real HTTP takes real time, so the clock counts the requests that are under way; nobody spins while it waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from benchmarks.simulated_clock import SimulatedClock
from flowtui.source.http.client import Client


class DayClock(SimulatedClock):
    """`told` hears the time, `lost` path and query of each request without an answer that was of use."""

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
        """Wait until every request has its answer, too."""
        await super().settle()
        while self._under_way:
            await self._idle.wait()
            await super().settle()

    @contextlib.contextmanager
    def request(self):
        """Hold the time while a request is under way."""
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
    """The client itself; it tells the clock of its requests, and dates are read by that clock. `deadline`: seconds."""

    def __init__(self, clock: DayClock, settings: Any, key: Any) -> None:
        super().__init__(settings, key, wall=clock.now)
        self._clock = clock

    def hurry(self, deadline: float) -> None:
        """Wait for answers no longer than so many real seconds."""
        self._timeout = deadline

    async def _send(self, method: str, path: str, query: str, *args: Any, **options: Any) -> Any:
        with self._clock.request():
            try:
                return await super()._send(method, path, query, *args, **options)
            except BaseException:
                self._clock.lost(path, query)
                raise
