"""Plans the polls of all threads of a key: moving threads often, threads with new spans soon, the rest in a slow round.

`thread_priority.py` decides which threads move, `budget_shares.py` computes the intervals. Spans are hints only: a thread
that spans name and the list does not show is never polled. While spans cannot be trusted, the round is as fast as the
budget allows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from flowtui.errors import ApiError
from flowtui.model.state.changes import Change
from flowtui.model.state.health import Coverage
from flowtui.source.poll.budget_shares import CEILING, Bucket, Load, Shares, share_budget
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.promises import NEAR, Promises, Waiting
from flowtui.source.poll.schedule import Budget, Schedule, Target
from flowtui.source.poll.span_hints import SpanHints, UnlistedThreads
from flowtui.source.poll.thread_priority import LINGERING, MOVING, RESTING, priority_of
from flowtui.source.poll.turns import AGENTS, ROUND, SPANS, THREADS, Turns
from flowtui.source.read.budgeted_calls import Charge

_LONG = 4  # pages from which on the list of threads is long
_MUCH = 1.02  # if the round becomes shorter by this factor, all resting threads get a new due time
_FIRST_WITHIN = 3.0  # rounds over the resting threads, within which new threads get their first observation
_RESERVED = 0.92  # of the budget: beyond it, resting threads are observed only if requested, or when their promise is due
_PATIENCE = 0.5  # seconds until `_RESERVED` is checked again


class Fleet(Turns):
    """Plans for all threads together. `now` is monotonic seconds everywhere.

    When a resting thread is observed, its next observation is promised within `ThreadState.interval` seconds, the length
    of a round. Resting threads with news are observed as fast as the bucket allows, before those without. A thread whose
    promise is due is observed before both, even if the bucket is empty.
    """

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
        self._wanted_whole: set[str] = set()
        self._round_free = float("-inf")
        self._picked: set[Target] = set()
        self._promises = Promises()
        self._deepening: set[str] = set()
        self._hints = SpanHints()
        self._unlisted = UnlistedThreads()
        self._helping = False
        self._since: float | None = None
        self._turn = quiet_interval

    # -- plans -------------------------------------------------------------------------------------------------

    def begin(self, now: float) -> None:
        """Plan the first requests: for the list of threads, spans and agents; and the round over the resting threads."""
        self.schedule.add(THREADS, now)
        self.schedule.add(SPANS, now)
        self.schedule.add(AGENTS, now)
        self.schedule.add(ROUND, now)

    def refresh(self, now: float) -> None:
        """Request the list of threads and the spans now, even if spans are not trusted or were refused."""
        super().refresh(now)
        self.schedule.hasten(SPANS, now)

    def shares(self) -> Shares:
        """Return the current shares of the request budget."""
        now = self.observer.calls.clock.monotonic()
        load = Load(
            moving=self._count[MOVING],
            lingering=self._count[LINGERING],
            resting=self._count[RESTING],
            waiting=len(self._waiting),
            list_pages=self.observer.list_pages,
            used=self._budget.used(now),
            discovering=self._hints.trusted,
            asking=not self._hints.refused,
            room=self._budget.room(now),
        )
        return share_budget(
            self.intervals.wished, max(self._quiet, self.intervals.wished), self._budget.limit, load
        )

    def observe_soon(self, keys: Iterable[str], now: float) -> None:
        """Plan observations of these threads: moving ones now; the others in turn, before those that wait for another reason."""
        for key in keys:
            if key not in self.observer.states:
                continue
            self._want(key, now, self._waiting.asked_for)
        self._hasten_round(now)

    def observe_listed(self, keys: Iterable[str], now: float) -> None:
        """Plan observations of threads that the list shows as new or changed, and of restored ones that it shows, in turn.

        Threads that are moving already are left out, as they are read often anyway. In turn, because the list often shows a
        dozen new locks together: if all these threads were observed at once, others would be late.
        """
        new = []
        for key in (*keys, *self.observer.restored.take_listed()):
            if key in self.observer.states and self._priorities.get(key) != MOVING:
                known = key in self._priorities and key not in self._waiting.unread
                new += [] if key in self._priorities else [key]
                self._want(key, now, self._waiting.in_news if known else self._waiting.asked_for)
        # New threads get promises, too: else the promises of threads that were read before might delay them for ever.
        apart = self.shares().turn * _FIRST_WITHIN / max(1, len(new))
        for place, key in enumerate(new):
            if key in self._waiting.unread:
                self._promises.make(key, now, apart * (place + 1))
        self._hasten_round(now)

    def observe_failed(self, keys: Iterable[str], now: float) -> None:
        """Plan observations of threads that failed: now, without waiting for their retries."""
        for key in keys:
            self._want(key, now, self._waiting.asked_for)
            if self._priorities[key] != MOVING:
                self._promises.hasten(key, now)
        self._hasten_round(now)

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

    # -- the round ---------------------------------------------------------------------------------------------

    def pick(self, now: float, busy: Collection[Target]) -> None:
        """Make the next resting thread due: one whose promise is due, else one that waits, else the one observed longest ago."""
        self.schedule.hold(ROUND)
        self.schedule.wanted(ROUND, now + 1.0)  # if the code below raises, the round goes on a second later
        wait = self._wait(now)
        if wait <= 0:
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

    def _hasten_round(self, now: float) -> None:
        self.schedule.hasten(ROUND, now, now + self._wait(now))

    def _wait(self, now: float) -> float:
        """Return in how many seconds the next resting thread may be observed; 0: now."""
        wait = self._bucket.wait(now, self.shares().hot)
        if not self._waiting.asked_for and self._budget.used(now) >= self._budget.limit * _RESERVED:
            wait = max(wait, _PATIENCE)  # the rest of the budget is for promises and for the user
        if not self._waiting:
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
        if key in self._wanted_whole:
            return self.observer.short(key)
        if self._waiting or not self.observer.short(key):
            return False
        if self._deepening - {key}:
            return False  # one thread at a time: its pages use a connection for a while
        used, ceiling = self._budget.used(self.observer.calls.clock.monotonic()), float(CEILING)
        if self._priorities.get(key) == MOVING:  # few threads move, and reading each once costs little
            ceiling = max(CEILING, self._budget.limit / 2)
        elif not self._hints.trusted:
            ceiling = self._budget.limit / 2
        if used < ceiling:
            self._deepening.add(key)
        return used < ceiling

    def read_whole(self, keys: Iterable[str]) -> list[str]:
        """Plan to read what is missing of the history of these threads; return the threads for which this is newly planned."""
        news = [key for key in keys if key not in self._wanted_whole and self.observer.short(key)]
        self._wanted_whole.update(news)
        return news

    # -- outcomes ----------------------------------------------------------------------------------------------

    def whole_list(self, now: float) -> bool:
        """Whether to read the whole list of threads now; otherwise only the newest pages are read, to find new threads."""
        return now - self._list_whole_at >= 0.85 * self.shares().listing

    def early(self, pages: int) -> bool:
        """Whether to plan observations before the list is read to its end, as a long list takes seconds. `pages`: how many were read."""
        return pages >= _LONG

    def listed(self, at: float, now: float, *, whole: bool) -> None:
        """Note that the list was read, beginning at `at`. Unknown threads that spans named before belong to another owner.

        `whole`: whether all of the list was read.
        """
        super().listed(at, now, whole=whole)
        for key in self._unlisted.listed(at, self.observer.states):
            self._want(key, now, self._waiting.in_news)
        self._hasten_round(now)
        for key in self._priorities.keys() & self.observer.states.keys():
            if self._priorities[key] != MOVING and self._judge(key) == MOVING:
                self._want(key, now, self._waiting.in_news)

    def answered(self, target: Target, now: float, requests: int) -> None:
        """Plan the next poll of a target after a successful poll, which took `requests` requests."""
        what = target[0]
        shares = self.shares()
        if what == "threads":
            left = shares.listing - (now - self._list_whole_at)
            self.schedule.succeeded(target, now, max(self.intervals.wished, left))
        elif what == "spans":
            self._hints.answered(now)
            self.schedule.succeeded(target, now, shares.spans * (2.0 if self._hints.flooded else 1.0))
            self._review(now)
        elif what == "runs":
            self._observed(target, now, requests, shares)
        else:
            super().answered(target, now, requests)

    def _observed(self, target: Target, now: float, requests: int, shares: Shares) -> None:
        key = target[1]
        self._waiting.unread.pop(key, None)
        self._deepening.discard(key)
        if not self.observer.short(key):
            self._wanted_whole.discard(key)
        if target in self._picked:
            self._picked.discard(target)
            self._bucket.take(requests - 1)
        priority = self._judge(key)
        if priority == RESTING:
            self._promise(key, self.shares().turn)
            self.schedule.rest(target, now)
            return
        self._promises.drop(key)
        interval = shares.moving if priority == MOVING else shares.lingering
        self.observer.set_interval(key, interval)
        self.schedule.succeeded(target, now, interval)

    def _promise(self, key: str, interval: float) -> None:
        """Promise the next observation of a resting thread within `interval` seconds after its last observation."""
        self.observer.set_interval(key, interval)
        observed = self.observer.states[key].observed
        if observed is not None:
            clock = self.observer.calls.clock
            self._promises.make(key, observed - clock.now() + clock.monotonic(), interval)

    def failed(self, target: Target, now: float, error: ApiError) -> float | None:
        """Plan the next poll of a target after a failed poll. Return in how many seconds it comes; None: none is planned."""
        what, key = target
        if what == "runs":
            self._waiting.unread.pop(key, None)
            self._deepening.discard(key)
            self._picked.discard(target)
            self._promises.drop(key)  # its retry is planned
        if what != "spans":
            return super().failed(target, now, error)
        delay = self.schedule.failed(target, now, error, self.shares().spans)
        pause = self._hints.failed(error, delay, now)
        if pause is not None:
            delay = pause
            self.schedule.hold(target)
            self.schedule.wanted(target, now + pause)
        self._review(now)
        return delay

    # -- spans -------------------------------------------------------------------------------------------------

    async def read_spans(self, what: str, charge: Charge) -> None:
        """Request spans. `what`: `labels` that are wanted; or `spans`, which plans observations of known threads with new spans.

        Raises:
            ApiError: the answer is missing or incomplete. What could be read of it is used.
        """
        if what == "labels":
            return await super().read_spans(what, charge)
        calls = self.observer.calls
        try:
            await self._hints.ask(calls, charge, self.observer.take_spans)
        finally:
            self._spread_news(calls.clock.monotonic())

    def _spread_news(self, now: float) -> None:
        ours, others = self._hints.take_news(self.observer.states, now)
        for key in ours:
            if self._priorities.get(key) != MOVING:
                self._want(key, now, self._waiting.in_news)
        if self._unlisted.seek(others) and self.observer.listed:
            self.schedule.hasten(THREADS, now, max(now, self._unlisted.search_from))
        self._hasten_round(now)

    def witness(self, changes: Iterable[Change], now: float) -> None:
        """Note runs that have started: if no spans name their threads soon, spans are not trusted any more."""
        super().witness(changes, now)
        self._hints.compare(changes, now)
        self._review(now)

    def _review(self, now: float) -> None:
        """Note whether spans are trusted, and since when. If the round became shorter, make earlier promises to resting threads."""
        helped, self._helping = self._helping, self._hints.trusted
        at = self.observer.calls.clock.now()
        if self._helping != helped:
            self._since = at if self._helping else None
            self._round_free = now
            if helped:
                self.schedule.hasten(THREADS, now)
            self._hasten_round(now)
        turn = self.shares().turn
        if turn > self._turn:
            self._turn = turn  # the promises made for the shorter round are kept
        elif turn < self._turn / _MUCH:
            self._turn = turn
            for key, priority in self._priorities.items():
                state = self.observer.states[key]
                # The shorter round begins now, not with the thread's last observation.
                if priority == RESTING and state.observed is not None:
                    sooner = turn + max(0.0, at - state.observed)
                    if sooner < state.interval:
                        self._promise(key, sooner)

    def resting(self, key: str) -> bool:
        """Whether a thread is resting, that is, observed once a round."""
        return self._priorities.get(key) == RESTING

    def coverage(self) -> Coverage:
        """Return how many threads are known, read and failing, and how often spans, the list and resting threads are read."""
        shares = self.shares()
        return replace(
            self.observer.coverage(),
            fleet=True,
            discovering=self._hints.trusted,
            why=self._hints.doubt,
            since=self._since if self._hints.trusted else None,
            round_s=shares.turn,
            spans_s=shares.spans,
            list_s=shares.listing,
        )
