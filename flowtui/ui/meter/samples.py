"""Measured numbers, kept in small rings: the last ones by count, or those of the last seconds. Pure; unknown is None."""

from __future__ import annotations

import math
from collections import deque


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


class Recent:
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
