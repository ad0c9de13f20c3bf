"""Runs a simulated day for a front end: adds faults, stops the server, kills tasks, and yields each hour."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from benchmarks.soaking.checks import Check
from benchmarks.soaking.clock import CountedClient, DayClock
from benchmarks.soaking.day import HOUR, PATIENT, SLOW, SOON, Action, Day
from benchmarks.soaking.world import World
from flowtui.source.poll.poller import Poller

Press = Callable[[], Awaitable[None]]


class Crash(Exception):  # noqa: N818  a defect that the soak plays
    """The error that ends a poller task."""


class DayRunner:
    """One day of one front end. `incidents` are the poller's reports, `injuries` counts killed and crashed tasks."""

    def __init__(
        self, day: Day, world: World, clock: DayClock, client: CountedClient, poller: Poller
    ) -> None:
        self.day = day
        self.clock = clock
        self.poller = poller
        self.incidents: list[str] = []
        self.injuries = 0
        self._world = world
        self._client = client
        self._listen()

    async def hours(self, between: Press | None = None) -> AsyncIterator[float]:
        """Run the day; yield each full hour, and the end, in hours. `between` is called after each step of the plan."""
        moments = {*self.day.moments(), *(n * HOUR for n in range(1, int(self.day.over // HOUR) + 1))}
        before = 0.0
        for moment in sorted(moments):
            await self.clock.run(moment)
            self._change(before, moment)
            await self.clock.settle()
            before = moment
            if between is not None:
                await between()
            if moment % HOUR == 0 and moment < self.day.over:
                print(f"{moment / HOUR:g} h", round(time.process_time()), file=sys.stderr, flush=True)
                yield moment / HOUR
        yield self.day.over / HOUR

    def _change(self, before: float, now: float) -> None:
        faults = self.day.faults(now)
        self._world.set_faults(faults)
        if self.poller.interval != self.day.interval(now):
            self.poller.interval = self.day.interval(now)
        slow = any(fault.partition(":")[0].partition("@")[0].partition("*")[0] in SLOW for fault in faults)
        self._client.hurry(SOON if slow else PATIENT)
        for action in self.day.done(before, now):
            self._do(action)

    def _do(self, action: Action) -> None:
        if action.what in ("stop", "start"):
            self._world.serve(up=action.what == "start")
        elif action.what == "cancel":
            self._world.cancel(action.place)
        elif action.what == "kill":
            self.injuries += 1
            self.poller.tasks["poller"].cancel()
        else:
            self._crash()

    def _crash(self) -> None:
        """Make the poller's loop fail once, at its next turn."""
        self.injuries += 1
        schedule = self.poller.schedule
        sound = schedule.next_due

        def broken() -> float | None:
            if asyncio.current_task() is not self.poller.tasks["poller"]:
                return sound()
            schedule.next_due = sound
            raise Crash

        schedule.next_due = broken
        self.poller._wake.set()

    def _listen(self) -> None:
        report = self.poller._report

        def heard(what: str, error: BaseException | None) -> None:
            self.incidents.append(f"{what}: {type(error).__name__}")
            report(what, error)

        self.poller._report = heard

    def checks(self, front: str, dead: list[str]) -> list[Check]:
        """Judge tasks that ended and incidents that were reported."""
        restarted = sum(said.startswith("poller restarted") for said in self.incidents)
        others = [said for said in self.incidents if not said.startswith("poller restarted")]
        said = f"{len(dead)}{': ' + ', '.join(dead) if dead else ''}"
        return [
            Check(front, "dead tasks at the end", said, not dead),
            Check(
                front,
                "poller tasks killed, and those restarted and reported",
                f"{self.injuries}, {restarted}",
                self.injuries == restarted,
            ),
            Check(
                front,
                "other failures inside flowtui",
                f"{len(others)} {sorted(set(others))[:2] or ''}",
                not others,
            ),
        ]
