"""The clock that polling uses, and the offset of the server's clock. Tests pass a clock of their own and never sleep."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # one-shot commands import this module, but have no feed
    from flowtui.model.feed import Waitable

_SAMPLES = 9
_ROUNDING = 2.0  # seconds; the Date header has whole seconds, so a smaller difference may be rounding


class Clock:
    """The clocks of this machine: `now` for dates, `monotonic` for schedules, which must not stall if the time is set.

    The argument replaces the wall clock. A screen passes the clock that it uses itself, so that its dates and those of
    polling agree.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now

    def now(self) -> float:
        """Return UTC epoch seconds by the local wall clock."""
        return self._now()

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; the value never decreases."""
        return time.monotonic()

    async def wait(self, event: Waitable, seconds: float | None) -> None:
        """Wait until `event` happens, for at most `seconds`; None: without a limit."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass


class ShiftedClock(Clock):
    """A clock whose dates are ahead of those of another one."""

    def __init__(self, clock: Clock, ahead: float) -> None:
        """`ahead`: in seconds."""
        super().__init__(lambda: clock.now() + ahead)
        self._clock = clock

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; the value never decreases."""
        return self._clock.monotonic()

    async def wait(self, event: Waitable, seconds: float | None) -> None:
        """Wait until `event` happens, for at most `seconds`; None: without a limit."""
        await self._clock.wait(event, seconds)


class ServerClock:
    """How far the server's clock differs from the local one: the median over the last nine answers with a `Date` header.

    As it is a median, a single wrong header has little effect.
    """

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_SAMPLES)

    def learn(self, server_time: float | None, now: float, elapsed: float) -> None:
        """Take in the `Date` header of an answer.

        `server_time`: the header in UTC epoch seconds; None if the answer had none, which changes nothing.
        `now`: when the answer arrived, in UTC epoch seconds (local clock).
        `elapsed`: the seconds from the request to the answer.
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
        """Server clock minus local clock, in seconds; 0 if unknown, or below 2 s in size, which may be rounding."""
        offset = median(self._offsets) if self._offsets else 0.0
        return offset if abs(offset) >= _ROUNDING else 0.0
