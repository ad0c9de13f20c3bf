"""Measurements of flowtui itself: delays, loop lag, memory, requests and bytes written.

Times are arguments, in monotonic seconds. The delay of a key or a response body lasts until the first frame after it. A
key or body that changes nothing on the screen does not count.
"""

from __future__ import annotations

import math
import os
from collections import deque
from pathlib import Path
from typing import Final, NamedTuple

LAG_SECONDS: Final = 60.0
RATE_SECONDS: Final = 10.0
_STATM: Final = Path("/proc/self/statm")


class Samples:
    """The last `size` numbers."""

    def __init__(self, size: int = 100) -> None:
        self._numbers: deque[float] = deque(maxlen=size)

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: float) -> None:
        """Add a number; if there are more than `size`, drop the oldest."""
        self._numbers.append(number)

    def quantile(self, share: float) -> float | None:
        """Return the quantile of `share` (0 < share ≤ 1), which is one of the numbers; None without numbers."""
        if not self._numbers:
            return None
        ranked = sorted(self._numbers)
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


class RecentValues:
    """Numbers of the last `seconds`, each with its time. Times must not decrease."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._dated: deque[tuple[float, float]] = deque()

    def add(self, at: float, number: float) -> None:
        """Add a number, and drop those older than `seconds`."""
        self._dated.append((at, number))
        while self._dated[0][0] < at - self.seconds:
            self._dated.popleft()

    @property
    def worst(self) -> float | None:
        """The greatest number; None without numbers."""
        return max((number for _, number in self._dated), default=None)

    @property
    def rate(self) -> float | None:
        """The growth per second, if the numbers are a running total; None if they cover no time."""
        if len(self._dated) < 2:
            return None
        (since, first), (until, last) = self._dated[0], self._dated[-1]
        return (last - first) / (until - since) if until > since else None

    @property
    def span(self) -> float:
        """The seconds from the first to the last number; 0 without numbers."""
        return self._dated[-1][0] - self._dated[0][0] if self._dated else 0.0


class FrameDelays:
    """Delays, in seconds, from an event to the frame that shows it; the last hundred are kept in `took`."""

    def __init__(self) -> None:
        self.took = Samples()
        self._since: list[float] = []

    def begin(self, at: float) -> None:
        """Note an event at the time `at`, which the next frame may show."""
        self._since.append(at)

    def waits(self, at: float) -> bool:
        """Whether the event at the time `at` was neither shown nor dropped yet."""
        return at in self._since

    def drop(self, at: float) -> None:
        """Remove the event at the time `at`: it changed nothing on the screen."""
        if at in self._since:
            self._since.remove(at)

    def painted(self, now: float) -> None:
        """Note that a frame was written: it shows all noted events, and their delays end now."""
        for at in self._since:
            self.took.add(max(0.0, now - at))
        self._since.clear()


class Measurements(NamedTuple):
    """All measurements at one moment; None is unknown. Times in seconds, sizes in bytes, rates in bytes per second.

    `keys` and `bodies` are the numbers of samples, `lag_span` and `rate_span` the seconds that the values cover.
    `resident` is the memory in use, `requests` counts the last minute, `requests_all` the whole connection.
    """

    key_p50: float | None = None
    key_p95: float | None = None
    keys: int = 0
    body_p50: float | None = None
    body_p95: float | None = None
    bodies: int = 0
    lag: float | None = None
    lag_span: float = 0.0
    resident: int | None = None
    requests: int | None = None
    requests_all: int | None = None
    rate: float | None = None
    rate_span: float = 0.0
    written: int | None = None


class Meter:
    """Collects measurements from its creation on."""

    def __init__(self) -> None:
        self.keys = FrameDelays()
        self.bodies = FrameDelays()
        self._lags = RecentValues(LAG_SECONDS)
        self._totals = RecentValues(RATE_SECONDS)

    def painted(self, now: float) -> None:
        """Note that a frame was written at `now`."""
        self.keys.painted(now)
        self.bodies.painted(now)

    def late(self, now: float, seconds: float) -> None:
        """Note that a timer ran `seconds` late."""
        self._lags.add(now, max(0.0, seconds))

    def read(
        self, now: float, *, resident: int | None, requests: tuple[int, int] | None, written: int | None
    ) -> Measurements:
        """Return all measurements. `requests`: (in the last minute, all); `written`: all bytes to the terminal; None is unknown."""
        if written is not None:
            self._totals.add(now, written)
        keys, bodies = self.keys.took, self.bodies.took
        minute, total = requests if requests is not None else (None, None)
        return Measurements(
            key_p50=keys.quantile(0.5),
            key_p95=keys.quantile(0.95),
            keys=len(keys),
            body_p50=bodies.quantile(0.5),
            body_p95=bodies.quantile(0.95),
            bodies=len(bodies),
            lag=self._lags.worst,
            lag_span=self._lags.span,
            resident=resident,
            requests=minute,
            requests_all=total,
            rate=self._totals.rate,
            rate_span=self._totals.span,
            written=written,
        )


def resident_memory(statm: Path = _STATM) -> int | None:
    """Return the resident memory of this process in bytes, shared pages included; None if the system does not say."""
    try:
        return int(statm.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
