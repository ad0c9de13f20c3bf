"""Tracks since when the server has not answered, and since when polls are held back because of the server. Pure.

An update tells subscribers which requests are unanswered. While the server does not answer, nothing else causes an
update, so one is sent a second after the first request that subscribers do not know of. Times are monotonic seconds.
"""

from __future__ import annotations

from typing import Final

from flowtui.model.state.health import Withheld
from flowtui.source.poll.circuit_breaker import CircuitBreaker

TELL_AFTER: Final = 1.0
"""Seconds after a request until subscribers get an update that shows it as unanswered."""


class Silence:
    """Since when requests are unanswered, and whether subscribers know of them."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._untold: float | None = None
        self._blocked = False

    def asked(self, now: float, *, news: bool, full: bool) -> None:
        """Note that a request is sent.

        `news`: whether it is the first request for its thread since the thread was observed.
        `full`: whether all connections for polls are in use.
        """
        self._since = now if self._since is None else self._since
        self._blocked = self._blocked or full
        if news and self._untold is None:
            self._untold = now

    def answered(self) -> None:
        """Note that the server answered, or that polling has stopped."""
        self._since, self._blocked = None, False

    def told(self) -> None:
        """Note that subscribers get a new snapshot."""
        self._untold = None

    def wait(self, now: float) -> float | None:
        """Return in how many seconds to send subscribers an update that shows unanswered requests; None: not needed."""
        return None if self._untold is None else self._untold + TELL_AFTER - now

    def holds(self, breaker: CircuitBreaker, now: float, at: float) -> Withheld | None:
        """Return since when polls are held back because of the server; None if none are held back.

        They are held back while the circuit breaker is tripped, and while the server has asked for a pause. Once all
        connections wait for answers, polls count as held back until the next answer. Waiting for our own request budget
        does not count. `at` is the same moment as `now`, in UTC epoch seconds.
        """
        held = breaker.holding_since(now)
        if held is None and not self._blocked:
            return None
        since, kind, cause = held or (now, "", "the server does not answer")
        since = since if self._since is None else min(since, self._since)
        return Withheld(at - (now - since), cause, kind)
