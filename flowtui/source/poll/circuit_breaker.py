"""Holds requests back while the server as a whole is in trouble. Pure.

Backoff per target is not enough: a hundred threads that each retry once a minute are too many requests for a server that
is down. After a few failures in a row, one probe at a time is sent. The `Retry-After` of a 429 holds back all requests,
as limits are per key. One good answer allows all requests again.
"""

from __future__ import annotations

import random
from typing import Final

from flowtui.errors import ApiError, RateLimitedError
from flowtui.model.state.snapshot import Outage
from flowtui.source.http.headers import MAX_RETRY_AFTER
from flowtui.source.poll.schedule import Target, backoff

_TOLERATED = 5  # failures in a row that trip the circuit breaker; fewer may concern single threads only

_PROBE = 1.0  # seconds that a pause before a probe may always last
# the longest pause before a probe, as a share of the time since the outage began; never less than `_PROBE`
_PATIENCE = 1 / 8

NONE: Final = "none"
ONE: Final = "one"
ALL: Final = "all"
"""`NONE`, `ONE` and `ALL` say how many of the failing threads to poll again at once."""


class CircuitBreaker:
    """Allows all requests until it is tripped; then one at a time, each after `wait` seconds. Times are monotonic seconds."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures = 0
        self._since = 0.0
        self._last = ("", "")
        self._probe_at = float("-inf")
        self._asked_for = float("-inf")
        self._limited_at = float("-inf")
        self._limit = ("", "")
        self._unread = 0
        self.probe: Target | None = None
        """The failing thread that is polled again before all others; the poller sets it if `answered` returns `ONE`."""

    @property
    def tripped(self) -> bool:
        """Whether the server as a whole seems to fail, because `_TOLERATED` requests failed in a row."""
        return self._failures >= _TOLERATED

    def outage(self, now: float, at: float) -> Outage | None:
        """Return the outage for the snapshot; None while the circuit breaker is not tripped.

        `at` is the same moment as `now`, in UTC epoch seconds.
        """
        return Outage(*self._last, at - (now - self._since)) if self.tripped else None

    def holding_since(self, now: float) -> tuple[float, str, str] | None:
        """Return since when requests are held back because of the server, and the last error's kind and message.

        None: none are held back.
        """
        since = [self._since] if self.tripped else []
        if self._asked_for > now:
            since.append(self._limited_at)
        return (min(since), *(self._last if self.tripped else self._limit)) if since else None

    def wait(self, now: float) -> float:
        """Return in how many seconds a request may be made; 0: now."""
        return max(0.0, self._probe_at - now, self._asked_for - now)

    def failed(self, error: ApiError, now: float, target: Target) -> None:
        """Note that a poll of `target` failed with a retryable error."""
        self._unread += target[0] == "runs"
        if target == self.probe:
            self.probe = None
        if not self._failures:
            self._since = now
        self._failures += 1
        # the error itself is not kept: its frames hold the body that could not be read
        self._last = (error.kind, str(error))
        if isinstance(error, RateLimitedError) and error.retry_after is not None:
            if self._asked_for <= now:
                self._limited_at = now
            self._asked_for = max(self._asked_for, now + min(error.retry_after, MAX_RETRY_AFTER))
            self._limit = self._last
        if self.tripped:
            delay = backoff(error, self._failures - _TOLERATED, 1.0, self._rng) or 0.0
            # after an outage of one minute the user should not wait half a minute more
            if error.retry_after is None:
                delay = min(delay, max(_PROBE, (now - self._since) * _PATIENCE))
            self._probe_at = now + delay

    def answered(self, target: Target, *, recovered: bool) -> str:
        """Note a good answer, and return how many of the failing threads to poll again at once.

        `recovered`: whether the poll before this one had failed.

        If there was no outage: `NONE`. If there was one and this target has recovered, the failing threads have probably
        recovered, too: `ALL`. If this target had not failed, the threads may fail for another reason, so one of them is
        polled first: `ONE`.
        """
        over = self.tripped
        self.reset()
        if target[0] == "runs":
            over = over or self._unread >= _TOLERATED or target == self.probe
            self._unread, self.probe = 0, None
        if not over:
            return NONE
        return ALL if recovered else ONE

    def reset(self) -> None:
        """Allow all requests again, as after a good answer or when the user refreshes. A pause that a `Retry-After` asked for goes on."""
        self._failures, self._probe_at = 0, float("-inf")
