"""Since when the server has been silent: what was asked and not answered, and what is held back because of that. Pure.

Consumers learn of a request only with the next update. Where the server is silent there is none, so it is made one second
after the first request that they were not told of. Times are monotonic seconds.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.source.poll.circuit_breaker import CircuitBreaker

TELL_AFTER: Final = 1.0
"""Seconds for which an answer is out before consumers are told that it is."""


class Held(NamedTuple):
    """Looks that fall due are held back since `since`; `cause` is what the server said last, display-safe."""

    since: float
    cause: str


class Silence:
    """What was asked since the last answer, and what consumers were not told of yet."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._untold: float | None = None
        self._blocked = False

    def asked(self, now: float, *, news: bool, full: bool) -> None:
        """Take in that a request goes out.

        `news`: it is the first about its thread since that was read; `full`: all connections wait for an answer now.
        """
        self._since = now if self._since is None else self._since
        self._blocked = self._blocked or full
        if news and self._untold is None:
            self._untold = now

    def answered(self) -> None:
        """Take in that the server answers, or that nothing is asked any more."""
        self._since, self._blocked = None, False

    def told(self) -> None:
        """Take in that consumers get a new picture."""
        self._untold = None

    def wait(self, now: float) -> float | None:
        """Return in how many seconds consumers are to be told that answers are out; None: there is nothing to tell."""
        return None if self._untold is None else self._untold + TELL_AFTER - now

    def holds(self, breaker: CircuitBreaker, now: float) -> Held | None:
        """Return since when the server keeps looks from being made; None where it does not.

        It does where the circuit breaker is tripped, where it asked for a pause, and where all connections waited for it and none got
        an answer since. Waiting for our own budget is no business of the server's.
        """
        held = breaker.holding_since(now)
        if held is None and not self._blocked:
            return None
        since, cause = held or (now, "the server does not answer")
        return Held(since if self._since is None else min(since, self._since), cause)
