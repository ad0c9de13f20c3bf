"""The round: which threads of a fleet are observed next, and when. `fleet.py` decides what follows from the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from flowtui.source.poll.budget_shares import CEILING, Bucket, Load, Shares, share_budget
from flowtui.source.poll.catch_up.catching_up import CatchUp
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.promises import NEAR, Promises, Waiting
from flowtui.source.poll.schedule import Budget, Schedule, Target
from flowtui.source.poll.span_hints import SpanHints
from flowtui.source.poll.thread_priority import LINGERING, MOVING, RESTING, priority_of
from flowtui.source.poll.turns import GAP, ROUND, Turns
from flowtui.source.read.deepening import Deepening

_RESERVED = 0.92  # of the budget: beyond it, resting threads are observed only if requested, or when their promise is due
_PATIENCE = 0.5  # seconds until `_RESERVED` is checked again


class Round(Turns):
    """The priorities and promises of all threads, the threads that wait, and the requests that they may take."""

    def __init__(
        self,
        observer: Observer,
        schedule: Schedule,
        intervals: Intervals,
        quiet_interval: float,
        budget: Budget,
    ) -> None:
        super().__init__(observer, schedule, intervals)
        self._quiet = quiet_interval
        self._budget = budget
        self._bucket = Bucket(budget.limit)
        self._priorities: dict[str, str] = {}
        self._count: Counter[str] = Counter()
        self._waiting = Waiting()
        self.deepening = Deepening()
        self._round_free = float("-inf")
        self._picked: set[Target] = set()
        self._promises = Promises()
        self._hints = SpanHints()
        self._catch_up = CatchUp(observer.restored)
        self._passed = 0

    def shares(self) -> Shares:
        """Return the current shares of the request budget."""
        now = self.observer.calls.clock.monotonic()
        load = Load(
            moving=self._count[MOVING],
            lingering=self._count[LINGERING],
            resting=self._count[RESTING],
            waiting=len(self._waiting) + self._page_due,
            list_pages=self.observer.list_pages,
            used=self._budget.used(now),
            discovering=self._hints.trusted,
            asking=not self._hints.refused,
            catching_up=bool(self._catch_up.moved) or (self._catch_up.unfinished and self._hints.usable),
            room=self._budget.room(now),
        )
        return share_budget(
            self.intervals.wished, max(self._quiet, self.intervals.wished), self._budget.limit, load
        )

    def resting(self, key: str) -> bool:
        """Whether a thread is resting, that is, observed once a round."""
        return self._priorities.get(key) == RESTING

    def _want(self, key: str, now: float, queue: dict[str, None]) -> None:
        target = ("runs", key)
        if target not in self.schedule:
            self.schedule.add(target, now)
            self.schedule.hold(target)
            self._waiting.unread[key] = None
        # A thread that was resting until now waits for its turn: the list may show a dozen new locks at once.
        if self._judge(key) == MOVING and (key in self._waiting.unread or not self.schedule.held(target)):
            self._waiting.forget(key)
            self._promises.drop(key)
            self.schedule.hasten(target, now)
        elif key not in self._waiting.unread or queue is self._waiting.in_news:
            queue[key] = None

    def _judge(self, key: str) -> str:
        priority = priority_of(self.observer.states[key], self.intervals.wished)
        before = self._priorities.get(key)
        if priority != before:
            self._priorities[key] = priority
            self._count[priority] += 1
            if before is not None:
                self._count[before] -= 1
        return priority

    def pick(self, now: float, busy: Collection[Target]) -> None:
        """Make the next resting thread due: one whose promise is due, else one that waits, else the one observed longest ago."""
        self.schedule.hold(ROUND)
        self.schedule.wanted(ROUND, now + 1.0)  # if the code below raises, the round goes on a second later
        wait = self._wait(now)
        if wait <= 0 and self._takes_page(now):
            self._bucket.take()
            self.schedule.hasten(GAP, now)
            wait = self._wait(now)
        elif wait <= 0:
            key = self._next(now, busy)
            if key is not None:
                self._bucket.take()
                self._waiting.forget(key)
                self._promises.drop(key)
                self._picked.add(("runs", key))
                self.schedule.hasten(("runs", key), now)
            wait = self._wait(now) if key is not None else 1.0
        self.schedule.hold(ROUND)
        self.schedule.wanted(ROUND, now + max(wait, 0.01))

    @property
    def _page_due(self) -> bool:
        """Whether a page of the spans of the gap is to be read next."""
        return self._catch_up.unfinished and self._hints.usable and self.schedule.held(GAP)

    def _takes_page(self, now: float) -> bool:
        """Whether it is the turn of a page: the third of three requests if threads wait. A promise that is due precedes it."""
        if not self._page_due or self._promises.due <= now:
            return False
        self._passed += 1
        return not self._waiting or self._passed % 3 == 0

    def _hasten_round(self, now: float) -> None:
        self.schedule.hasten(ROUND, now, now + self._wait(now))

    def _wait(self, now: float) -> float:
        """Return in how many seconds the next resting thread may be observed; 0: now."""
        wait = self._bucket.wait(now, self.shares().hot)
        if not self._waiting.asked_for and self._budget.used(now) >= self._budget.limit * _RESERVED:
            wait = max(wait, _PATIENCE)  # the rest of the budget is for promises and for the user
        if not (self._waiting or self._page_due):
            wait = max(wait, self._round_free - now) if self._count[RESTING] else 1.0
        return max(0.0, min(wait, self._promises.due - now))

    def _next(self, now: float, busy: Collection[Target]) -> str | None:
        key = self._promises.next
        if key is not None:
            near = self.observer.states[key].interval * NEAR if self._waiting else 0.0
            if self._promises.due - near <= now:
                self._pace_round(now)
                return key
        key = self._waiting.first(busy)
        if key is not None:
            return key
        self._pace_round(now)
        failing = self.observer.failing
        return self.observer.last_observations.stalest(
            lambda key: (
                self._priorities.get(key) == RESTING and key not in failing and ("runs", key) not in busy
            )
        )

    def _pace_round(self, now: float) -> None:
        steady = self.shares().steady
        self._round_free = now + (1.0 / steady if steady else 1.0)

    def deepens(self, key: str) -> bool:
        """Whether the next observation of a thread also reads older runs that the first observation left out.

        True if this was requested. True as well if few requests are made now and no thread waits, but then for only one
        thread at a time.
        """
        short = self.observer.short(key)
        if not short or key in self.deepening.wanted:
            return short
        if self._waiting:
            return False
        limit, ceiling = self._budget.limit, float(CEILING)
        if self._priorities.get(key) == MOVING:  # few threads move, and reading each once costs little
            ceiling = max(CEILING, limit / 2)
        elif not self._hints.trusted:
            ceiling = limit / 2
        used = self._budget.used(self.observer.calls.clock.monotonic())
        return self.deepening.now(key, cheap=used < ceiling)

    def read_whole(self, keys: Iterable[str]) -> list[str]:
        """Plan to read what is missing of the history of these threads; return the threads for which this is newly planned."""
        return self.deepening.want(key for key in keys if self.observer.short(key))
