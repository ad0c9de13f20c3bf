"""The poller's choice of the next thread, in simulated time and without requests, to measure what that choice costs."""

from __future__ import annotations

import random

from benchmarks.company_runs import Company
from flowtui.model.state.known_runs import apply_unchanged
from flowtui.source.clock import Clock
from flowtui.source.poll.fleet import Fleet
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.schedule import Budget, Schedule
from flowtui.source.poll.turns import ROUND, THREADS
from flowtui.source.read.budgeted_calls import Calls

BUDGET = 300  # requests a minute


class _HandClock(Clock):
    """A clock that shows `at` seconds."""

    at = 0.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


class Planning:
    """All threads of a company, already read. Each observation shows no change, and answers take no time."""

    def __init__(self, company: Company) -> None:
        self._clock = _HandClock()
        self._observer = Observer(Calls(None, self._clock), 200, 2.0, cheap=True)  # type: ignore[arg-type]
        self._observer.states.update(company.states)
        self._observer.listed, self._observer.list_pages = True, max(1, company.size // 100)
        self._budget = Budget(BUDGET)
        self._schedule = Schedule(random.Random(1))
        intervals = Intervals(2.0, 30.0, BUDGET)
        self._fleet = Fleet(self._observer, self._schedule, intervals, 30.0, self._budget)
        self._fleet.begin(0.0)
        self._fleet.observe_soon(list(company.states), 0.0)
        while len(self._observer.last_observations) < company.size:
            self.passing(30.0)
        self.passing(120.0)

    def passing(self, seconds: float) -> int:
        """Let `seconds` of simulated time pass; return the number of observations."""
        clock, observations = self._clock, 0
        end = clock.at + seconds
        while clock.at < end:
            due = self._schedule.next_due()
            pause = max((end if due is None else due) - clock.at, self._budget.wait(clock.at))
            if pause > 0:
                clock.at = min(end, clock.at + pause)
                continue
            target = self._schedule.pop(clock.at)
            if target == ROUND:
                self._fleet.pick(clock.at, frozenset())
            elif target is not None:
                observations += 1
                self._observe(*target)
        return observations

    def _observe(self, what: str, key: str) -> None:
        now = self._clock.at
        self._budget.take(now)
        if what == "runs":
            self._observer.states[key] = apply_unchanged(self._observer.states[key], at=now)
            self._observer.last_observations.observed(key, now)
        elif (what, key) == THREADS:
            self._fleet.listed(now, now, whole=self._fleet.whole_list(now))
        self._fleet.answered((what, key), now, 1)
