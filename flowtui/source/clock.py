"""The one place where polling meets real time. Tests hand in a clock of their own, so no test sleeps."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from statistics import median

_SAMPLES = 9
_DOUBT = 2.0  # seconds; the Date header counts whole ones, so less is no evidence


class Clock:
    """Real time. `now` is for data (UTC epoch seconds), `monotonic` for schedules, which no clock step may stall.

    A screen that has a clock of its own hands it in as `now`, so that both date things alike.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now

    def now(self) -> float:
        """Return UTC epoch seconds by the local wall clock."""
        return self._now()

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


class ServerClock:
    """What the `Date` headers say about the server's clock. The median of the last few: one odd answer moves nothing."""

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_SAMPLES)

    def learn(self, server_time: float | None, now: float, elapsed: float) -> None:
        """Take in the header of an answer that arrived at `now` (local UTC epoch seconds) after `elapsed` seconds."""
        if server_time is not None:
            # The header cuts the fraction off; half a second is its mean. The answer was made midway, at the best guess.
            self._offsets.append(server_time + 0.5 - (now - elapsed / 2))

    @property
    def known(self) -> bool:
        """Whether any answer said what time it is on the server."""
        return bool(self._offsets)

    @property
    def offset(self) -> float:
        """Server clock minus local clock, in seconds; 0 while the difference may be rounding."""
        offset = median(self._offsets) if self._offsets else 0.0
        return offset if abs(offset) >= _DOUBT else 0.0
