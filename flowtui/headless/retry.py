"""Makes the requests of a one-shot command, with retries of at most 10 s in all, and within the request budget.

Errors of the server are returned, not raised, together with what could be read of an incomplete answer.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from flowtui.errors import ApiError, TooLargeError, TransportError, UnreadableError, UsageError
from flowtui.model.run.json_body import TOO_MANY, parse_elements
from flowtui.source.clock import Clock
from flowtui.source.http.reply import Reply
from flowtui.source.http.request_log import ATTEMPT, error_summary
from flowtui.source.poll.schedule import Budget

RETRY_SECONDS: Final = 10.0
"""Seconds that one command spends on retries in all."""

_FIRST_BACKOFF: Final = 0.5
_MAX_BACKOFF: Final = 4.0
_MIN_BACKOFF: Final = 0.1
_DEAD_AFTER: Final = 5  # unanswered requests in a row, after which the server is taken to be dead
_LOG: Final = logging.getLogger("flowtui.asking")


class Found(NamedTuple):
    """The result of one request.

    `value`: what could be read of the answer.
    `error`: why the value is incomplete; None if it is complete.
    """

    value: Any
    error: ApiError | None


class RetryBudget:
    """The seconds left for retries. While several failed requests are retried at the same time, the time counts once.

    `now` is monotonic seconds everywhere.
    """

    def __init__(self, seconds: float = RETRY_SECONDS) -> None:
        self._left = seconds
        self._waiting = 0
        self._since = 0.0

    def left(self, now: float) -> float:
        """Return the seconds left at `now`."""
        return self._left - (now - self._since if self._waiting else 0.0)

    def begin(self, now: float) -> None:
        """Note that one more request has failed. From the first one on, the time counts."""
        if not self._waiting:
            self._since = now
        self._waiting += 1

    def end(self, now: float) -> None:
        """Note that a request that failed before has its answer or is given up."""
        self._waiting -= 1
        if not self._waiting:
            self._left -= now - self._since


class Progress:
    """How far the reading of one command is. This one tells nobody."""

    @contextmanager
    def reading(self, what: str, noun: str, total: int | None = None) -> Iterator[None]:  # noqa: ARG002  for others
        """Inside this, `what` is read, such as `runs`: `total` things called `noun`, of which each is a `step`."""
        yield

    def step(self) -> None:
        """Count one more thing that is read."""

    def got(self, rows: int) -> None:
        """Count rows of an answer."""

    def pause(self, seconds: float) -> None:
        """Note that the next request has to wait so long for the request budget."""


@dataclass(slots=True)
class Requester:
    """Makes requests within the request budget and the time for retries.

    `server_time`: the latest `Date` of the server, in UTC epoch seconds; None before the first. `progress`: says how far it is.
    """

    clock: Clock
    budget: Budget
    rng: random.Random
    retry_budget: RetryBudget = field(default_factory=RetryBudget)
    server_time: float | None = None
    progress: Progress = field(default_factory=Progress)
    _unanswered: int = 0

    @property
    def now(self) -> float:
        """The server's time if known, else the local time, in UTC epoch seconds; ages are relative to it."""
        return self.clock.now() if self.server_time is None else self.server_time

    async def charge(self) -> None:
        """Wait until the budget allows one more request, and count it."""
        while (pause := self.budget.wait(self.clock.monotonic())) > 0:
            _LOG.warning("the request budget is used up; going on in %.0f s", pause)
            self.progress.pause(pause)
            await self._sleep(pause)
        self.budget.take(self.clock.monotonic())

    async def elements(self, call: Callable[[], Awaitable[Reply]]) -> Found:
        """Request a page and return its raw JSON elements; of an incomplete page, those that could be read, and the error."""

        def read(body: bytes) -> tuple[list[Any], str | None]:
            found = parse_elements(body)
            return found.values, found.error

        return await self.ask(call, read, [])

    async def ask(
        self,
        call: Callable[[], Awaitable[Reply]],
        read: Callable[[bytes], tuple[Any, str | None]],
        nothing: Any,
    ) -> Found:
        """Make a request, with retries, and return the value that `read` makes of the body.

        `read`: returns the value, and why it is incomplete; None if it is complete.
        `nothing`: the value to return if no body arrived.

        Once the server has stopped answering and the time for retries is used up, no request is made.
        """
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
        call: Callable[[], Awaitable[Reply]],
        read: Callable[[bytes], tuple[Any, str | None]],
        nothing: Any,
        last: ApiError | None,
    ) -> Found:
        """Make one request. `last`: the error of the attempt before; None if this is the first attempt.

        A retry is given up when the time for retries is used up. Then `last` is returned as the error.
        """
        await self.charge()
        retry_budget = max(0.0, self.retry_budget.left(self.clock.monotonic())) if last is not None else None
        try:
            async with asyncio.timeout(retry_budget):
                answer = await call()
        except ApiError as error:
            return Found(nothing, error)
        except UsageError as error:
            # Ids on the command line are checked before any request, so this id came from the server.
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
        """Return the seconds until the retry, random up to a maximum that grows with `attempt`; None if a retry cannot help."""
        if not error.retryable:
            return None
        delay = self.rng.uniform(0.0, min(_MAX_BACKOFF, _FIRST_BACKOFF * 2.0**attempt))
        return max(_MIN_BACKOFF, delay, error.retry_after or 0.0)

    async def _sleep(self, seconds: float) -> None:
        await self.clock.wait(asyncio.Event(), seconds)


def _unread(reason: str, request_id: str, *, nothing: bool) -> ApiError:
    """Return the error for an incomplete body, not retryable if it has too many elements. `nothing`: no part could be read."""
    if reason == TOO_MANY:
        return TooLargeError(
            f"The server sent {reason}", hint="Ask for fewer runs a page", request_id=request_id
        )
    hint = "Check that the base URL is the API's" if nothing else ""
    return UnreadableError(f"The server sent {reason}", hint=hint, request_id=request_id)
