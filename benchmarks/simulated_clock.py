"""Time that stands still while anybody has something to do, then jumps to the next moment that is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math

from flowtui.source.clock import Clock

BEGIN = 1_800_000_000.0


class SimulatedClock(Clock):
    """`grain`: what is due within so many seconds happens together; each step costs real time."""

    def __init__(self, grain: float = 0.0) -> None:
        self.elapsed = 0.0
        self.grain = grain
        self.steps = 0
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Timeout]] = []

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
            self.set(min(until, self._waiting[0][0] + self.grain))
            self._release()
            self.steps += 1
            await self.settle()
        self.set(until)

    def _release(self) -> None:
        while self._waiting and self._waiting[0][0] <= self.elapsed:
            with contextlib.suppress(RuntimeError):  # nobody waits there any more
                heapq.heappop(self._waiting)[2].reschedule(0)

    def set(self, elapsed: float) -> None:
        """Make it so many seconds after the beginning."""
        self.elapsed = elapsed

    async def settle(self) -> None:
        """Wait until nobody has anything left to do."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        while loop._ready:  # type: ignore[attr-defined]  # noqa: ASYNC110, SLF001  this is what is waited for
            await asyncio.sleep(0)
