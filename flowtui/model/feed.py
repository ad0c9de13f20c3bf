"""A feed: where front ends get updates, and what they can ask of it. The poller is one; a recording can be another.

Front ends know only this protocol, and `can` says what a feed is able to do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from flowtui.model.events.cancellation import CancelReply
from flowtui.model.run.row import RunKey
from flowtui.model.state.health import Coverage
from flowtui.model.state.label_reading import LabelWish
from flowtui.model.state.letting_go import Hold
from flowtui.model.state.snapshot import Snapshot, Update

if TYPE_CHECKING:  # only an opened run has live text
    from flowtui.model.messages.live_text import LiveReader

FETCH: Final = "fetch"
"""Details of single runs can be fetched: runs, spans and messages."""
CANCEL: Final = "cancel"
"""Runs can be cancelled."""
REFRESH: Final = "refresh"
"""The server can be asked again, more often, and for more of its runs."""
ATTACH: Final = "attach"
"""A running run can be followed while it writes its text."""

EVERYTHING: Final = frozenset({FETCH, CANCEL, REFRESH, ATTACH})


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many requests a feed makes, and what they cover. A feed that makes none has zeros."""

    requests: int = 0
    """The number of requests in the last 60 s."""
    total: int = 0
    """The number of requests since the feed was made."""
    limit: int = 0
    """The most requests that may be sent in 60 s."""
    coverage: Coverage = field(default_factory=Coverage)
    """How many threads were read, and how old the data are."""


class Waitable(Protocol):
    """What a clock waits for, such as an `asyncio.Event`."""

    async def wait(self) -> object:
        """Return once it has happened."""


class FeedClock(Protocol):
    """The clock by which a feed dates its snapshots. Front ends wait by it, so that a recording can run faster."""

    def now(self) -> float:
        """Return UTC epoch seconds of the local clock."""

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; the value never decreases."""

    async def wait(self, event: Waitable, seconds: float | None) -> None:
        """Wait until `event` happens, for at most `seconds`; None: without a limit."""


class Tracing(Protocol):
    """The two requests that explain a run."""

    async def fetch_spans(self, key: RunKey, offset: int = 0, *, oldest_first: bool = False) -> list[Any]:
        """Return a page of the raw spans of a run, newest or oldest first, after the first `offset` ones.

        Raises:
            FlowtuiError: they cannot be fetched.
        """

    async def fetch_messages(self, key: RunKey) -> list[Any]:
        """Return the newest messages of a run's thread as raw JSON with their parts.

        Raises:
            FlowtuiError: they cannot be fetched.
        """


class Feed(Tracing, Protocol):
    """A source of updates.

    Without FETCH in `can`, the methods `fetch_…` raise `FlowtuiError`, without ATTACH `attach`. Without CANCEL, `cancel_run`
    answers NOT_SENT.
    Without REFRESH, `refresh`, `read_whole`, `read_labels` and `look_at_agents` do nothing, and `interval`, `hold` and `paths`
    have no effect.
    """

    interval: float
    """Wished seconds between two observations of a thread with active runs."""

    hold: Hold
    """Returns the runs that must stay in memory; set by the front end. Other old runs that have ended leave it."""

    @property
    def clock(self) -> FeedClock:
        """The only source of time for what is done with the updates."""

    @property
    def can(self) -> frozenset[str]:
        """What the feed is able to do: some of FETCH, CANCEL, REFRESH and ATTACH."""

    @property
    def paths(self) -> Sequence[str]:
        """Paths into raw runs; their values are read into `ThreadState.extras`."""

    @paths.setter
    def paths(self, names: Sequence[str]) -> None: ...

    async def run(self) -> None:
        """Get the data until cancelled."""

    def updates(self) -> AsyncGenerator[Update, None]:
        """Yield an update now and after every change; changes that come while the caller handles an update are collected for the next."""

    def snapshot(self) -> Snapshot:
        """Return everything known, frozen."""

    def traffic(self) -> Traffic:
        """Return how many requests are made, and what they cover."""

    def refresh(self, thread: str | None = None) -> None:
        """Read `thread` (raw id; None: everything) now. Start polling again if it has stopped."""

    def read_whole(self, threads: Iterable[str]) -> None:
        """Read the rest of the wanted history of these threads (raw ids) soon, if their first observations left it out."""

    def read_labels(self, wish: LabelWish) -> None:
        """Read the labels of these runs from now on, until each has been read or is no longer wished for."""

    def look_at_agents(self) -> None:
        """Read the names and deployments of the agents again soon."""

    async def fetch_run(self, key: RunKey) -> dict[str, Any]:
        """Return one run with every field as raw JSON.

        Raises:
            FlowtuiError: it cannot be fetched.
        """

    async def fetch_message_page(self, thread_key: str, limit: int, offset: int) -> list[Any]:
        """Return a page of a thread's messages as raw JSON with their parts, newest first.

        Raises:
            FlowtuiError: the whole page cannot be fetched.
        """

    def attach(self, key: RunKey) -> AsyncGenerator[LiveReader, None]:
        """Follow the text of a running run: yield the same reader each time that something has come, until the text ends.

        Raises:
            ApiError: it cannot be followed, or not any further; `retryable` says whether it may be tried again.
        """

    async def cancel_run(self, key: RunKey) -> CancelReply:
        """Request once that a run be cancelled, unless it has ended. Errors are part of the result."""
