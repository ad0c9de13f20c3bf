"""Fetches why runs failed, beside the watch: once a run, a few at a time, for a bounded time. No reason is no failure.

Holds a failure's event back until its reason is there or the time is up, so that one line says both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from flowtui.model.messages.why import Why
from flowtui.model.run.row import RunKey
from flowtui.source.clock import Clock
from flowtui.watch.events import Event, with_why

PATIENCE: Final = 3.0
"""Seconds that the line of a failed run waits for its reason."""

MOST: Final = 50
"""Reasons fetched in one watch: after so many failures of a deployment another one says nothing new."""

_MOST_OLD: Final = 20
"""Reasons fetched of runs that had failed before the watch began."""

MOST_OF_SIDE: Final = 30
"""Reasons fetched for each side of a gate, of runs that had failed when it was first judged: to tell new ones from old."""

_AT_ONCE: Final = 2  # requests: polling goes first

Fetch = Callable[[RunKey], Awaitable[Why | None]]


class _Held(NamedTuple):
    event: Event
    task: asyncio.Task[Why | None]
    until: float


class FailureReasons:
    """`known` are the reasons so far, by run."""

    def __init__(self, fetch: Fetch, clock: Clock, wake: Callable[[], None]) -> None:
        self.known: dict[RunKey, Why] = {}
        self._fetch = fetch
        self._clock = clock
        self._wake = wake
        self._asked: set[RunKey] = set()
        self._old = 0  # of them, those of runs that had failed before we came
        self._held: list[_Held] = []
        self._tasks: set[asyncio.Task[Why | None]] = set()
        self._landed = asyncio.Event()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def due(self) -> float | None:
        """When the next event is released at the latest, in monotonic seconds."""
        return min((held.until for held in self._held), default=None)

    def hold(self, event: Event) -> Event | None:
        """Take the event of a failure; return it where it has not to wait, else None."""
        run = event.run
        if run is None:
            return event
        if run.key in self._asked or len(self._asked) - self._old >= MOST or run.placeholder:
            return with_why(event, self.known.get(run.key))
        self._ask(event, run.key)
        return None

    def learn(self, event: Event, key: RunKey, *, most: int = _MOST_OLD) -> None:
        """Fetch the reason of a run that had failed when we came, for the summary; nobody is told of the event.

        Not where `most` such reasons were asked for already.
        """
        if key not in self._asked and self._old < most:
            self._old += 1
            self._ask(event, key)

    def release(self) -> list[Event]:
        """Return the events whose reasons are there, or will not come in time."""
        now = self._clock.monotonic()
        ready = [held for held in self._held if held.task.done() or held.until <= now]
        self._held = [held for held in self._held if held not in ready]
        out = []
        for held in ready:
            found = self._result(held)
            # What was history is not told; its reason is kept all the same.
            if held.event.failure:
                out.append(with_why(held.event, found))
        return out

    async def finish(self) -> list[Event]:
        """Wait for what is still held, within its time, and return it."""
        while self._held:
            left = max(held.until for held in self._held) - self._clock.monotonic()
            tasks = [held.task for held in self._held if not held.task.done()]
            if left <= 0 or not tasks:
                break
            self._landed.clear()
            await self._clock.wait(self._landed, left)
        out = self.release()
        self.cancel()
        return out

    def cancel(self) -> None:
        """Fetch nothing more."""
        for task in self._tasks:
            task.cancel()
        self._held.clear()

    def _ask(self, event: Event, key: RunKey) -> None:
        self._asked.add(key)
        task = asyncio.create_task(self._one(key))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._land())
        self._held.append(_Held(event, task, self._clock.monotonic() + PATIENCE))

    async def _one(self, key: RunKey) -> Why | None:
        async with self._turn:
            found = await self._fetch(key)
        if found is not None:
            self.known[key] = found
        return found

    def _land(self) -> None:
        self._landed.set()
        self._wake()

    def _result(self, held: _Held) -> Why | None:
        if not held.task.done():
            return None  # it may still come in time for the summary
        if held.task.cancelled() or held.task.exception() is not None:
            return None
        return held.task.result()
