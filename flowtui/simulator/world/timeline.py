"""The runs of one thread: when each is created, starts and ends, and with which outcome.

Pure and lazy: runs are computed in order, as far as requested, from the thread's random choices. The thread's lock is
respected: a run starts after the previous run has released the lock. Times are world seconds; 0 is the start, history is below
0. Knows no ids, no JSON and no clock.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Final, NamedTuple

from flowtui.simulator.world.random_choices import Choices

QUEUED: Final = "queued"
RUNNING: Final = "running"
REACH: Final = 140.0
"""Seconds from the creation of a run within which all its events happen, as its wait and duration are bounded."""
_APART: Final = 0.05
"""The shortest time between two creations in seconds, so that the runs of a thread have a definite order."""


class Plan(NamedTuple):
    """A planned run. Times are world seconds.

    `started`: None if the run is cancelled in the queue.
    `release`: when the run releases the thread's lock.
    """

    number: int
    choices: Choices
    created: float
    started: float | None
    ended: float
    release: float
    outcome: str

    def status(self, now: float) -> str:
        """Return the status at `now`: queued, running, or how it ended."""
        if now >= self.ended:
            return self.outcome
        return RUNNING if self.started is not None and now >= self.started else QUEUED

    def active(self, now: float) -> bool:
        """Return whether the run is queued or running at `now`."""
        return self.created <= now < self.ended

    def usage(self, now: float) -> tuple[int, int] | None:
        """Return (prompt, completion) tokens used up to `now`; None before the first token."""
        if self.started is None:
            return None
        first = self.started + min(1.5, self.choices.seconds / 4)
        until = min(now, self.ended)
        if until < first:
            return None
        share = min(1.0, (until - first) / (self.started + self.choices.seconds - first))
        return int(self.choices.prompt * (0.3 + 0.7 * share)), int(self.choices.completion * share)


def _plan(
    before: Plan | None, choices: Choices, *, created: float | None = None, floor: float = -1e18
) -> Plan:
    """Plan the run after `before`; None: the first run.

    `created`: when the run is created; None: computed from the choices, but not earlier than `floor`.
    """
    release = before.release if before else 0.0
    start = release + choices.gap
    # The first run of a thread has no run to wait for.
    wait = choices.wait if before else min(choices.wait, 2.0)
    if created is None:
        created = max(start - wait, before.created + _APART if before else -1e18, floor)
    number = before.number + 1 if before else 0
    if choices.queue_share:
        ended = created + choices.queue_share * (start - created)
        return Plan(number, choices, created, None, ended, max(release, ended), choices.outcome)
    ended = start + choices.seconds
    return Plan(number, choices, created, start, ended, ended, choices.outcome)


def _with_choices(plan: Plan, choices: Choices) -> Plan:
    """Return the plan with other choices: the start stays, duration and outcome change."""
    if plan.started is None:
        return plan._replace(choices=choices)
    ended = plan.started + choices.seconds
    return plan._replace(choices=choices, ended=ended, release=ended, outcome=choices.outcome)


def _shifted(plan: Plan, by: float) -> Plan:
    started = None if plan.started is None else plan.started + by
    return plan._replace(
        created=plan.created + by, started=started, ended=plan.ended + by, release=plan.release + by
    )


class Timeline:
    """The runs of one thread, oldest first. `history`: how many of them exist at time 0."""

    def __init__(
        self,
        choices: Iterator[Choices],
        history: int,
        *,
        first: float,
        change: Callable[[float, Choices], Choices],
    ) -> None:
        """Create the history.

        `first`: the world second at which the next run is created. If negative: when the last run ends, and the thread gets
        no more runs.
        `change`: gets the creation time and the choices of a run, and returns the choices to use, such as those with the
        effects of a release.
        """
        self._choices = choices
        self._change = change
        self._before_release: dict[int, Choices] = {}
        self._live = first >= 0
        # Tests read a world while the server's thread serves it.
        self._growing = Lock()
        self._cancelled: dict[int, float] = {}
        plans: list[Plan] = []
        for _ in range(history + (1 if self._live else 0)):
            plans.append(_plan(plans[-1] if plans else None, next(choices)))
        if self._live:
            # The next creation must be later than the last one of the history.
            room = (plans[-1].created - plans[-2].created) / 2 if history else first
            by = min(first, room) - plans[-1].created
        else:
            by = first - max((plan.ended for plan in plans), default=0.0)
        # `change` needs the final times.
        self._plans = [self._changed(_shifted(plan, by)) for plan in plans]

    def count(self, now: float) -> int:
        """Return how many runs were created up to `now`."""
        with self._growing:
            plans = self._plans
            while self._live and plans[-1].created <= now:
                self._append(next(self._choices))
            return bisect_right(plans, now, key=lambda plan: plan.created)

    def __getitem__(self, number: int) -> Plan:
        return self._plans[number]

    def since(self, moment: float, now: float) -> range:
        """Return the numbers of the runs created after `moment` and up to `now`."""
        count = self.count(now)
        return range(bisect_right(self._plans, moment, hi=count, key=lambda plan: plan.created), count)

    def holder(self, now: float) -> Plan | None:
        """Return the run that holds the thread's lock: the running one, else the first in the queue, else None."""
        found = None
        for number in range(self.count(now) - 1, -1, -1):
            plan = self._plans[number]
            if plan.active(now):
                found = plan
            elif plan.started is not None:
                break  # it started and ended, so all earlier runs have ended
        return found

    def cancel(self, number: int, now: float, at: float) -> None:
        """Cancel a run that is active at `now`: it ends at `at`, or as planned if that is earlier. Plan later runs again."""
        with self._growing:
            self._cancelled.setdefault(number, at)
            redo = self._plans[number:]
            del self._plans[number:]
            for plan in redo:
                choices = self._before_release.pop(plan.number, plan.choices)
                if plan.created > now:
                    self._append(choices, floor=now + _APART)
                elif plan.ended <= at or plan.choices.queue_share:
                    # it has ended, or is to be cancelled in the queue anyway: times that were sent must not change
                    self._plans.append(self._with_cancellation(plan))
                else:
                    self._append(choices, created=plan.created)

    def _append(
        self,
        choices: Choices,
        *,
        created: float | None = None,
        floor: float = -1e18,
    ) -> None:
        before = self._plans[-1] if self._plans else None
        plan = self._changed(_plan(before, choices, created=created, floor=floor))
        self._plans.append(self._with_cancellation(plan))

    def _changed(self, plan: Plan) -> Plan:
        """Return the plan with the effects of the release that applies when it is created, if one does."""
        changed = self._change(plan.created, plan.choices)
        if changed is plan.choices:
            return plan
        self._before_release[plan.number] = plan.choices
        return _with_choices(plan, changed)

    def _with_cancellation(self, plan: Plan) -> Plan:
        """Return the plan with the effects of a cancel call, if there was one.

        The lock is released when the run ends, but not before the previous run releases it.
        """
        before = self._plans[-1].release if self._plans else -1e18
        at = self._cancelled.get(plan.number)
        if at is not None and at < plan.ended:
            started = plan.started if plan.started is not None and plan.started <= at else None
            plan = plan._replace(started=started, ended=at, outcome="cancelled")
        return plan._replace(release=max(before, plan.ended))
