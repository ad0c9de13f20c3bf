"""What flowtui measures of itself while somebody looks. Pure: every moment is given, in monotonic seconds.

A key or a body waits for the first frame after it. What paints nothing is taken back, and is no sample.
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
        """Keep one more; the oldest goes once there are too many."""
        self._numbers.append(number)

    def quantile(self, share: float) -> float | None:
        """Return the least number that `share` (above 0, to 1) of all do not exceed; None where there are none."""
        if not self._numbers:
            return None
        ranked = sorted(self._numbers)
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


class RecentValues:
    """Numbers of the last `seconds`, each with its moment; moments never go back."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._dated: deque[tuple[float, float]] = deque()

    def add(self, at: float, number: float) -> None:
        """Keep one more, and forget what is too old at that moment."""
        self._dated.append((at, number))
        while self._dated[0][0] < at - self.seconds:
            self._dated.popleft()

    @property
    def worst(self) -> float | None:
        """The greatest of them; None where there are none."""
        return max((number for _, number in self._dated), default=None)

    @property
    def rate(self) -> float | None:
        """How much a total that is written down here grew per second; None before two moments are known."""
        if len(self._dated) < 2:
            return None
        (since, first), (until, last) = self._dated[0], self._dated[-1]
        return (last - first) / (until - since) if until > since else None

    @property
    def span(self) -> float:
        """The seconds between the first and the last of them."""
        return self._dated[-1][0] - self._dated[0][0] if self._dated else 0.0


class FrameDelays:
    """Things that wait for a frame, and how long the last hundred waited, in seconds."""

    def __init__(self) -> None:
        self.took = Samples()
        self._since: list[float] = []

    def begin(self, at: float) -> None:
        """Something came that a frame may show."""
        self._since.append(at)

    def waits(self, at: float) -> bool:
        """Whether what came at that moment still waits."""
        return at in self._since

    def drop(self, at: float) -> None:
        """What came at that moment changed nothing on the screen."""
        if at in self._since:
            self._since.remove(at)

    def painted(self, now: float) -> None:
        """A frame was written: it shows all that waited."""
        for at in self._since:
            self.took.add(max(0.0, now - at))
        self._since.clear()


class Measurements(NamedTuple):
    """What is known at one moment. None is unknown; times are in seconds, sizes in bytes, rates per second.

    `keys` and `bodies` say how many samples their quantiles rest on, `lag_span` and `rate_span` how many seconds.
    `resident` is the memory in use, `requests` counts those of the last minute.
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
    """All that is measured from the moment on at which it is made."""

    def __init__(self) -> None:
        self.keys = FrameDelays()
        self.bodies = FrameDelays()
        self._lags = RecentValues(LAG_SECONDS)
        self._totals = RecentValues(RATE_SECONDS)

    def painted(self, now: float) -> None:
        """A frame was written."""
        self.keys.painted(now)
        self.bodies.painted(now)

    def late(self, now: float, seconds: float) -> None:
        """A timer came that many seconds after it was due."""
        self._lags.add(now, max(0.0, seconds))

    def read(
        self,
        now: float,
        *,
        resident: int | None,
        requests: tuple[int, int] | None,
        written: int | None,
    ) -> Measurements:
        """Return what is known now. `requests`: of the last minute, and all; `written`: bytes so far."""
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
    """Return the resident memory in bytes, shared pages among it; None where the system does not say."""
    try:
        return int(statm.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
