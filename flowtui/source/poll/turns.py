"""Whose turn it is: what a look's outcome means for the next ones. Here each thread has a plan of its own.

Decides when, and never asks by itself: the poller does, with what the schedule hands out. `fleet.py` is the other way
to take turns, for all threads of a key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from flowtui.errors import ApiError
from flowtui.model.state.changes import Change
from flowtui.model.state.health import Coverage
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.schedule import Schedule, Target
from flowtui.source.read.budgeted_calls import Calls, Charge

THREADS: Final = ("threads", "")
AGENTS: Final = ("agents", "")
SPANS: Final = ("spans", "")
ROUND: Final = ("round", "")


class Turns:
    """Every thread is looked at every interval, or every quiet interval, and the head of the list every interval."""

    def __init__(self, observer: Observer, schedule: Schedule, intervals: Intervals) -> None:
        self.observer = observer
        self.schedule = schedule
        self.intervals = intervals
        self._list_whole_at = float("-inf")

    def begin(self, now: float) -> None:
        """Plan the first requests."""
        self.schedule.add(THREADS, now)
        self.observe_soon(self.observer.states, now)
        self.schedule.add(AGENTS, now)

    def wish(self, interval: float) -> None:
        """Wish for another interval of what moves."""
        self.intervals.wish(interval)

    def refresh(self, now: float) -> None:
        """Ask about all threads together now."""
        self.schedule.hasten(THREADS, now)

    def pick(self, _now: float, _busy: Collection[Target]) -> None:
        """Let the next thread of a round be due; there is no round here."""

    def deepens(self, _key: str) -> bool:
        """Whether a look may read what a shorter first one left out."""
        return False

    def read_whole(self, _keys: Iterable[str]) -> list[str]:
        """Let the next looks at these threads read all of the wanted history; return where that is news. All do here."""
        return []

    def whole_list(self, now: float) -> bool:
        """Whether all of the list is read now, not only its head."""
        return now - self._list_whole_at >= self.intervals.listing(self.observer.list_pages)

    def early(self, _pages: int) -> bool:
        """Whether to plan looks before the list is over, of which so many pages were read."""
        return False

    def listed(self, at: float, _now: float, *, whole: bool) -> None:
        """Take in that the list was read, in a look that began at `at`."""
        if whole:
            self._list_whole_at = at

    def answered(self, target: Target, now: float, _requests: int) -> None:
        """Plan the next look after one that succeeded."""
        what, key = target
        if what == "agents":
            self.schedule.hold(target)
            return
        moving = what == "threads" or self.observer.moving(key)
        interval = self.intervals.settle(target, now, active=moving)
        if what == "runs":
            self.observer.set_interval(key, interval)
        self.schedule.succeeded(target, now, interval)

    def failed(self, target: Target, now: float, error: ApiError) -> float | None:
        """Plan the next look after one that failed; return in how many seconds, None: not before something changes."""
        what, key = target
        interval = self.observer.states[key].interval if what == "runs" else self.intervals.wished
        return self.schedule.failed(target, now, error, interval)

    async def discover(self, calls: Calls, charge: Charge) -> None:
        """Ask what moved; nobody is asked that here."""

    def witness(self, _changes: Iterable[Change], _now: float) -> None:
        """Take in what looks brought."""

    def observe_soon(self, keys: Iterable[str], now: float) -> None:
        """Let these threads be looked at soon: those that move now, of the others no more at once than is fair."""
        known = [key for key in keys if key in self.observer.states]
        moving = [key for key in known if self.observer.moving(key)]
        busy = frozenset(moving)
        quiet = [key for key in known if key not in busy]
        dues = [now] * len(moving) + self.intervals.spread(len(quiet), now)
        for key, due in zip((*moving, *quiet), dues, strict=True):
            self.schedule.add(("runs", key), due)
            self.schedule.hasten(("runs", key), now, due)

    def observe_listed(self, keys: Iterable[str], now: float) -> None:
        """Let these threads, of which the list said something new, be looked at soon."""
        self.observe_soon(keys, now)

    def observe_failed(self, keys: Iterable[str], now: float) -> None:
        """Let these threads, which failed, be looked at now that the server answers again."""
        self.observe_soon(keys, now)

    def coverage(self) -> Coverage:
        """Return how much is known, and how the rest is watched."""
        return self.observer.coverage()
