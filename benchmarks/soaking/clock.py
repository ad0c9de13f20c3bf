"""The time of the soak: it stands still while anybody has something to do, then jumps to the next moment waited for.

Real HTTP takes real time, so the clock counts the requests that are under way; nobody spins while it waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
from collections.abc import Callable
from typing import Any

from flowtui.source.client import Client
from flowtui.source.clock import Clock

BEGIN = 1_800_000_000.0


class DayClock(Clock):
    """`grain`: what is due within so many seconds happens together; each step costs real time. `told` hears the time."""

    def __init__(self, grain: float, told: Callable[[float], None]) -> None:
        self.elapsed = 0.0
        self.grain = grain
        self.steps = 0
        self.requests = 0
        self.lost: Callable[[str, str], None] = lambda _path, _query: None
        """Hears path and query of each request without an answer that was of use."""
        self._told = told
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Timeout]] = []
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def now(self) -> float:
        return BEGIN + self.elapsed

    def monotonic(self) -> float:
        return self.elapsed

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as scope:
                if seconds is not None:
                    due = max(self.elapsed + seconds, math.nextafter(self.elapsed, math.inf))
                    heapq.heappush(self._waiting, (due, next(self._numbers), scope))
                await event.wait()

    async def run(self, until: float) -> None:
        """Let time pass."""
        await self.settle()
        while self._waiting and self._waiting[0][0] <= until:
            self._set(min(until, self._waiting[0][0] + self.grain))
            self._release()
            self.steps += 1
            await self.settle()
        self._set(until)

    def _release(self) -> None:
        while self._waiting and self._waiting[0][0] <= self.elapsed:
            with contextlib.suppress(RuntimeError):  # nobody waits there any more
                heapq.heappop(self._waiting)[2].reschedule(0)

    def _set(self, elapsed: float) -> None:
        self.elapsed = elapsed
        self._told(self.now())

    async def settle(self) -> None:
        """Wait until every request has its answer and nobody has anything left to do with it."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0)
            if self._under_way:
                await self._idle.wait()
            elif not loop._ready:  # type: ignore[attr-defined]  # this is what is waited for
                return

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
