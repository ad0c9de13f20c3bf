"""Holds every request back while the server as a whole is in trouble. Pure.

Backoff per target is not enough: a hundred threads that each retry once a minute are a storm to a server that is
down. After a few failures in a row one probe at a time goes out; `Retry-After` of a 429 counts for all, as limits
are per key. One good answer opens the gate.
"""

from __future__ import annotations

import random

from flowtui.errors import ApiError, RateLimitedError
from flowtui.model.snapshot import Outage
from flowtui.source.schedule import MAX_RETRY_AFTER, backoff

_TOLERATED = 5  # failures in a row; fewer may be the trouble of single threads


class Gate:
    """Open at first. `closed`: only one request may be under way, and only after `wait`."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures = 0
        self._since = 0.0
        self._last = ("", "")
        self._probe_at = float("-inf")
        self._asked_for = float("-inf")

    @property
    def closed(self) -> bool:
        """Whether the server as a whole seems to be in trouble."""
        return self._failures >= _TOLERATED

    @property
    def trouble(self) -> tuple[str, str, float] | None:
        """Kind and words of the last failure, and when (monotonic) the first in a row was; None while the gate is open."""
        return (*self._last, self._since) if self.closed else None

    def outage(self, now: float, at: float) -> Outage | None:
        """Return `trouble` as the picture shows it; `at` is `now` (monotonic) in UTC epoch seconds."""
        if (trouble := self.trouble) is None:
            return None
        kind, cause, since = trouble
        return Outage(kind, cause, at - (now - since))

    def wait(self, now: float) -> float:
        """Return in how many seconds a request may be made; 0: now."""
        return max(0.0, self._probe_at - now, self._asked_for - now)

    def failed(self, error: ApiError, now: float) -> None:
        """Take in a failure that may pass by itself."""
        if not self._failures:
            self._since = now
        self._failures += 1
        self._last = (
            error.kind,
            str(error),
        )  # not the error itself: its frames hold the body that could not be read
        if isinstance(error, RateLimitedError) and error.retry_after is not None:
            self._asked_for = max(self._asked_for, now + min(error.retry_after, MAX_RETRY_AFTER))
        if self.closed:
            delay = backoff(error, self._failures - _TOLERATED, 1.0, self._rng)
            self._probe_at = now + (delay or 0.0)

    def answered(self) -> bool:
        """Take in that the server answers; return whether the gate was closed until now."""
        opened = self.closed
        self.push()
        return opened

    def push(self) -> None:
        """Open, because somebody wants to know now. What the server asked for still holds."""
        self._failures, self._probe_at = 0, float("-inf")
