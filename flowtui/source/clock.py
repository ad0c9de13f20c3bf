"""The one place where polling meets real time. Tests hand in a clock of their own, so no test sleeps."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """Real time. `now` is for data (UTC epoch seconds), `monotonic` for schedules, which no clock step may stall."""

    def now(self) -> float:
        """Return UTC epoch seconds by the local wall clock."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; never goes back."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        """Return when `event` is set or `seconds` have passed, whichever is first; None waits for the event alone."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
