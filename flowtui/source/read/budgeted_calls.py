"""The calls that polling makes, each counted against the request budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flowtui.source.clock import Clock, ServerClock
from flowtui.source.http.reply import Reply
from flowtui.source.read.paging import PageRequest, SweepEnd

Charge = Callable[[], Awaitable[None]]
"""Awaited before each request: returns once the budget allows it."""


def prepaid(charge: Charge) -> Charge:
    """Return a charge whose first request is free, because the polling loop has counted it already."""
    paid = True

    async def first_free() -> None:
        nonlocal paid
        if paid:
            paid = False
        else:
            await charge()

    return first_free


Sweep = Generator[PageRequest, Sequence[str], SweepEnd]
"""Yields the pages to request; the caller sends back the ids on each. Returns how the sweep ended; see `paging.sweep`."""


class Source(Protocol):
    """The methods of the client that polling and the views of single runs call."""

    async def threads(self, *, limit: int, order: str = ..., offset: int = ...) -> Reply:
        """List threads."""

    async def runs(self, thread_id: str, *, limit: int, order: str = ..., offset: int = ...) -> Reply:
        """List the runs of a thread."""

    async def run(self, thread_id: str, run_id: str) -> Reply:
        """Get one run."""

    async def agents(self) -> Reply:
        """List agents."""

    async def spans(self, query: Mapping[str, str | int]) -> Reply:
        """Query spans."""

    async def messages(self, thread_id: str, *, limit: int = ..., offset: int = ...) -> Reply:
        """List the messages of a thread, newest first and with their parts."""

    async def cancel(self, thread_id: str, run_id: str, agent_id: str) -> Reply:
        """Send one request to cancel a run."""


@dataclass(slots=True)
class Calls:
    """Makes requests, and compares the server's clock with the local one at every answer.

    `came`: when the last body arrived, in monotonic seconds; None before the first body.
    """

    source: Source
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


async def fetch_pages(
    plan: Sweep,
    fetch: Callable[[PageRequest], Awaitable[Sequence[str]]],
) -> SweepEnd:
    """Request the pages of the sweep `plan`, and return how it ended.

    `fetch` requests one page and returns the ids on it; its errors are raised.
    """
    request = next(plan)
    while True:
        ids = await fetch(request)
        try:
            request = plan.send(ids)
        except StopIteration as stop:
            end: SweepEnd = stop.value
            return end
