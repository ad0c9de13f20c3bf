"""Simulated time, which jumps to the next timer: without I/O, or over real HTTP, where it stands still during requests."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowtui.model.feed import Waitable
from flowtui.source.clock import Clock
from flowtui.source.http.client import Client

BEGIN = 1_794_000_000.0  # 2026-11-06 21:20:00 UTC

_under_way: set[object] = set()


def watch_requests(patch: pytest.MonkeyPatch) -> None:
    """Patch the client so that each `WaitingClock` knows of its requests."""
    send: Callable[..., Awaitable[Any]] = Client._send

    async def known(*words: Any, **named: Any) -> Any:
        mine = object()
        _under_way.add(mine)
        try:
            return await send(*words, **named)
        finally:
            _under_way.discard(mine)

    patch.setattr(Client, "_send", known)


class JumpingClock(Clock):
    """Stands still while a task can run; `run` then jumps to the next time that a task waits for. For tests without I/O."""

    def __init__(self, begin: float = BEGIN) -> None:
        super().__init__(lambda: begin + self.elapsed)
        self.elapsed = 0.0
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Timeout]] = []
        self._script: list[tuple[float, int, Callable[[], object]]] = []

    def monotonic(self) -> float:
        return self.elapsed

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Call `action` when `seconds` have elapsed."""
        heapq.heappush(self._script, (seconds, next(self._numbers), action))

    async def wait(self, event: Waitable, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as scope:
                if seconds is not None:
                    due = max(self.elapsed + seconds, math.nextafter(self.elapsed, math.inf))
                    heapq.heappush(self._waiting, (due, next(self._numbers), scope))
                await event.wait()

    async def run(self, task: asyncio.Task[Any], limit: float = 4000.0) -> Any:
        """Let time pass until the task is done, and return its result."""
        await self.settle()
        while not task.done():
            assert self._jump(), "nothing waits for the clock, but the task has not ended"
            assert self.elapsed <= limit, "it does not end"
            await self.settle()
        return task.result()

    async def settle(self) -> None:
        """Return once no task can run before time moves."""
        loop: Any = asyncio.get_running_loop()
        await asyncio.sleep(0)
        while loop._ready:  # noqa: ASYNC110  this loop is what is waited for
            await asyncio.sleep(0)

    def _jump(self) -> bool:
        """Move to the next time that is waited for, and let its waits end; return False if nothing waits."""
        moments = [queue[0][0] for queue in (self._waiting, self._script) if queue]
        if not moments:
            return False
        self.elapsed = max(self.elapsed, min(moments))
        while self._script and self._script[0][0] <= self.elapsed:
            heapq.heappop(self._script)[2]()
        while self._waiting and self._waiting[0][0] <= self.elapsed:
            scope = heapq.heappop(self._waiting)[2]
            with contextlib.suppress(RuntimeError):  # that wait has ended
                scope.reschedule(0)
        return True


class WaitingClock(JumpingClock):
    """Jumps to the next timer once no task is ready to run and no request is unanswered.

    A request takes no simulated time, so that the speed of the machine does not matter. Needs `watch_requests`. Work in
    threads and processes does not stop the time.
    """

    _mover: asyncio.Task[None] | None = None

    async def wait(self, event: Waitable, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        if self._mover is None or self._mover.get_loop() is not loop:
            self._waiting.clear()
            self._mover = loop.create_task(self._move())
        await super().wait(event, seconds)

    async def _move(self) -> None:
        """Move the time for as long as the event loop runs."""
        while True:
            await asyncio.sleep(0.001)  # lets the event loop handle I/O
            await self.settle()
            if not _under_way:
                self._jump()
