"""The one polling loop. Several consumers read it: the dashboard draws its snapshots, scripts print its changes.

An outage is data here, never an exception for a consumer. The loop is supervised: a task that dies is reported in
the snapshot and started again. Never asks more often than the budget allows.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from flowtui.errors import ApiError, AuthError, FlowtuiError, ForbiddenError
from flowtui.model.json_body import parse_elements
from flowtui.model.parsing import parse_detail
from flowtui.model.run import RunKey
from flowtui.model.snapshot import Snapshot, Update
from flowtui.model.store import Failure
from flowtui.source.audience import Audience
from flowtui.source.calls import Answer, Calls, Charge, Source
from flowtui.source.clock import Clock
from flowtui.source.gate import Gate
from flowtui.source.intervals import Intervals
from flowtui.source.observer import Observer
from flowtui.source.schedule import Budget, Schedule, Target
from flowtui.source.supervision import supervise
from flowtui.source.tracing import LAST_MESSAGES, span_query

MAX_AT_ONCE: Final = 4
"""Polls under way at a time: one fewer than the client's connections, so that an opened run never queues behind them."""

AGENTS_AGAIN: Final = 300.0
"""Seconds between two looks at the names of agents."""

_THREADS: Final = ("threads", "")
_AGENTS: Final = ("agents", "")
_MAX_INCIDENTS = 20


class Poller:
    """Polls threads and their runs until `run` is cancelled. `threads`: only these; empty: all of the key's owner."""

    def __init__(
        self,
        source: Source,
        *,
        threads: Sequence[str] = (),
        interval: float = 2.0,
        quiet_interval: float = 30.0,
        budget: int = 300,
        history: int = 200,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.Random()  # noqa: S311  jitter is no secret
        self.clock = clock or Clock()
        self.calls = Calls(source, self.clock)
        self.observer = Observer(self.calls, history, interval, threads)
        self.schedule = Schedule(rng)
        self.intervals = Intervals(interval, quiet_interval, budget)
        self.budget = Budget(budget)
        self.gate = Gate(rng)
        self.stopped = ""
        self.incidents: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._polls: dict[asyncio.Task[None], Target] = {}
        self._audience = Audience()
        self._wake = asyncio.Event()
        self._list_whole_at = float("-inf")
        self._named_at = float("-inf")
        now = self.clock.monotonic()
        self.schedule.add(_THREADS, now)
        self._plan_looks(self.observer.states)
        self.schedule.add(_AGENTS, now)

    @property
    def interval(self) -> float:
        """Seconds between two looks at what moves, as wished for; the budget may make them longer. Can be set."""
        return self.intervals.wished

    @interval.setter
    def interval(self, seconds: float) -> None:
        self.intervals.wish(seconds)
        self.observer.interval = seconds
        self.schedule.hasten(_THREADS, self.clock.monotonic())
        self._plan_looks([key for key in self.observer.states if self.observer.moving(key)])
        self._wake.set()

    # -- what consumers use ------------------------------------------------------------------------------------

    def updates(self) -> AsyncIterator[Update]:
        """Yield the picture now and after every look; what happened while one was drawn comes as one update."""
        return self._audience.updates(self.snapshot)

    def snapshot(self) -> Snapshot:
        """Return everything known, frozen."""
        now, at = self.clock.monotonic(), self.clock.now()
        due = None if self.stopped else self.schedule.next_due()
        observer = self.observer
        return Snapshot(
            at=at,
            threads=dict(observer.states),
            agents=observer.agents,
            clock_offset=self.calls.server_clock.offset,
            listed=observer.listed,
            list_failure=observer.list_failure,
            stopped=self.stopped,
            incidents=tuple(self.incidents),
            requests=self.budget.used(now),
            budget=self.budget.limit,
            next_poll=None if due is None else at + max(0.0, due - now, self._held(now)),
            interval=self.interval,
        )

    def refresh(self, thread: str | None = None) -> None:
        """Look at one thread (raw id) now, or at everything; also asks again what was final or stopped.

        What the server asked for with `Retry-After` when it limits the rate still holds.
        """
        self.stopped = ""
        self.gate.push()
        self.schedule.hasten(_THREADS, self.clock.monotonic())
        self._plan_looks(self.observer.states if thread is None else (thread,))
        self._wake.set()

    async def fetch_run(self, key: RunKey) -> dict[str, Any]:
        """Return one run with every field, raw.

        Raises:
            ApiError: it could not be read, or the profile is stopped; then nothing is asked.
        """
        if self.stopped:
            raise ApiError(self.stopped)
        body = await self.calls.body(
            partial(self._charge, self.budget.wait), partial(self.calls.source.run, *key)
        )
        return parse_detail(body)

    async def fetch_spans(self, key: RunKey) -> list[Any]:
        """Return what was traced of one run, raw: at most a page of spans, newest first.

        Raises:
            ApiError: as `fetch_run`.
        """
        run = self.observer.states[key[0]].runs.get(key[1]) if key[0] in self.observer.states else None
        return await self._elements(partial(self.calls.source.spans, span_query(key, run)))

    async def fetch_messages(self, key: RunKey) -> list[Any]:
        """Return the newest messages of a run's thread, raw and with their parts.

        Raises:
            ApiError: as `fetch_run`.
        """
        return await self._elements(partial(self.calls.source.messages, key[0], limit=LAST_MESSAGES))

    async def _elements(self, call: Callable[[], Awaitable[Answer]]) -> list[Any]:
        if self.stopped:
            raise ApiError(self.stopped)
        return parse_elements(await self.calls.body(partial(self._charge, self.budget.wait), call)).values

    # -- the loop ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Poll until cancelled."""
        try:
            await supervise(
                self._dispatch,
                started=lambda task: self.tasks.update(poller=task),
                died=lambda error: self._report("poller restarted", error),
                clock=self.clock,
            )
        finally:
            await self._drop_polls()

    async def _dispatch(self) -> None:
        while True:
            now = self.clock.monotonic()
            full = len(self._polls) >= (1 if self.gate.closed else MAX_AT_ONCE)
            due = None if full or self.stopped else self.schedule.next_due()
            pause = None if due is None else max(due - now, self._held(now))
            if pause is not None and pause <= 0:
                target = self.schedule.pop(now)
                if target is not None:
                    self._start(target, now)
                continue
            self._wake.clear()
            await self.clock.wait(self._wake, pause)

    def _held(self, now: float) -> float:
        """Return in how many seconds polling may make a request."""
        return max(self.budget.wait(now), self.gate.wait(now))

    def _start(self, target: Target, now: float) -> None:
        self.budget.take(now)
        poll = asyncio.create_task(self._poll(target, self._prepaid()))
        self._polls[poll] = target
        poll.add_done_callback(self._ended)

    def _ended(self, poll: asyncio.Task[None]) -> None:
        target = self._polls.pop(poll)
        self._wake.set()
        if poll.cancelled():
            self.schedule.dropped(target, self.clock.monotonic())
        elif (error := poll.exception()) is not None:
            trouble = ApiError(f"flowtui failed to take in an answer ({type(error).__name__})")
            trouble.retryable = True
            self._failed(target, trouble)
            self._report(f"a poll of {target[0]} failed", error)

    async def _drop_polls(self) -> None:
        """Cancel all polls but the one that asks for it; they are due again."""
        others = [poll for poll in self._polls if poll is not asyncio.current_task()]
        for poll in others:
            poll.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _report(self, what: str, error: BaseException | None) -> None:
        # The type alone: a message may hold what must not be shown.
        self.incidents.append(f"{what}: {type(error).__name__ if error is not None else 'it was stopped'}")
        del self.incidents[:-_MAX_INCIDENTS]
        self._publish()

    async def _charge(self, wait: Callable[[float], float]) -> None:
        """Wait until one more request may be made, and count it. `wait`: seconds from a given time until then."""
        while (pause := wait(self.clock.monotonic())) > 0:
            await self.clock.wait(asyncio.Event(), pause)
        self.budget.take(self.clock.monotonic())

    def _prepaid(self) -> Charge:
        """Return a charge whose first request is paid: the loop took it from the budget when it handed out the target."""
        paid = True

        async def charge() -> None:
            nonlocal paid
            if paid:
                paid = False
            else:
                await self._charge(self._held)

        return charge

    # -- one poll ----------------------------------------------------------------------------------------------

    async def _poll(self, target: Target, charge: Charge) -> None:
        what, key = target
        now = self.clock.monotonic()
        try:
            if what == "runs":
                await self.observer.see_runs(key, charge)
            elif what == "threads":
                whole = now - self._list_whole_at >= self.intervals.listing(self.observer.list_pages)
                await self.observer.see_threads(charge, whole=whole)
                self._list_whole_at = now if whole else self._list_whole_at
            else:
                self._named_at = now
                await self.observer.see_agents(charge)
        except FlowtuiError as error:
            self._failed(target, error if isinstance(error, ApiError) else ApiError(str(error)))
            if self.stopped:
                await self._drop_polls()
        else:
            self._succeeded(target)
        self._publish()

    def _succeeded(self, target: Target) -> None:
        what, key = target
        now = self.clock.monotonic()
        recovered = self.schedule.failing(target)
        if what == "agents":
            self.schedule.hold(target)
        else:
            moving = what == "threads" or self.observer.moving(key)
            interval = self.intervals.settle(target, now, active=moving)
            if what == "runs":
                self.observer.set_interval(key, interval)
            self.schedule.succeeded(target, now, interval)
        if self.gate.answered() and recovered:
            # So the others may be fine again too. Where another target answers, their trouble may be their own.
            self._plan_looks(key for what, key in self.schedule.waiting_to_retry() if what == "runs")
            self.schedule.hasten(_THREADS, now)

    def _failed(self, target: Target, error: ApiError) -> None:
        what, key = target
        now, at = self.clock.monotonic(), self.clock.now()
        interval = self.observer.states[key].interval if what == "runs" else self.intervals.wished
        delay = self.schedule.failed(target, now, error, interval)
        if error.retryable:
            self.gate.failed(error, now)
        else:
            self.gate.answered()
        failure = Failure(error.kind, str(error), at, retry_at=None if delay is None else at + delay)
        if what == "agents":
            return  # names are decoration; the runs themselves say whether the key is good
        if isinstance(error, AuthError | ForbiddenError) and delay is None:
            self._stop(failure)
        elif what == "runs":
            self.observer.fail_runs(key, failure)
        else:
            self.observer.fail_list(failure)

    def _stop(self, failure: Failure) -> None:
        """The key is not accepted: ask nothing more before somebody changes something."""
        self.stopped = failure.message
        self.observer.fail_list(failure)
        for key in self.observer.states:
            self.observer.fail_runs(key, failure)

    # -- what follows from it ----------------------------------------------------------------------------------

    def _publish(self) -> None:
        """Plan what the last look made necessary, and tell everybody."""
        observer = self.observer
        urgent, observer.urgent = observer.urgent, {}
        news, observer.news = observer.news, []
        self._plan_looks(urgent)
        if observer.unknown_agent(news):
            again = max(self.clock.monotonic(), self._named_at + AGENTS_AGAIN)
            self.schedule.wanted(_AGENTS, again)
        self._audience.tell(news)

    def _plan_looks(self, keys: Iterable[str]) -> None:
        """Let these threads be looked at soon: those that move now, of the others no more at once than is fair."""
        now = self.clock.monotonic()
        known = [key for key in keys if key in self.observer.states]
        moving = [key for key in known if self.observer.moving(key)]
        busy = frozenset(moving)
        quiet = [key for key in known if key not in busy]
        dues = [now] * len(moving) + self.intervals.spread(len(quiet), now)
        for key, due in zip((*moving, *quiet), dues, strict=True):
            self.schedule.add(("runs", key), due)
            self.schedule.hasten(("runs", key), now, due)
