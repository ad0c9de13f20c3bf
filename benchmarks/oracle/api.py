"""What the API said: each run and lock of the simulator at any time, and when the server was failing.

The simulator is a pure function of time, so its history is exact, also between two polls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flowtui.simulator.server import Simulator
from flowtui.simulator.world.catalogue import AGENTS
from flowtui.simulator.world.records import run_record
from flowtui.simulator.world.spans import Spans

_CLASSES = {"canceled": "cancelled"}
_LONG_AGO = "1970-01-02T00:00:00Z"


class Fact(NamedTuple):
    """A run with its times in UTC epoch seconds: `started` is None where it never starts; `outcome` is its last status.

    `place` is its thread and its number on that thread, as the simulator counts them.
    """

    id: str
    thread: str
    agent: str
    created: float
    started: float | None
    ended: float
    outcome: str
    place: tuple[int, int]

    def statuses(self, start: float, stop: float) -> set[str]:
        """Return all statuses that the API gave between two times."""
        found = set()
        began = self.ended if self.started is None else self.started
        if self.created <= stop and start < began:
            found.add("queued")
        if self.started is not None and self.started <= stop and start < self.ended:
            found.add("running")
        if self.ended <= stop:
            found.add(self.outcome)
        return found

    def active(self, start: float, stop: float) -> set[bool]:
        """Return whether the run was active between two times: {True}, {False}, or both if that changed."""
        found = {status in ("queued", "running") for status in self.statuses(start, stop)}
        return found | ({False} if start < self.created else set())


class Api:
    """The simulator's runs and locks, its outages, and when each thread's runs were last requested."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._spans = Spans(simulator.world, simulator.calendar)
        self.begin = self.now()
        """Epoch seconds when the screen first showed all runs; before that, when the session began."""
        self.outages: list[list[float]] = []
        """[start, end] of each outage in epoch seconds; the end is infinite while it lasts."""
        self.last_read: dict[str, float] = {}
        """Thread id -> epoch seconds of the last answered request for its runs."""
        self._requests = 0
        self._answered_at = 0.0  # epoch seconds of the first answer after the last outage
        self._facts: dict[tuple[int, int], Fact] = {}

    def now(self) -> float:
        """Return the epoch seconds of the server's clock."""
        return self._simulator.calendar.clock()

    # -- runs and locks ---------------------------------------------------------------------------------------------

    def facts(self, until: float) -> list[Fact]:
        """Return all runs created up to `until` (epoch seconds)."""
        world, calendar = self._simulator.world, self._simulator.calendar
        moment = calendar.world(until)
        return [
            self._fact(thread, number)
            for thread in range(world.threads)
            for number in range(world.timeline(thread).count(moment))
        ]

    def _fact(self, thread: int, number: int) -> Fact:
        known = self._facts.get((thread, number))
        if known is None:
            world, epoch = self._simulator.world, self._simulator.calendar.epoch
            plan = world.timeline(thread)[number]
            known = self._facts[thread, number] = Fact(
                world.run_id(thread, number),
                world.thread_id(thread),
                AGENTS[world.run_agent(thread, plan.choices.bits)].name,
                epoch(plan.created),
                None if plan.started is None else epoch(plan.started),
                epoch(plan.ended),
                _CLASSES.get(plan.outcome, plan.outcome),
                (thread, number),
            )
        return known

    def tokens(self, fact: Fact, at: float) -> int | None:
        """Return the `total_tokens` that the API gave for a run at `at` (epoch seconds); None while usage was null."""
        world, calendar = self._simulator.world, self._simulator.calendar
        thread, number = fact.place
        plan = world.timeline(thread)[number]
        usage = run_record(world, thread, plan, calendar, calendar.world(at))["usage"]
        return None if usage is None else usage["total_tokens"]

    def span_tokens(self, fact: Fact, at: float) -> int:
        """Return the tokens in all spans of a run that the API gave at `at` (epoch seconds)."""
        asked = {"run_id": fact.id, "min_start_datetime": _LONG_AGO, "limit": 1_000}
        spans = self._spans.query(asked, self._simulator.calendar.world(at))
        counts = ("gen_ai_usage_input_tokens", "gen_ai_usage_output_token")
        calls = [span for span in spans if span["gen_ai_operation_name"] == "chat"]
        return sum(int(span[name] or 0) for span in calls for name in counts)

    def threads(self) -> list[str]:
        """Return the ids of all threads."""
        return self._simulator.thread_ids()

    def locked(self, facts: Iterable[Fact], start: float, stop: float) -> set[bool]:
        """Return whether the thread of these runs was locked between two times: {True}, {False}, or both."""
        edges = {start, stop}
        own = [fact for fact in facts if fact.ended > start]
        edges.update(edge for fact in own for edge in (fact.created, fact.ended) if start < edge < stop)
        return {any(fact.created <= edge < fact.ended for fact in own) for edge in edges}

    # -- outages ----------------------------------------------------------------------------------------------

    def fail(self, *faults: str) -> None:
        """Begin an outage with these faults; without faults the server stops."""
        self.note()
        self.outages.append([self.now(), float("inf")])
        for fault in faults:
            self._simulator.add_fault(fault)
        if not faults:
            self._simulator.stop()

    def recover(self) -> None:
        """End the outage."""
        self._simulator.clear_faults()
        self._simulator.start()
        self.note()
        self.outages[-1][1] = self.now()

    @property
    def failing(self) -> bool:
        """Whether an outage lasts now."""
        return bool(self.outages) and self.outages[-1][1] == float("inf")

    def calm_for(self, now: float) -> float:
        """Return for how many seconds the server has answered every request; infinite where it never failed.

        An outage counts as over with the first answer after it: flowtui cannot know sooner.
        """
        if not self.outages:
            return float("inf")
        return max(0.0, now - self._answered_at) if self._answered_at > self.outages[-1][1] else 0.0

    def without_request_for(self, now: float) -> float:
        """Return for how many seconds there was no request since the last outage ended; 0 after the first one."""
        ended = self.outages[-1][1] if self.outages else now
        return max(0.0, now - ended) if self._answered_at <= ended else 0.0

    def failing_for(self, now: float) -> float:
        """Return for how many seconds the current outage has lasted; 0 without one."""
        return now - self.outages[-1][0] if self.failing else 0.0

    def note(self) -> None:
        """Note the requests since the last call, as answered now; during an outage as not answered."""
        now = self.now()
        requests = list(self._simulator.requests)
        fresh = requests[self._requests :]
        self._requests = len(requests)
        if self.failing or not fresh:
            return
        if self.outages and self._answered_at <= self.outages[-1][1]:
            self._answered_at = now
        for method, path, _ in fresh:
            parts = path.strip("/").split("/")
            if method == "GET" and len(parts) == 4 and parts[1] == "threads" and parts[3] == "runs":
                self.last_read[parts[2]] = now
