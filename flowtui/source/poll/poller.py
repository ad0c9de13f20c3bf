"""The polling loop. It sends updates to several subscribers: the dashboard draws snapshots, `watch` prints changes.

An outage is part of the snapshot, never an exception for subscribers. The loop is supervised: if its task dies, this is
reported in the snapshot and the task is started again. It never makes more requests than the budget allows.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from flowtui.errors import ApiError, AuthError, FlowtuiError, ForbiddenError
from flowtui.model.events.cancellation import NOT_SENT, CancelReply
from flowtui.model.feed import EVERYTHING, Traffic
from flowtui.model.run.row import RunKey
from flowtui.model.state.health import Withheld, unanswered_since
from flowtui.model.state.known_runs import Failure, ThreadState
from flowtui.model.state.letting_go import Hold, no_run
from flowtui.model.state.snapshot import Snapshot, Update
from flowtui.source.clock import Clock
from flowtui.source.http.concurrency import max_concurrent_polls
from flowtui.source.http.request_log import ATTEMPT
from flowtui.source.poll.circuit_breaker import ALL, NONE, CircuitBreaker
from flowtui.source.poll.fleet import Fleet
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.poll_log import PollLog
from flowtui.source.poll.run_requests import RunRequests
from flowtui.source.poll.schedule import Budget, Schedule, Target
from flowtui.source.poll.silence import Silence
from flowtui.source.poll.subscribers import Subscribers
from flowtui.source.poll.supervision import Incidents, supervise
from flowtui.source.poll.turns import ROUND, THREADS, Turns
from flowtui.source.read.budgeted_calls import Calls

if TYPE_CHECKING:  # the client imports httpx
    from flowtui.source.http.client import Client


class Poller:
    """Polls threads and their runs until `run` is cancelled.

    `threads`: raw ids of the only threads to poll; if empty, all threads that the API key's owner has.
    `interval`, `quiet_interval`: wished seconds between two observations of a moving thread, and of a quiet one.
    `budget`: requests a minute. `back_to`: as in `RunReader`.
    `history`: the number of wanted runs per thread. `kept`: how many stay in memory (None: `history`), see also `Feed.hold`.
    `fleet`: whether to plan all threads together, with few requests and with spans as hints (see `fleet.py`). A new thread
    is then found within seconds if spans name it, else at the next read of the list. No effect if `threads` is given.
    """

    can: Final = EVERYTHING

    def __init__(
        self,
        client: Client,
        *,
        threads: Sequence[str] = (),
        interval: float = 2.0,
        quiet_interval: float = 30.0,
        budget: int = 300,
        history: int = 200,
        kept: int | None = None,
        fleet: bool = False,
        back_to: Callable[[str], float | None] = lambda _: None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.Random()  # noqa: S311  jitter is no secret
        self.clock = clock or Clock()
        self.calls = Calls(client, self.clock)
        fleet = fleet and not threads
        self.observer = Observer(self.calls, history, interval, threads, cheap=fleet, kept=kept)
        self.observer.reader.back_to, self.schedule = back_to, Schedule(rng)
        self.intervals = Intervals(interval, quiet_interval, budget)
        parts = (self.observer, self.schedule, self.intervals)
        self.budget = Budget(budget)
        self._at_once = max_concurrent_polls(budget)
        self.turns = Fleet(*parts, quiet_interval, self.budget) if fleet else Turns(*parts)
        self.breaker = CircuitBreaker(rng)
        self.hold: Hold = no_run
        self.observer.held = lambda: self.hold()  # noqa: PLW0108  it is set later
        self.stopped, self.incidents = "", Incidents()
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._polls: dict[asyncio.Task[None], Target] = {}
        self._subscribers = Subscribers()
        self._wake = asyncio.Event()
        self._log, self._silence = PollLog(), Silence()
        client.before_second = pay = partial(self._charge, self.budget.wait)
        self._ask = ask = RunRequests(pay, self.observer, self._publish, lambda: self.stopped)
        self.fetch_run, self.fetch_spans, self.fetch_messages = ask.run, ask.spans, ask.messages
        self.fetch_message_page, self.attach = ask.message_page, ask.attach
        self.read_labels, self.turns.labels.wake = self.turns.labels.want, self._wake.set
        self.turns.begin(self.clock.monotonic())

    @property
    def interval(self) -> float:
        """Wished seconds between two observations of a moving thread, which the budget may stretch. Can be set."""
        return self.intervals.wished

    @interval.setter
    def interval(self, seconds: float) -> None:
        self.intervals.wish(seconds)
        self.observer.interval = seconds
        self.schedule.hasten(THREADS, self.clock.monotonic())
        self._plan_looks([key for key in self.observer.states if self.observer.moving(key)])

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths into raw runs; their values are read into `ThreadState.extras`. After paths are set, all threads are read again."""
        return self.observer.reader.paths

    @paths.setter
    def paths(self, names: Sequence[str]) -> None:
        if tuple(names) != self.paths:
            self.observer.read_paths(tuple(names))
            if names:
                self._plan_looks(self.observer.on_server())

    # -- what front ends use -----------------------------------------------------------------------------------

    def updates(self) -> AsyncGenerator[Update, None]:
        """Yield an update now and after every change; changes that come while the caller handles an update are collected for the next."""
        return self._subscribers.updates(self.snapshot)

    def snapshot(self) -> Snapshot:
        """Return everything known, frozen."""
        now, at = self.clock.monotonic(), self.clock.now()
        due = None if self.stopped else self.schedule.next_due()
        observer = self.observer
        return Snapshot(
            at=at,
            threads=dict(observer.states),
            agents=observer.agents,
            agent_statuses=observer.agent_statuses,
            deployments=observer.deployments,
            clock_offset=self.calls.server_clock.offset,
            clock_known=self.calls.server_clock.known,
            listed=observer.listed,
            list_failure=observer.list_failure,
            labels=self.turns.labels.reading(),
            outage=None if self.stopped else self.breaker.outage(now, at),
            withheld=self._withheld(now, at),
            stopped=self.stopped,
            incidents=tuple(self.incidents),
            incident_count=self.incidents.total,
            requests=self.budget.used(now),
            budget=self.budget.limit,
            next_poll=None if due is None else at + max(0.0, due - now, self._held(now)),
            interval=self.interval,
            coverage=self.turns.coverage(),
            caught_up=self.turns.caught_up,
        )

    def traffic(self) -> Traffic:
        """Return how many requests are made, and what they cover."""
        used = self.budget.used(self.clock.monotonic())
        return Traffic(used, self.budget.total, self.budget.limit, self.turns.coverage())

    def _withheld(self, now: float, at: float) -> Withheld | None:
        return None if self.stopped else self._silence.holds(self.breaker, now, at)

    def restore(
        self, states: Iterable[ThreadState], agents: Mapping[str, str], until: float | None = None
    ) -> None:
        """Show threads from the history until they are observed, and read what was missed since. No change comes from this.

        May be called several times, also while polling runs. What is known live is not overwritten. `agents`: id → name.
        `until`: until when all of them were watched, in UTC epoch seconds; None: each until it was last observed.
        """
        self._subscribers.tell((), restored=self.turns.restore(states, agents, until))
        self._wake.set()

    def refresh(self, thread: str | None = None) -> None:
        """Poll `thread` (raw id; None: everything) now, except in a pause that the server asked for. Start again if stopped."""
        self.stopped = ""
        self.breaker.reset()
        self.turns.refresh(self.clock.monotonic())
        self._plan_looks(self.observer.on_server() if thread is None else (thread,))

    def read_whole(self, threads: Iterable[str]) -> None:
        """Read the rest of the wanted history of these threads (raw ids) soon, if their first observations left it out."""
        wanted = self.turns.read_whole(threads)
        if wanted:
            self._plan_looks(key for key in wanted if not self.schedule.retrying(("runs", key)))

    def look_at_agents(self) -> None:
        """Read the names and deployments of the agents again, but not more often than every few minutes."""
        self.turns.look_at_agents(self.clock.monotonic())
        self._wake.set()

    async def cancel_run(self, key: RunKey) -> CancelReply:
        """Send one request to cancel a run, unless it has ended; observe its thread soon after.

        Errors are part of the result. Takes two requests of the budget, three if the request to cancel is refused.
        """
        answer = await self._ask.cancel(key)
        if answer.word != NOT_SENT:
            self._plan_looks((key[0],))
        return answer

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
            full = len(self._polls) >= (1 if self.breaker.tripped else self._at_once)
            due = None if full or self.stopped else self.schedule.next_due()
            pause = None if due is None else max(due - now, self._held(now))
            silent = self._silence.wait(now)
            if silent is not None and silent <= 0:
                self._publish()
                continue
            if pause is not None and pause <= 0:
                target = self.schedule.pop(now)
                if target == ROUND:
                    self.turns.pick(now, frozenset(self._polls.values()))
                elif target is not None:
                    self._start(target, now)
                continue
            self._wake.clear()
            pauses = [each for each in (pause, silent) if each is not None]
            await self.clock.wait(self._wake, min(pauses, default=None))

    def _held(self, now: float) -> float:
        """Return in how many seconds polling may make a request; 0: now."""
        return max(self.budget.wait(now), self.breaker.wait(now))

    def _start(self, target: Target, now: float) -> None:
        self.budget.take(now)
        poll = asyncio.create_task(self._poll(target))
        self._polls[poll] = target
        self._note_asked(target, now)
        poll.add_done_callback(self._ended)

    def _ended(self, poll: asyncio.Task[None]) -> None:
        target = self._polls.pop(poll)
        self._wake.set()
        if poll.cancelled():
            if target[0] == "runs":
                self.observer.asked(target[1], None)
            self.schedule.dropped(target, self.clock.monotonic())
        elif (error := poll.exception()) is not None:
            trouble = ApiError(f"flowtui failed to take in an answer ({type(error).__name__})")
            trouble.retryable = True
            self._failed(target, trouble)
            self._report(f"a poll of {target[0]} failed", error)

    async def _drop_polls(self) -> None:
        """Cancel all running polls except the one that calls this; their targets are due again."""
        others = [poll for poll in self._polls if poll is not asyncio.current_task()]
        for poll in others:
            poll.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _report(self, what: str, error: BaseException | None) -> None:
        self.incidents.note(what, error)
        self._publish()

    async def _charge(self, wait: Callable[[float], float]) -> None:
        """Wait until one more request is allowed, and count it. `wait` returns the seconds until then."""
        while (pause := wait(self.clock.monotonic())) > 0:
            await self.clock.wait(asyncio.Event(), pause)
        self.budget.take(self.clock.monotonic())

    def _note_asked(self, target: Target, now: float) -> None:
        """Note that a request for this target is sent now and not yet answered."""
        news, at = False, self.clock.now()
        if target[0] == "runs":
            held = unanswered_since(self.observer.states[target[1]], self._withheld(now, at))
            # If the thread was due earlier, while polls were held back, its answer is outstanding since then.
            news = self.observer.asked(target[1], at if held is None else min(at, held))
        self._silence.asked(now, news=news, full=len(self._polls) >= self._at_once)

    async def _next_request(self, target: Target) -> None:
        """Wait until a further request of a poll is allowed, count it, and note that it is sent."""
        if target[0] == "runs":
            self.observer.asked(target[1], None)  # while the request waits for our own budget, it is not sent
        await self._charge(self._held)
        self._note_asked(target, self.clock.monotonic())
        self._wake.set()

    # -- one poll ----------------------------------------------------------------------------------------------

    async def _poll(self, target: Target) -> None:
        what, key = target
        now, requests, came = self.clock.monotonic(), 0, None
        ATTEMPT.set(self.schedule.failures(target) + 1)  # for the log of requests

        async def counted() -> None:
            nonlocal requests
            if what == "threads" and self.turns.early(requests):
                self._publish()
            requests += 1
            if requests > 1:  # `_start` has counted the first
                await self._next_request(target)

        try:
            if what == "runs":
                await self.observer.see_runs(key, counted, deepen=self.turns.deepens(key))
            elif what == "threads":
                whole = self.turns.whole_list(now)
                await self.observer.see_threads(counted, whole=whole)
                self.turns.listed(now, self.clock.monotonic(), whole=whole)
            elif what in ("spans", "labels", "gap"):
                await self.turns.read_spans(what, counted)
            else:
                await self.observer.see_agents(counted)
        except FlowtuiError as error:
            self._failed(target, error if isinstance(error, ApiError) else ApiError(str(error)))
            if self.stopped:
                await self._drop_polls()
        else:
            self._succeeded(target, requests)
            came = self.calls.came  # when its last body arrived
        self._publish(came)

    def _succeeded(self, target: Target, requests: int) -> None:
        now = self.clock.monotonic()
        failures = self.schedule.failures(target)
        self.turns.answered(target, now, requests)
        self._log.answered(target, failures, self.observer.states.get(target[1]), self.interval)
        self._server_answers(target, recovered=failures > 0)

    def _server_answers(self, target: Target, *, recovered: bool) -> None:
        """Note an answer: failing threads may be polled again now, before their planned retries."""
        self._silence.answered()
        worth = self.breaker.answered(target, recovered=recovered)
        if worth == NONE:
            return
        failing = [target for target in self.schedule.waiting_to_retry() if target[0] == "runs"]
        if worth == ALL:
            self.schedule.hasten(THREADS, self.clock.monotonic())
            self.turns.observe_failed([key for _, key in failing], self.clock.monotonic())
        elif failing:
            self.breaker.probe = failing[0]
            self.turns.observe_failed([failing[0][1]], self.clock.monotonic())
        self._wake.set()

    def _failed(self, target: Target, error: ApiError) -> None:
        what, key = target
        now, at = self.clock.monotonic(), self.clock.now()
        delay = self.turns.failed(target, now, error)
        self._log.failed(target, error, delay, self.schedule.failures(target))
        if error.retryable:
            self.breaker.failed(error, now, target)
        else:
            self._server_answers(target, recovered=False)
        failure = Failure(error.kind, str(error), at, retry_at=None if delay is None else at + delay)
        if what in ("agents", "spans", "labels", "gap"):
            return  # these are optional: a key that is refused for them may still be accepted for runs
        if isinstance(error, AuthError | ForbiddenError) and delay is None:
            self._stop(failure)
        elif what == "runs":
            self.observer.fail_runs(key, failure)
        else:
            self.observer.fail_list(failure)

    def _stop(self, failure: Failure) -> None:
        """Stop polling until `refresh`, because the server does not accept the key."""
        self.stopped = failure.message
        self._silence.answered()
        self.observer.fail_list(failure)
        for key in self.observer.states:
            self.observer.fail_runs(key, failure)

    def _publish(self, came: float | None = None) -> None:
        """Plan what follows from the last poll, and update all subscribers. `came`: when the poll's last body arrived; None: no body."""
        observer = self.observer
        self._silence.told()
        urgent, observer.urgent = observer.urgent, {}
        news, observer.news = observer.news, []
        # A thread that could not be read waits for its retry, even if the list shows a changed lock.
        told = [key for key in urgent if not self.schedule.retrying(("runs", key))]
        self.turns.observe_listed(told, self.clock.monotonic())
        self._wake.set()
        self.turns.witness(news, self.clock.monotonic())
        if observer.unknown_agent(news):
            self.look_at_agents()
        self._subscribers.tell(news, came)
        self._log.tell_changes(self.snapshot, self.breaker, self.budget, self.clock.monotonic())

    def _plan_looks(self, keys: Iterable[str]) -> None:
        """Plan observations of these threads soon."""
        self.turns.observe_soon(keys, self.clock.monotonic())
        self._wake.set()
