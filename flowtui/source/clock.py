"""The clock that polling uses, and the offset of the server's clock. Tests pass a clock of their own and never sleep."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from statistics import median

_SAMPLES = 9
_ROUNDING = 2.0  # seconds; the Date header has whole seconds, so a smaller difference may be rounding


class Clock:
    """The clocks of this machine. `now` gives dates; `monotonic` is for schedules, as setting the wall clock must not stall them.

    The argument replaces the wall clock: a screen passes its own, so that both use the same dates.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now

    def now(self) -> float:
        """Return UTC epoch seconds by the local wall clock."""
        return self._now()

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; the value never decreases."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        """Return when `event` is set or `seconds` have passed, whichever is first; None waits for the event alone."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass


class ServerClock:
    """How far the server's clock differs from the local one, by the `Date` headers of the last answers.

    Their median is used, so that one wrong header has no effect.
    """

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_SAMPLES)

    def learn(self, server_time: float | None, now: float, elapsed: float) -> None:
        """Use `server_time`, the `Date` of an answer in UTC epoch seconds (None: it had none).

        The answer arrived at `now` (UTC epoch seconds, local clock), `elapsed` seconds after the request.
        """
        if server_time is not None:
            # The header lacks the fraction of a second: its mean, 0.5, is added. The server probably answered halfway through `elapsed`.
            self._offsets.append(server_time + 0.5 - (now - elapsed / 2))

    @property
    def known(self) -> bool:
        """Whether any answer had a `Date` header."""
        return bool(self._offsets)

    @property
    def offset(self) -> float:
        """Server clock minus local clock, in seconds; 0 if it is less than 2 s, which may be rounding."""
        offset = median(self._offsets) if self._offsets else 0.0
        return offset if abs(offset) >= _ROUNDING else 0.0
