"""What polling asks of a client, and the door that every one of its requests goes through.

Knows the client only as something whose methods answer in bytes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flowtui.source.clock import Clock, ServerClock
from flowtui.source.read.paging import PageRequest, SweepEnd

Charge = Callable[[], Awaitable[None]]
"""Awaited before each request: returns when the budget allows it."""


def prepaid(charge: Charge) -> Charge:
    """Return a charge whose first request is paid for already: the loop did so when it handed out the target."""
    paid = True

    async def once_free() -> None:
        nonlocal paid
        if paid:
            paid = False
        else:
            await charge()

    return once_free


Sweep = Generator[PageRequest, Sequence[str], SweepEnd]
"""A plan of pages: see `paging.sweep`."""


class Answer(Protocol):
    """What the client returns, as far as it matters here."""

    @property
    def body(self) -> bytes:
        """The decompressed body."""

    @property
    def server_time(self) -> float | None:
        """The Date header in UTC epoch seconds."""

    @property
    def elapsed(self) -> float:
        """Seconds from request to the end of the body."""


class Source(Protocol):
    """The calls that polling makes, and those about one run that somebody asks about."""

    async def threads(self, *, limit: int, order: str = ..., offset: int = ...) -> Answer:
        """List threads."""

    async def runs(self, thread_id: str, *, limit: int, order: str = ..., offset: int = ...) -> Answer:
        """List the runs of a thread."""

    async def run(self, thread_id: str, run_id: str) -> Answer:
        """Get one run."""

    async def agents(self) -> Answer:
        """List agents."""

    async def spans(self, query: Mapping[str, str | int]) -> Answer:
        """Query spans."""

    async def messages(self, thread_id: str, *, limit: int = ..., offset: int = ...) -> Answer:
        """List the messages of a thread, newest first and with their parts."""

    async def cancel(self, thread_id: str, run_id: str, agent_id: str) -> Answer:
        """Ask once for a run to be cancelled."""


@dataclass(slots=True)
class Calls:
    """Makes requests, and learns the server's clock from every answer. `came`: when the last body did, monotonic."""

    source: Source
    clock: Clock
    server_clock: ServerClock = field(default_factory=ServerClock)
    came: float | None = None

    async def body(self, charge: Charge, call: Callable[[], Awaitable[Answer]]) -> bytes:
        """Make one request when the budget allows it, and return the body.

        Raises:
            ApiError: there is no answer, or one that refuses.
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
    """Ask for the pages that a plan wants; `fetch` returns the ids on a page. Raises what `fetch` raises."""
    request = next(plan)
    while True:
        ids = await fetch(request)
        try:
            request = plan.send(ids)
        except StopIteration as stop:
            end: SweepEnd = stop.value
            return end
