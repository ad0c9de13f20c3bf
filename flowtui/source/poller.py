"""The one polling loop. Several consumers read it: the dashboard draws its snapshots, scripts print its changes.

An outage is data here, never an exception for a consumer. The loop is supervised: a task that dies is reported in
the snapshot and started again. Never asks more often than the budget allows.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from flowtui.errors import ApiError, AuthError, FlowtuiError, ForbiddenError
from flowtui.model.parsing import parse_detail
from flowtui.model.run import RunKey
from flowtui.model.snapshot import Snapshot, Update
from flowtui.model.store import Change, Failure
from flowtui.source.clock import Clock
from flowtui.source.observer import Observer, Source
from flowtui.source.schedule import Budget, Schedule, Target

MAX_AT_ONCE: Final = 5
_THREADS: Final = ("threads", "")
_AGENTS: Final = ("agents", "")
_AGENTS_AGAIN = 300.0  # seconds between looks for names that are still missing
_RESTART_AFTER = 1.0  # seconds; a task that dies at once must not spin
_MAX_INCIDENTS = 20


@dataclass(slots=True, eq=False)
class _Reader:
    """One consumer: what it has not been told yet."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    changes: list[Change] = field(default_factory=list)


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
        self.clock = clock or Clock()
        self.observer = Observer(source, self.clock, interval, quiet_interval, history, tuple(threads))
        self.schedule = Schedule(rng)
        self.budget = Budget(budget)
        self.stopped = ""
        self.incidents: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._polls: set[asyncio.Task[None]] = set()
        self._readers: list[_Reader] = []
        self._wake = asyncio.Event()
        self._listed_whole_at: float | None = None
        self._named_at = -_AGENTS_AGAIN
        now = self.clock.monotonic()
        self.schedule.add(_THREADS, now)
        for key in self.observer.states:
            self.schedule.add(("runs", key), now)
        self.schedule.add(_AGENTS, now)

    # -- what consumers use ------------------------------------------------------------------------------------

    async def updates(self) -> AsyncIterator[Update]:
        """Yield the picture now and after every look; what happened while one was drawn comes as one update."""
        reader = _Reader()
        self._readers.append(reader)
        reader.news.set()
        try:
            while True:
                await reader.news.wait()
                reader.news.clear()
                changes, reader.changes = tuple(reader.changes), []
                yield Update(self.snapshot(), changes)
        finally:
            self._readers.remove(reader)

    def snapshot(self) -> Snapshot:
        """Return everything known, frozen."""
        now, due = self.clock.monotonic(), self.schedule.next_due()
        at = self.clock.now()
        observer = self.observer
        return Snapshot(
            at=at,
            threads=dict(observer.states),
            agents=observer.agents,
            clock_offset=observer.clock_offset,
            listed=observer.listed,
            list_failure=observer.list_failure,
            stopped=self.stopped,
            incidents=tuple(self.incidents),
            requests=self.budget.used(now),
            budget=self.budget.limit,
            next_poll=None if due is None else at + max(0.0, due - now, self.budget.wait(now)),
        )

    def refresh(self, thread: str | None = None) -> None:
        """Look at one thread (raw id) now, or at everything; also asks again what was final or stopped."""
        now = self.clock.monotonic()
        self.stopped = ""
        keys = self.observer.states if thread is None else (thread,)
        for target in (_THREADS, *(("runs", key) for key in keys)):
            self.schedule.hasten(target, now)
        self._wake.set()

    async def fetch_run(self, key: RunKey) -> dict[str, Any]:
        """Return one run with every field, raw.

        Raises:
            ApiError: it could not be read.
        """
        await self._charge()
        answer = await self.observer.ask(partial(self.observer.source.run, *key))
        return parse_detail(answer.body)

    # -- the loop ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Poll until cancelled."""
        try:
            await self._supervise("poller", self._dispatch)
        finally:
            for poll in self._polls:
                poll.cancel()
            await asyncio.gather(*self._polls, return_exceptions=True)

    async def _supervise(self, name: str, body: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `body` in a task of its own; when that dies, report it and start it again."""
        while True:
            task = asyncio.create_task(body())
            self.tasks[name] = task
            try:
                await asyncio.wait({task})
            except asyncio.CancelledError:
                task.cancel()
                await asyncio.wait({task})
                raise
            self._report(name, None if task.cancelled() else task.exception())
            await self.clock.wait(asyncio.Event(), _RESTART_AFTER)

    def _report(self, name: str, error: BaseException | None) -> None:
        # The type alone: a message may hold what must not be shown.
        self.incidents.append(f"{name} restarted after {type(error).__name__ if error else 'it was stopped'}")
        del self.incidents[:-_MAX_INCIDENTS]
        self._publish(())

    async def _dispatch(self) -> None:
        while True:
            now = self.clock.monotonic()
            blocked = len(self._polls) >= MAX_AT_ONCE or bool(self.stopped)
            due = None if blocked else self.schedule.next_due()
            pause = None if due is None else max(due - now, self.budget.wait(now))
            if pause is not None and pause <= 0:
                target = self.schedule.pop(now)
                if target is not None:
                    self.budget.take(now)
                    self._start(target)
                continue
            self._wake.clear()
            await self.clock.wait(self._wake, pause)

    def _start(self, target: Target) -> None:
        poll = asyncio.create_task(self._poll(target))
        self._polls.add(poll)
        poll.add_done_callback(lambda done: self._ended(target, done))

    def _ended(self, target: Target, poll: asyncio.Task[None]) -> None:
        self._polls.discard(poll)
        self._wake.set()
        if poll.cancelled():
            self.schedule.hasten(target, self.clock.monotonic())
        elif (error := poll.exception()) is not None:
            self._report(f"poll of {target[0]}", error)
            trouble = ApiError("internal error")
            trouble.retryable = True
            self.schedule.failed(target, self.clock.monotonic(), trouble, self.observer.interval)

    async def _charge(self) -> None:
        """Wait until the budget allows one more request, and count it."""
        while (pause := self.budget.wait(self.clock.monotonic())) > 0:
            await self.clock.wait(asyncio.Event(), pause)
        self.budget.take(self.clock.monotonic())

    async def _poll(self, target: Target) -> None:
        what, key = target
        changes: list[Change] = []
        try:
            if what == "runs":
                changes = await self.observer.see_runs(key, self._charge)
                interval = self.observer.states[key].interval
            elif what == "threads":
                interval = await self._poll_threads()
            else:
                self._named_at = self.clock.monotonic()
                await self.observer.see_agents()
                interval = _AGENTS_AGAIN
        except FlowtuiError as error:
            self._failed(target, error if isinstance(error, ApiError) else ApiError(str(error)))
        else:
            now = self.clock.monotonic()
            self.schedule.succeeded(target, now, interval)
            if target == _AGENTS and not self.observer.nameless():
                self.schedule.hold(_AGENTS)
            elif any(change.after.agent_id not in self.observer.agents for change in changes):
                self.schedule.wanted(_AGENTS, max(now, self._named_at + _AGENTS_AGAIN))
        self._publish(changes)

    async def _poll_threads(self) -> float:
        now = self.clock.monotonic()
        last = self._listed_whole_at
        whole = last is None or now - last >= self.observer.quiet_interval
        urgent = await self.observer.see_threads(self._charge, whole=whole)
        if whole:
            self._listed_whole_at = now
        for key in urgent:
            self.schedule.add(("runs", key), now)
            self.schedule.hasten(("runs", key), now)
        return self.observer.interval

    def _failed(self, target: Target, error: ApiError) -> None:
        what, key = target
        now, at = self.clock.monotonic(), self.clock.now()
        interval = self.observer.states[key].interval if what == "runs" else self.observer.interval
        delay = self.schedule.failed(target, now, error, interval)
        if what == "agents":
            return  # names are decoration; the runs themselves say whether the key is good
        failure = Failure(error.kind, str(error), at, retry_at=None if delay is None else at + delay)
        if what == "runs":
            self.observer.see_failure(key, failure)
        else:
            self.observer.fail_list(failure)
        if isinstance(error, AuthError | ForbiddenError):
            self._stop(failure)

    def _stop(self, failure: Failure) -> None:
        """The key is not accepted: ask nothing more before somebody changes something."""
        self.stopped = failure.message
        for key in self.observer.states:
            self.observer.see_failure(key, failure)

    def _publish(self, changes: Sequence[Change]) -> None:
        for reader in self._readers:
            reader.changes.extend(changes)
            reader.news.set()
