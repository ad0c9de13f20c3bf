"""The frozen snapshot of everything known, which front ends draw, and the update: a snapshot with the latest changes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.agent_statuses import UNREAD, AgentStatuses
from flowtui.model.state.changes import Change
from flowtui.model.state.health import Coverage, Freshness, Health, Withheld, freshness, thread_health
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.label_reading import LabelReading
from flowtui.model.state.marks import Deployment


class Outage(NamedTuple):
    """The server does not answer. Until it does, one request at a time is sent for all threads."""

    kind: str
    """The kind of error of the last attempt."""
    cause: str
    """The error of the last attempt in words."""
    since: float
    """The time of the first attempt, in UTC epoch seconds of the local clock."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known at one moment."""

    at: float
    """The moment, in UTC epoch seconds of the local clock."""
    threads: Mapping[str, ThreadState] = field(default_factory=dict)
    """Raw thread id → its state."""
    agents: Mapping[str, str] = field(default_factory=dict)
    """Display-safe agent id → name."""
    deployments: Sequence[Deployment] = ()
    """The agents' last deployments, the latest last."""
    clock_offset: float = 0.0
    """The server's clock minus the local one, in seconds. Ages are computed with `server_time`, which adds it."""
    clock_known: bool = True
    """Whether an answer gave the server's time; if not, `clock_offset` is 0."""
    listed: bool = False
    """Whether the list of threads was read."""
    list_failure: Failure | None = None
    """Why the list of threads cannot be read now; None if it can."""
    labels: LabelReading = field(default_factory=LabelReading)
    """How far the labels that a front end asked for could be read."""
    outage: Outage | None = None
    """Set while the server does not answer."""
    withheld: Withheld | None = None
    """Set while requests are held back because of the server."""
    stopped: str = ""
    """Why the profile is not polled any more; "" while it is polled."""
    incidents: tuple[str, ...] = ()
    """The latest errors inside flowtui itself."""
    incident_count: int = 0
    """The number of all errors inside flowtui itself."""
    requests: int = 0
    """The number of requests in the last 60 s."""
    budget: int = 0
    """The most requests that may be sent in 60 s."""
    next_poll: float | None = None
    """When the next request is due, in UTC epoch seconds of the local clock."""
    interval: float = 0.0
    """The wanted polling interval of threads with active runs, in seconds.

    The request budget may make the real interval longer.
    """
    coverage: Coverage = field(default_factory=Coverage)
    """How many threads were read, and how old the data are."""
    agent_statuses: AgentStatuses = UNREAD
    """Which agents cannot start runs, and when that was read."""
    caught_up: tuple[float, float] | None = None
    """The span of time before this start, in UTC epoch seconds of the local clock, of which everything was read afterwards.

    It begins when the restored threads were last known, and ends when the first of them was restored. None while something
    of it may be unread, and if nothing was restored. It never changes again once it is known.
    """

    @property
    def let_go(self) -> int:
        """How many older runs this start has known that have left memory."""
        return sum(state.left.number for state in self.threads.values())

    @property
    def newest_left(self) -> float:
        """When the newest of these runs was created, in UTC epoch seconds by the server's clock; -inf if none has left."""
        return max((state.left.newest for state in self.threads.values()), default=-math.inf)

    def server_time(self, now: float) -> float:
        """Return the server's time at `now` of the local clock; both are UTC epoch seconds."""
        return now + self.clock_offset

    def runs(self, thread: str | None = None) -> Iterator[Run]:
        """Return the runs of one thread (raw id), or of all threads."""
        states = self.threads.values() if thread is None else filter(None, (self.threads.get(thread),))
        return chain.from_iterable(state.runs.values() for state in states)

    def read(self, thread: str | None = None) -> bool:
        """Whether the runs of one thread (raw id), or of any thread, were read.

        Until then the number of runs is unknown, not 0. An empty list of threads counts as read.
        """
        if thread is not None:
            state = self.threads.get(thread)
            return state is not None and state.read
        if not self.threads:
            return self.listed
        return any(state.read for state in self.threads.values())

    def incidents_after(self, count: int) -> tuple[str, ...]:
        """Return the incidents after the first `count`, as far as they are still kept."""
        fresh = self.incident_count - count
        return self.incidents[-fresh:] if fresh > 0 else ()

    def run(self, key: RunKey) -> Run | None:
        """Return one run; None if it is not known."""
        state = self.threads.get(key[0])
        return state.runs.get(key[1]) if state is not None else None

    def ended_holders(self) -> list[RunKey]:
        """Return the keys of the runs that seem to have ended but still hold a lock.

        Which run holds a lock is read from the list of threads.
        """
        return [
            (key, state.thread.active_run)
            for key, state in self.threads.items()
            if state.orphaned is not None and state.thread is not None and state.thread.active_run is not None
        ]

    def health(self, now: float) -> Health:
        """Return the worst health of the threads; without threads, the health of the list of threads."""
        if self.threads:
            return self.freshness(now).worst
        failure = self.list_failure
        # An empty list gets old only while it cannot be read.
        since = failure.since if failure is not None else None
        good = (now if since is None else since) if self.listed else None
        return thread_health(ThreadState("", 1.0, failure=failure, observed=good, asked=since), now)

    def health_of(self, state: ThreadState, now: float) -> Health:
        """Return the health of one of the threads at `now`, by the local clock."""
        return thread_health(state, now, self.withheld)

    def freshness(self, now: float) -> Freshness:
        """Return how fresh the threads are at `now`, by the local clock."""
        return freshness(self.threads, now, self.withheld)


@dataclass(frozen=True, slots=True)
class Update:
    """What a subscriber of a feed gets."""

    snapshot: Snapshot
    """The newest snapshot."""
    changes: tuple[Change, ...] = ()
    """Every change since the subscriber's last update, in order."""
    received: float | None = None
    """When the first body after the subscriber's last update arrived, in monotonic seconds.

    None if no body has arrived since.
    """
    restored: tuple[str, ...] = ()
    """The raw ids of the threads whose runs came from the history since the subscriber's last update.

    There is no change for them: whoever keeps something of all runs takes in the runs of these threads.
    """
