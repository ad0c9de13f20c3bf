"""What the API said: every run and lock of the simulated world at any moment, and when the server was in trouble.

The world is a pure function of time, so the history is exact: nothing is missed between two polls of an observer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flowtui.simulator.server import Simulator
from flowtui.simulator.world.catalogue import AGENTS
from flowtui.simulator.world.records import run_record

_CLASSES = {"canceled": "cancelled"}


class Fact(NamedTuple):
    """A run and its life, in epoch seconds: `started` is None where it never starts; `outcome` is how it ends."""

    id: str
    thread: str
    agent: str
    created: float
    started: float | None
    ended: float
    outcome: str
    place: tuple[int, int]

    def statuses(self, start: float, stop: float) -> set[str]:
        """Return the statuses that the API gave at some moment between two."""
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
        """Return whether it was active, at moments between two: one answer, or both."""
        found = {status in ("queued", "running") for status in self.statuses(start, stop)}
        return found | ({False} if start < self.created else set())


class Api:
    """The simulator's world as it was answered, its troubles, and when each thread's runs were asked for."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.begin = self.now()
        """When all of the world was on the screen for the first time, in epoch seconds; until then, when it began."""
        self.troubles: list[list[float]] = []
        """[from, until] of each time that nothing was answered as it should be; `until` is infinite while it lasts."""
        self.looks: dict[str, float] = {}
        """When the runs of a thread (id) were last asked for and answered, in epoch seconds."""
        self._requests = 0
        self._well = 0.0  # when anything was answered for the first time since the last trouble
        self._facts: dict[tuple[int, int], Fact] = {}

    def now(self) -> float:
        """Return epoch seconds by the server's clock."""
        return self._simulator.calendar.clock()

    # -- the world ---------------------------------------------------------------------------------------------

    def facts(self, until: float) -> list[Fact]:
        """Return all runs that were created until then."""
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
                AGENTS[world.run_agent(thread, plan.draw.throw)].name,
                epoch(plan.created),
                None if plan.started is None else epoch(plan.started),
                epoch(plan.ended),
                _CLASSES.get(plan.outcome, plan.outcome),
                (thread, number),
            )
        return known

    def tokens(self, fact: Fact, at: float) -> int | None:
        """Return the total of tokens that the API gave of a run at a moment; None for none."""
        world, calendar = self._simulator.world, self._simulator.calendar
        thread, number = fact.place
        plan = world.timeline(thread)[number]
        usage = run_record(world, thread, plan, calendar, calendar.world(at))["usage"]
        return None if usage is None else usage["total_tokens"]

    def threads(self) -> list[str]:
        """Return the ids of all threads."""
        return self._simulator.thread_ids()

    def locked(self, facts: Iterable[Fact], start: float, stop: float) -> set[bool]:
        """Return whether the thread of these runs was locked, at moments between two: one answer, or both."""
        edges = {start, stop}
        own = [fact for fact in facts if fact.ended > start]
        edges.update(edge for fact in own for edge in (fact.created, fact.ended) if start < edge < stop)
        return {any(fact.created <= edge < fact.ended for fact in own) for edge in edges}

    # -- troubles ----------------------------------------------------------------------------------------------

    def trouble(self, *faults: str) -> None:
        """Let the server fail from now on; without faults it goes away altogether."""
        self.troubles.append([self.now(), float("inf")])
        for fault in faults:
            self._simulator.add_fault(fault)
        if not faults:
            self._simulator.stop()

    def recover(self) -> None:
        """Let the server answer again."""
        self._simulator.clear_faults()
        self._simulator.start()
        self.note()
        self.troubles[-1][1] = self.now()

    @property
    def troubled(self) -> bool:
        """Whether the server is failing now."""
        return bool(self.troubles) and self.troubles[-1][1] == float("inf")

    def calm_for(self, now: float) -> float:
        """Return for how many seconds the server has answered everything; infinite where it never failed.

        A trouble is over with the first answer: until it is asked again nobody can know.
        """
        if not self.troubles:
            return float("inf")
        return max(0.0, now - self._well) if self._well > self.troubles[-1][1] else 0.0

    def unasked_for(self, now: float) -> float:
        """Return for how many seconds nothing has been asked for since the last trouble was over."""
        ended = self.troubles[-1][1] if self.troubles else now
        return max(0.0, now - ended) if self._well <= ended else 0.0

    def troubled_for(self, now: float) -> float:
        """Return for how many seconds the server has answered nothing."""
        return now - self.troubles[-1][0] if self.troubled else 0.0

    def note(self) -> None:
        """Take in the requests that came since the last time: what they asked for is answered now, or not at all."""
        now = self.now()
        requests = list(self._simulator.requests)
        fresh = requests[self._requests :]
        self._requests = len(requests)
        if self.troubled or not fresh:
            return
        if self.troubles and self._well <= self.troubles[-1][1]:
            self._well = now
        for method, path, _ in fresh:
            parts = path.strip("/").split("/")
            if method == "GET" and len(parts) == 4 and parts[1] == "threads" and parts[3] == "runs":
                self.looks[parts[2]] = now
