"""Simulated time for tests over real HTTP: it stands still during requests, then jumps to the next timer."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowtui.source.clock import Clock
from flowtui.source.http.client import Client

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


class WaitingClock(Clock):
    """Jumps to the next timer once no task is ready to run and no request is unanswered.

    A request takes no simulated time, so that the speed of the machine does not matter. Needs `watch_requests`. Work in
    threads and processes does not stop the time.
    """

    def __init__(self, begin: float) -> None:
        super().__init__(lambda: begin + self.elapsed)
        self.elapsed = 0.0
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.Timeout]] = []
        self._script: list[tuple[float, int, Callable[[], object]]] = []
        self._mover: asyncio.Task[None] | None = None

    def monotonic(self) -> float:
        return self.elapsed

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Call `action` when `seconds` have elapsed."""
        heapq.heappush(self._script, (seconds, next(self._numbers), action))

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        loop = asyncio.get_running_loop()
        if self._mover is None or self._mover.get_loop() is not loop:
            self._waiting.clear()
            self._mover = loop.create_task(self._move())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as scope:
                if seconds is not None:
                    due = max(self.elapsed + seconds, math.nextafter(self.elapsed, math.inf))
                    heapq.heappush(self._waiting, (due, next(self._numbers), scope))
                await event.wait()

    async def _move(self) -> None:
        """Move the time for as long as the event loop runs."""
        loop: Any = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(0.001)  # lets the event loop handle I/O
            while loop._ready:  # noqa: ASYNC110  it waits for this event loop
                await asyncio.sleep(0)
            moments = [queue[0][0] for queue in (self._waiting, self._script) if queue]
            if _under_way or not moments:
                continue
            self.elapsed = max(self.elapsed, min(moments))
            while self._script and self._script[0][0] <= self.elapsed:
                heapq.heappop(self._script)[2]()
            while self._waiting and self._waiting[0][0] <= self.elapsed:
                scope = heapq.heappop(self._waiting)[2]
                with contextlib.suppress(RuntimeError):  # that wait has ended
                    scope.reschedule(0)
