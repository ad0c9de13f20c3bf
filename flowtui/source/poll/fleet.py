"""Plans the polls of all threads of a key: moving threads often, threads with new spans soon, the rest in a slow round.

`thread_priority.py` decides which threads move, `budget_shares.py` computes the intervals. Spans are hints only: a thread
that spans name and the list does not show is never polled. While spans cannot be trusted, the round is as fast as the
budget allows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from flowtui.errors import ApiError, UnreadableError
from flowtui.model.state.changes import Change
from flowtui.model.state.health import Coverage
from flowtui.model.state.restoring import reaches_back
from flowtui.source.poll.budget_shares import Shares
from flowtui.source.poll.catch_up.catching_up import AT_ONCE
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.round import Round
from flowtui.source.poll.schedule import Budget, Schedule, Target
from flowtui.source.poll.span_hints import UnlistedThreads
from flowtui.source.poll.thread_priority import MOVING, RESTING, priority_of
from flowtui.source.poll.turns import AGENTS, GAP, ROUND, SPANS, THREADS
from flowtui.source.read.budgeted_calls import Charge

_LONG = 4  # pages from which on the list of threads is long
_MUCH = 1.02  # if the round becomes shorter by this factor, all resting threads get a new due time
_GOLDEN = 0.618  # of the turn: the distance of the due times of two silent threads
_SOONEST = 0.1  # of the turn: silent threads leave the first part to the threads that moved
_FIRST_WITHIN = 3.0  # rounds over the resting threads, within which new threads get their first observation
_RESERVED = 0.92  # of the budget: beyond it, resting threads are observed only if requested, or when their promise is due
_PATIENCE = 0.5  # seconds until `_RESERVED` is checked again


class Fleet(Round):
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
        super().__init__(observer, schedule, intervals, quiet_interval, budget)
        self._unlisted = UnlistedThreads()
        self._helping = False
        self._since: float | None = None
        self._turn = quiet_interval
        self._spread = 0.0
        self._unsettled = False

    # -- plans -------------------------------------------------------------------------------------------------

    def begin(self, now: float) -> None:
        """Plan the first requests: for the list of threads, spans and agents; and the round over the resting threads."""
        self.schedule.add(THREADS, now)
        self.schedule.add(SPANS, now)
        self.schedule.add(AGENTS, now)
        self.schedule.add(ROUND, now)
        self.schedule.add(GAP, now)
        self.schedule.hold(GAP)

    def refresh(self, now: float) -> None:
        """Request the list of threads and the spans now, even if spans are not trusted or were refused."""
        super().refresh(now)
        self.schedule.hasten(SPANS, now)

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
        for key in keys:
            if key in self.observer.restored:
                self._catch_up.first(key)
                self._observe_moved((key,))
            elif key in self.observer.states and self._priorities.get(key) != MOVING:
                known = key in self._priorities and key not in self._waiting.unread
                new += [] if key in self._priorities else [key]
                self._want(key, now, self._waiting.in_news if known else self._waiting.asked_for)
        self._promise_first(new, now)
        self._observe_returned(now)
        self._hasten_round(now)

    def _promise_first(self, keys: Sequence[str], now: float) -> None:
        """Promise first observations: else the promises of threads that were read before might delay them for ever."""
        apart = self.shares().turn * _FIRST_WITHIN / max(1, len(keys))
        for place, key in enumerate(keys):
            if key in self._waiting.unread:
                self._promises.make(key, now, apart * (place + 1))

    def observe_failed(self, keys: Iterable[str], now: float) -> None:
        """Plan observations of threads that failed: now, without waiting for their retries."""
        for key in keys:
            self._want(key, now, self._waiting.asked_for)
            if self._priorities[key] != MOVING:
                self._promises.hasten(key, now)
        self._hasten_round(now)

    def pick(self, now: float, busy: Collection[Target]) -> None:
        """Make the next resting thread due, as `Round` does."""
        if self._unsettled:
            self._settle(now)
        super().pick(now, busy)

    # -- what was missed before this start ---------------------------------------------------------------------

    def missed(self, keys: Sequence[str], until: float | None) -> None:
        """Note the restored threads `keys`. Those that wait to be read already do so no longer: their turn is decided anew."""
        self._catch_up.begin(len(keys), self.observer.calls.clock.now(), until)
        for key in keys:
            self._waiting.forget(key)
            self._promises.drop(key)

    def _observe_returned(self, now: float) -> None:
        """Plan observations of the restored threads that the list has shown: first of those that moved, or moved when last seen."""
        returned = self.observer.restored.take_listed()
        moved = self._catch_up.listed(returned)
        for key in returned:
            if priority_of(self.observer.states[key], self.intervals.wished) != RESTING:
                self._catch_up.first(key)
                moved.append(key)
        self._observe_moved(moved)
        self._settle(now)

    def _observe_moved(self, keys: Iterable[str]) -> None:
        """Queue observations of threads that moved. In turn even those that still move: a hundred may have sixty new runs each."""
        for key in keys:
            self._hold(key)
            self._waiting.in_news[key] = None

    def _settle(self, now: float) -> None:
        """Let silent threads wait for their turn. Queue the others, unless more spans may tell whether they moved.

        Decides a part of many threads; the rest soon after.
        """
        silent = self._catch_up.settle(trusted=self._hints.trusted)
        self.observer.mark_silent(self._catch_up.silent.keys())
        for key in silent:
            self._hold(key)
            self._judge(key)
        turn = self.shares().turn if silent else 0.0
        for key in silent:
            self._spread = (self._spread + _GOLDEN) % 1.0  # evenly over the turn, however many follow
            self._promises.make(key, now, turn * max(_SOONEST, self._spread))
        self._unsettled = len(silent) == AT_ONCE
        if self._unsettled:
            return
        if self._catch_up.waits and self._hints.hopeful:
            for key in self._catch_up.open.keys() & self._waiting.unread.keys():
                self._hold(key)  # spans are of use again
            return
        unread = self._waiting.unread
        queued = list(islice((key for key in self._catch_up.open if key not in unread), AT_ONCE))
        self._unsettled = len(queued) == AT_ONCE
        for key in queued:
            self._want(key, now, self._waiting.unread)
        self._promise_first(queued, now)
        self._hasten_round(now)

    def _hold(self, key: str) -> None:
        """Plan no observation of a restored thread, unless it is being observed."""
        self._waiting.forget(key)
        self._promises.drop(key)
        if ("runs", key) not in self.schedule:
            self.schedule.add(("runs", key), 0.0)
            self.schedule.hold(("runs", key))

    def _note_caught_up(self) -> None:
        """Note once that all was read that happened before this start, as far as the server lets it be read."""
        if self.caught_up is None and self._catch_up.begun is not None and self.observer.listed:
            found = self._catch_up.caught_up(self.observer.readable_unread())
            if found is not None and self._reaches_back(found[0] + self.observer.calls.server_clock.offset):
                self.caught_up = found

    def _reaches_back(self, since: float) -> bool:
        """Whether all runs since a time of the server's clock were read of the threads that are known without the history.

        What is read of the others continues what the history knows.
        """
        states, restored = self.observer.states, self.observer.restored.all
        return all(
            key in restored or state.observed is None or reaches_back(state, since)
            for key, state in states.items()
        )

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
            self._settle(now)
            self.schedule.succeeded(target, now, shares.spans * (2.0 if self._hints.flooded else 1.0))
            self._review(now)
        elif what == "gap":
            self.schedule.rest(target, now)
            self._hasten_round(now)
        elif what == "runs":
            self._observed(target, now, requests, shares)
        else:
            super().answered(target, now, requests)
        self._note_caught_up()

    def _observed(self, target: Target, now: float, requests: int, shares: Shares) -> None:
        key = target[1]
        self._waiting.unread.pop(key, None)
        self._catch_up.seen(key)
        self.deepening.ended(key, short=self.observer.short(key))
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
            self.deepening.ended(key)
            self._picked.discard(target)
            self._promises.drop(key)  # its retry is planned
            self._catch_up.seen(key)
        if what == "gap":
            return self._gap_failed(now, error)
        if what != "spans":
            return super().failed(target, now, error)
        delay = self.schedule.failed(target, now, error, self.shares().spans)
        pause = self._hints.failed(error, delay, now)
        if pause is not None:
            delay = pause
            self.schedule.hold(target)
            self.schedule.wanted(target, now + pause)
        self._review(now)
        self._settle(now)
        return delay

    def _gap_failed(self, now: float, error: ApiError) -> float | None:
        delay = self.schedule.failed(GAP, now, error, self.shares().spans)
        if isinstance(error, UnreadableError):
            delay = None
            self.schedule.hold(GAP)
        self._catch_up.failed(final=delay is None)
        self._settle(now)
        return delay

    # -- spans -------------------------------------------------------------------------------------------------

    async def read_spans(self, what: str, charge: Charge) -> None:
        """Request spans. `what`: `labels` that are wanted; `gap`, a page of those before this start; or `spans`, the new ones.

        Observations of the known threads that they name are planned.

        Raises:
            ApiError: the answer is missing or incomplete. What could be read of it is used.
        """
        if what == "labels":
            return await super().read_spans(what, charge)
        calls = self.observer.calls
        if what == "gap":
            named = await self._hints.ask_gap(calls, charge, self.observer.take_spans, self._catch_up)
            self._hints.named(named, self.observer.states)
            now = calls.clock.monotonic()
            self._observe_moved(self._catch_up.name(named))
            return self._settle(now)
        try:
            await self._hints.ask(calls, charge, self.observer.take_spans)
        finally:
            self._spread_news(calls.clock.monotonic())

    def _spread_news(self, now: float) -> None:
        ours, others = self._hints.take_news(self.observer.states, now)
        self._observe_moved(self._catch_up.name(ours))
        for key in ours:
            queued = key in self._catch_up.moved or not self.observer.restored.askable(key)
            if self._priorities.get(key) != MOVING and not queued:
                self._want(key, now, self._waiting.in_news)
        if self._unlisted.seek(others) and self.observer.listed:
            self.schedule.hasten(THREADS, now, max(now, self._unlisted.search_from))
        self._hasten_round(now)

    def witness(self, changes: Iterable[Change], now: float) -> None:
        """Note runs that have started: if no spans name their threads soon, spans are not trusted any more."""
        super().witness(changes, now)
        self._hints.compare(changes, now)
        self._review(now)
        if self._catch_up.compare(changes, self.observer.calls.server_clock.offset):
            self._settle(now)

    def _review(self, now: float) -> None:
        """Note whether spans are trusted, and since when. If the round became shorter, make earlier promises to resting threads."""
        helped, self._helping = self._helping, self._hints.trusted
        at = self.observer.calls.clock.now()
        if self._helping != helped:
            self._since = at if self._helping else None
            self._round_free = now
            if helped:
                self.schedule.hasten(THREADS, now)
            self._settle(now)
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

    def coverage(self) -> Coverage:
        """Return how many threads are known, read and failing, and how often spans, the list and resting threads are read."""
        shares = self.shares()
        return replace(
            self.observer.coverage(),
            fleet=True,
            silent=len(self._catch_up.silent),
            discovering=self._hints.trusted,
            why=self._hints.doubt,
            since=self._since if self._hints.trusted else None,
            round_s=shares.turn,
            spans_s=shares.spans,
            list_s=shares.listing,
        )
