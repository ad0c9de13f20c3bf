"""One frozen picture of everything known: what front ends draw. Changes beside it are what happened since the last."""

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
    """Nobody gets an answer: one request at a time is made for all threads, until one is answered.

    `kind` and `cause` are those of the last try, `since` the time of the first in UTC epoch seconds.
    """

    kind: str
    cause: str
    since: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The picture at `at` (UTC epoch seconds, local clock).

    `clock_offset` is the server's clock minus the local one, in seconds: ages are taken at `server_time`. It is 0 where
    no answer said what time it is there; then `clock_known` is false, and ages are by the local clock. `listed`
    says whether the list of threads has been read; `outage` is set while the server as a whole is in trouble, `withheld`
    also while it wants no more requests for some time; `stopped`
    says why the whole profile is not polled any more ("" while it is); `incidents` what went wrong inside flowtui itself, the newest of the
    `incident_count` that there ever were. `requests` counts those of the last 60 s, of `budget`.
    `interval` is how often threads with active runs are wished to be looked at, in seconds. `coverage` says how much
    of all that is known has been looked at, and how the rest is watched. `deployments` are the agents' last ones, the
    latest last.
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
        """Return what the server's clock says when the local one says `now`."""
        return now + self.clock_offset

    def runs(self, thread: str | None = None) -> Iterator[Run]:
        """Return the rows of one thread (raw id), or of all."""
        states = self.threads.values() if thread is None else filter(None, (self.threads.get(thread),))
        return chain.from_iterable(state.runs.values() for state in states)

    def read(self, thread: str | None = None) -> bool:
        """Whether runs of one thread (raw id), or of any, have been read; until then a count of them is unknown, not 0.

        A list of threads that is empty has been read, too.
        """
        if thread is not None:
            state = self.threads.get(thread)
            return state is not None and state.read
        if not self.threads:
            return self.listed
        return any(state.read for state in self.threads.values())

    def incidents_after(self, count: int) -> tuple[str, ...]:
        """Return the incidents that came after the first `count`, as far as they are not forgotten."""
        fresh = self.incident_count - count
        return self.incidents[-fresh:] if fresh > 0 else ()

    def run(self, key: RunKey) -> Run | None:
        """Return one run, None where it is not known."""
        state = self.threads.get(key[0])
        return state.runs.get(key[1]) if state is not None else None

    def ended_holders(self) -> list[RunKey]:
        """Return the runs that lock their threads though they seem to have ended."""
        return [
            (key, state.thread.active_run)
            for key, state in self.threads.items()
            if state.orphaned is not None and state.thread is not None and state.thread.active_run is not None
        ]

    def health(self, now: float) -> Health:
        """Return the worst health among the threads; the list's own trouble where there are none."""
        if self.threads:
            return self.freshness(now).worst
        failure = self.list_failure
        since = (
            failure.since if failure is not None else None
        )  # an empty list ages only while it cannot be read
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
    """What a consumer of the poller gets: the newest picture, and every change since its last update, in order.

    `received` is when the first body that its last update did not have yet had come, in monotonic seconds; None without one.
    """

    snapshot: Snapshot
    changes: tuple[Change, ...] = ()
    received: float | None = None
