"""The calls that polling makes, each counted against the request budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from flowtui.source.clock import Clock, ServerClock
from flowtui.source.http.reply import Reply

if TYPE_CHECKING:  # the client imports httpx
    from flowtui.source.http.client import Client

Asked = TypeVar("Asked")
Got = TypeVar("Got")
Ended = TypeVar("Ended")

Charge = Callable[[], Awaitable[None]]
"""Awaited before each request: returns once the budget allows it."""


@dataclass(slots=True)
class Calls:
    """Makes requests, and compares the server's clock with the local one at every answer.

    `came`: when the last body arrived, in monotonic seconds; None before the first body.
    """

    client: Client
    clock: Clock
    server_clock: ServerClock = field(default_factory=ServerClock)
    came: float | None = None

    async def body(self, charge: Charge, call: Callable[[], Awaitable[Reply]]) -> bytes:
        """Make one request once the budget allows it, and return the body.

        Raises:
            ApiError: no answer arrived, or the answer is an error.
        """
        await charge()
        answer = await call()
        self.came = self.clock.monotonic()
        self.server_clock.learn(answer.server_time, self.clock.now(), answer.elapsed)
        return answer.body


async def fetch_pages(plan: Generator[Asked, Got, Ended], fetch: Callable[[Asked], Awaitable[Got]]) -> Ended:
    """Make the requests that `plan` yields, send it what `fetch` makes of each answer, and return how it ended.

    Errors of `fetch` are raised.
    """
    request = next(plan)
    while True:
        found = await fetch(request)
        try:
            request = plan.send(found)
        except StopIteration as stop:
            end: Ended = stop.value
            return end
