"""One question to the server, asked again where that may help, for at most 10 s in all; then the answer or the reason.

Owns the patience and the request budget of one command. Never raises for what the server does: an answer that is not
whole comes back with what could be read of it and the error beside it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from flowtui.errors import ApiError, TooLargeError, TransportError, UnreadableError, UsageError
from flowtui.model.run.json_body import TOO_MANY, parse_elements
from flowtui.source.clock import Clock
from flowtui.source.http.request_log import ATTEMPT, error_summary
from flowtui.source.poll.schedule import Budget

RETRY_SECONDS: Final = 10.0
"""Seconds that one command spends on asking again, in all."""

_FIRST_BACKOFF: Final = 0.5
_MAX_BACKOFF: Final = 4.0
_MIN_BACKOFF: Final = 0.1
_DEAD_AFTER: Final = 5  # questions in a row without an answer, with no patience left: the rest are not asked
_LOG: Final = logging.getLogger("flowtui.asking")


class Answer(Protocol):
    """What the client returns, as far as it matters here."""

    @property
    def body(self) -> bytes:
        """The decompressed body."""

    @property
    def request_id(self) -> str:
        """What the server calls this request."""

    @property
    def server_time(self) -> float | None:
        """The Date header in UTC epoch seconds."""


class Found(NamedTuple):
    """What one question brought: `value` as far as it could be read, `error` where it is not whole."""

    value: Any
    error: ApiError | None


class RetryBudget:
    """The seconds that are left for asking again. Time counts once, however many questions wait in it."""

    def __init__(self, seconds: float = RETRY_SECONDS) -> None:
        self._left = seconds
        self._waiting = 0
        self._since = 0.0

    def left(self, now: float) -> float:
        """Return the seconds that are left at `now` (monotonic)."""
        return self._left - (now - self._since if self._waiting else 0.0)

    def begin(self, now: float) -> None:
        """One more question has failed and will be asked again."""
        if not self._waiting:
            self._since = now
        self._waiting += 1

    def end(self, now: float) -> None:
        """One of them has its answer, or was given up."""
        self._waiting -= 1
        if not self._waiting:
            self._left -= now - self._since


@dataclass(slots=True)
class Requester:
    """Asks, within the budget and the patience. `server_time`: the latest the server gave, UTC epoch seconds."""

    clock: Clock
    budget: Budget
    rng: random.Random
    retry_budget: RetryBudget = field(default_factory=RetryBudget)
    server_time: float | None = None
    _unanswered: int = 0

    @property
    def now(self) -> float:
        """The server's time where it says it, else ours: ages are taken at it."""
        return self.clock.now() if self.server_time is None else self.server_time

    async def elements(self, call: Callable[[], Awaitable[Answer]]) -> Found:
        """Return the raw JSON elements of a page; on an error, those that could be read."""

        def read(body: bytes) -> tuple[list[Any], str | None]:
            found = parse_elements(body)
            return found.values, found.error

        return await self.ask(call, read, [])

    async def ask(
        self,
        call: Callable[[], Awaitable[Answer]],
        read: Callable[[bytes], tuple[Any, str | None]],
        nothing: Any,
    ) -> Found:
        """Return what `read` makes of the body: (value, why it is not whole or None); `nothing` where none came."""
        if self._unanswered >= _DEAD_AFTER and self.retry_budget.left(self.clock.monotonic()) <= 0:
            return Found(nothing, TransportError("Not asked: the server had stopped answering"))
        best = nothing
        last: ApiError | None = None
        waiting = False
        attempt = 0
        try:
            while True:
                ATTEMPT.set(attempt + 1)
                value, error = await self._once(call, read, nothing, last)
                if error is None:
                    self._unanswered = 0
                    return Found(value, None)
                best, last = value or best, error
                delay = self._delay(error, attempt)
                if not waiting:
                    self.retry_budget.begin(self.clock.monotonic())
                    waiting = True
                if delay is None or delay >= self.retry_budget.left(self.clock.monotonic()):
                    self._unanswered = self._unanswered + 1 if isinstance(error, TransportError) else 0
                    return Found(best, error)
                attempt += 1
                _LOG.warning("%s; asking again in %.1f s", error_summary(error), delay)
                await self._sleep(delay)
        finally:
            if waiting:
                self.retry_budget.end(self.clock.monotonic())

    async def _once(
        self,
        call: Callable[[], Awaitable[Answer]],
        read: Callable[[bytes], tuple[Any, str | None]],
        nothing: Any,
        last: ApiError | None,
    ) -> Found:
        """Ask once; the second time and later for no longer than the patience lasts, and then `last` stands."""
        while (pause := self.budget.wait(self.clock.monotonic())) > 0:
            _LOG.warning("the request budget is used up; going on in %.0f s", pause)
            await self._sleep(pause)
        self.budget.take(self.clock.monotonic())
        retry_budget = max(0.0, self.retry_budget.left(self.clock.monotonic())) if last is not None else None
        try:
            async with asyncio.timeout(retry_budget):
                answer = await call()
        except ApiError as error:
            return Found(nothing, error)
        except UsageError as error:
            # The ids that people name are checked before anything is asked: this one the server has listed.
            return Found(nothing, ApiError(error.message))
        except TimeoutError:
            return Found(nothing, last)
        if answer.server_time is not None:
            self.server_time = max(answer.server_time, self.server_time or answer.server_time)
        value, reason = read(answer.body)
        if reason is None:
            return Found(value, None)
        return Found(value, _unread(reason, answer.request_id, nothing=not value))

    def _delay(self, error: ApiError, attempt: int) -> float | None:
        """Return the seconds to wait before asking again, with full jitter; None where asking again is no help."""
        if not error.retryable:
            return None
        delay = self.rng.uniform(0.0, min(_MAX_BACKOFF, _FIRST_BACKOFF * 2.0**attempt))
        return max(_MIN_BACKOFF, delay, error.retry_after or 0.0)

    async def _sleep(self, seconds: float) -> None:
        await self.clock.wait(asyncio.Event(), seconds)


def _unread(reason: str, request_id: str, *, nothing: bool) -> ApiError:
    """Return the error for a body that is not whole; asking again is no help where there is too much in it."""
    if reason == TOO_MANY:
        return TooLargeError(
            f"The server sent {reason}", hint="Ask for fewer runs a page", request_id=request_id
        )
    hint = "Check that the base URL is the API's" if nothing else ""
    return UnreadableError(f"The server sent {reason}", hint=hint, request_id=request_id)
