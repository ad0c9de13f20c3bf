"""The frozen snapshot of everything known, which front ends draw, and the update: a snapshot with the latest changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import Change
from flowtui.model.state.health import Coverage, Freshness, Health, Withheld, freshness, thread_health
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.marks import Deployment


class Outage(NamedTuple):
    """The server does not answer: one request at a time is sent for all threads, until one is answered.

    `kind` and `cause` are those of the last attempt, `since` is the time of the first (UTC epoch seconds, local clock).
    """

    kind: str
    cause: str
    since: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known at `at` (UTC epoch seconds, local clock).

    `threads` is raw id → state, `agents` display-safe id → name. `deployments` are the agents' last deployments, the
    latest last. `clock_offset` is the server's clock minus the local one, in seconds: ages are computed with
    `server_time`. `clock_known` is false if no answer gave the server's time; the offset is then 0.

    `listed`: the list of threads was read. `list_failure` is why it cannot be read now. `outage` is set while the
    server does not answer, `withheld` whenever requests are held back because of the server. `stopped` says why the
    profile is not polled any more ("" while it is).

    `incidents` are the last of `incident_count` errors inside flowtui itself. `requests` counts the requests of the
    last 60 s, of at most `budget`. `next_poll` is when the next request is due (UTC epoch seconds, local clock).
    `interval` is the wanted polling interval of threads with active runs, in seconds; the budget may make the real one
    longer. `coverage` says how much was read.
    """

    at: float
    threads: Mapping[str, ThreadState] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    deployments: Sequence[Deployment] = ()
    clock_offset: float = 0.0
    clock_known: bool = True
    listed: bool = False
    list_failure: Failure | None = None
    outage: Outage | None = None
    withheld: Withheld | None = None
    stopped: str = ""
    incidents: tuple[str, ...] = ()
    incident_count: int = 0
    requests: int = 0
    budget: int = 0
    next_poll: float | None = None
    interval: float = 0.0
    coverage: Coverage = field(default_factory=Coverage)

    def server_time(self, now: float) -> float:
        """Return the server's time at `now` of the local clock; both are UTC epoch seconds."""
        return now + self.clock_offset

    def runs(self, thread: str | None = None) -> Iterator[Run]:
        """Return the runs of one thread (raw id), or of all threads."""
        states = self.threads.values() if thread is None else filter(None, (self.threads.get(thread),))
        return chain.from_iterable(state.runs.values() for state in states)

    def read(self, thread: str | None = None) -> bool:
        """Whether the runs of one thread (raw id), or of any thread, were read; until then their number is unknown, not 0.

        An empty list of threads counts as read.
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
        """Return the keys of the runs that lock their threads, according to the list, but do not seem to be active."""
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
    """What a consumer of the poller gets: the newest snapshot, and every change since the consumer's last update, in order.

    `received` is when the first body after the last update arrived, in monotonic seconds; None if there was none.
    """

    snapshot: Snapshot
    changes: tuple[Change, ...] = ()
    received: float | None = None
