"""Simulated time: it stands still while a task has something to do, then jumps to the next timer."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math

from flowtui.source.clock import Clock

BEGIN = 1_800_000_000.0


class SimulatedClock(Clock):
    """A clock for simulations. `elapsed` is in seconds.

    `grain`: timers within so many seconds are due together, since each step costs real time.
    """

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
        """Let time pass up to `until` (elapsed seconds)."""
        await self.settle()
        while self._waiting and self._waiting[0][0] <= until:
            self.set(min(until, self._waiting[0][0] + self.grain))
            self._release()
            self.steps += 1
            await self.settle()
        self.set(until)

    def _release(self) -> None:
        while self._waiting and self._waiting[0][0] <= self.elapsed:
            with contextlib.suppress(RuntimeError):  # that wait has ended
                heapq.heappop(self._waiting)[2].reschedule(0)

    def set(self, elapsed: float) -> None:
        """Set the elapsed seconds."""
        self.elapsed = elapsed

    async def settle(self) -> None:
        """Wait until no task is ready to run."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        while loop._ready:  # type: ignore[attr-defined]  # noqa: ASYNC110, SLF001  it waits for this event loop
            await asyncio.sleep(0)
