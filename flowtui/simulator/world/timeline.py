"""What happens on one thread: which runs are created when, how long they wait, run, and how they end.

Pure and lazy: drawn from the thread's own dice, forward, only as far as somebody looks. The thread's lock is
built in: a run starts after the one before it has let go. Times are world seconds, 0 is the start, history
lies below. Knows no ids, no JSON and no clock.
"""

from __future__ import annotations

from bisect import bisect_right
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowtui.simulator.world.draws import Draw

QUEUED: Final = "queued"
RUNNING: Final = "running"
REACH: Final = 140.0
"""Seconds within which everything about a run happens, counted from its creation: the longest wait and run."""
_APART: Final = 0.05
"""Seconds between two creations at the least, so that the order of the runs of a thread is never a tie."""


class Plan(NamedTuple):
    """One run, planned: `started` is None where it is cancelled in the queue; `release` frees the thread."""

    number: int
    draw: Draw
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
        """Queued or running at `now`."""
        return self.created <= now < self.ended

    def usage(self, now: float) -> tuple[int, int] | None:
        """Return (prompt, completion) tokens used until `now`; None before the first token."""
        if self.started is None:
            return None
        first = self.started + min(1.5, self.draw.seconds / 4)
        until = min(now, self.ended)
        if until < first:
            return None
        share = min(1.0, (until - first) / (self.started + self.draw.seconds - first))
        return int(self.draw.prompt * (0.3 + 0.7 * share)), int(self.draw.completion * share)


def _plan(before: Plan | None, draw: Draw, *, created: float | None = None, floor: float = -1e18) -> Plan:
    """Put a run behind the one before it. `created` keeps a creation that has already been seen."""
    release = before.release if before else 0.0
    start = release + draw.gap
    # Nothing holds the thread before its first run, so that one does not wait long.
    wait = draw.wait if before else min(draw.wait, 2.0)
    if created is None:
        created = max(start - wait, before.created + _APART if before else -1e18, floor)
    number = before.number + 1 if before else 0
    if draw.queue_share:
        ended = created + draw.queue_share * (start - created)
        return Plan(number, draw, created, None, ended, max(release, ended), draw.outcome)
    ended = start + draw.seconds
    return Plan(number, draw, created, start, ended, ended, draw.outcome)


def _turned(plan: Plan, draw: Draw) -> Plan:
    """Return the same run with another draw: it begins as planned, and takes and ends as that one says."""
    if plan.started is None:
        return plan._replace(draw=draw)
    ended = plan.started + draw.seconds
    return plan._replace(draw=draw, ended=ended, release=ended, outcome=draw.outcome)


def _shifted(plan: Plan, by: float) -> Plan:
    started = None if plan.started is None else plan.started + by
    return plan._replace(
        created=plan.created + by, started=started, ended=plan.ended + by, release=plan.release + by
    )


class Timeline:
    """The runs of one thread, oldest first. `history` of them exist at time 0; a quiet thread gets no more."""

    def __init__(
        self,
        draws: Iterator[Draw],
        history: int,
        *,
        first: float,
        change: Callable[[float, Draw], Draw] | None = None,
    ) -> None:
        """`first`: seconds from 0 to the next creation, or, where negative, to the end of the last run.

        Negative makes the thread quiet. `change` makes of (creation, draw) how the run turns out then.
        """
        self._draws = draws
        self._change: Callable[[float, Draw], Draw] | None = None
        self._as_drawn: dict[int, Draw] = {}
        self._live = first >= 0
        # Tests look at a world that the server's thread is serving.
        self._growing = Lock()
        self._cancelled: dict[int, float] = {}
        self._plans: list[Plan] = []
        for _ in range(history + (1 if self._live else 0)):
            self._append(next(draws))
        plans = self._plans
        if self._live:
            # The next creation may not come before the last one of the history.
            room = (plans[-1].created - plans[-2].created) / 2 if history else first
            by = min(first, room) - plans[-1].created
        else:
            by = first - max((plan.ended for plan in plans), default=0.0)
        self._plans = [_shifted(plan, by) for plan in plans]
        # Only now do the plans have their times; the last of them is the only one that lies ahead.
        self._change = change
        if change is not None and self._live:
            last = self._plans.pop()
            self._append(last.draw, created=last.created, planned=last)

    def count(self, now: float) -> int:
        """Return how many runs have been created until `now`."""
        with self._growing:
            plans = self._plans
            while self._live and plans[-1].created <= now:
                self._append(next(self._draws))
            return bisect_right(plans, now, key=lambda plan: plan.created)

    def __getitem__(self, number: int) -> Plan:
        return self._plans[number]

    def since(self, moment: float, now: float) -> range:
        """Return the numbers of the runs created after `moment` and until `now`."""
        count = self.count(now)
        return range(bisect_right(self._plans, moment, hi=count, key=lambda plan: plan.created), count)

    def holder(self, now: float) -> Plan | None:
        """Return the run that holds the lock: the running one, else the next in the queue, else None."""
        found = None
        for number in range(self.count(now) - 1, -1, -1):
            plan = self._plans[number]
            if plan.active(now):
                found = plan
            elif plan.started is not None:
                break  # it started and ended, so everything before it is over
        return found

    def cancel(self, number: int, now: float, at: float) -> None:
        """Cancel an active run: it ends at `at`, unless its plan ends it sooner. The queue moves up."""
        with self._growing:
            self._cancelled.setdefault(number, at)
            redo = self._plans[number:]
            del self._plans[number:]
            for plan in redo:
                draw = self._as_drawn.pop(plan.number, plan.draw)
                if plan.created > now:
                    self._append(draw, floor=now + _APART)
                elif plan.ended <= at or plan.draw.queue_share:
                    # It is over, or will leave the queue by itself: what has been seen stays as it is.
                    self._plans.append(self._cut(plan))
                else:
                    self._append(draw, created=plan.created)

    def _append(
        self,
        draw: Draw,
        *,
        created: float | None = None,
        floor: float = -1e18,
        planned: Plan | None = None,
    ) -> None:
        before = self._plans[-1] if self._plans else None
        plan = planned or _plan(before, draw, created=created, floor=floor)
        changed = draw if self._change is None else self._change(plan.created, draw)
        if changed is not draw:
            self._as_drawn[plan.number] = draw
            plan = _turned(plan, changed)
        self._plans.append(self._cut(plan))

    def _cut(self, plan: Plan) -> Plan:
        """Return the plan with the end that a cancel call gave it, and the release that follows."""
        before = self._plans[-1].release if self._plans else -1e18
        at = self._cancelled.get(plan.number)
        if at is not None and at < plan.ended:
            started = plan.started if plan.started is not None and plan.started <= at else None
            plan = plan._replace(started=started, ended=at, outcome="canceled")
        return plan._replace(release=max(before, plan.ended))
