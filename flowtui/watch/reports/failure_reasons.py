"""Fetches why runs failed, once per run, two at a time. If a fetch fails, the reason stays unknown.

The event of a failure is held back until its reason is there or three seconds have passed, so that one line has both.
Later events of the same run wait behind it, so that the events of a run keep their order. A reason that comes later gets an
event of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.model.feed import FeedClock
from flowtui.model.messages.why import Why
from flowtui.model.run.row import Run, RunKey
from flowtui.watch.events import AWAITED, NOT_FETCHED, NOT_FOUND, Event, late_reason_event, with_why
from flowtui.watch.reason_numbers import ReasonNumbers

PATIENCE: Final = 3.0
"""Seconds that the line of a failed run waits for its reason."""

MOST: Final = 50
"""Of runs that fail during the watch, so many reasons are fetched at once, and `_MORE` for each second after the start.

Polling needs most of the request budget; but a new reason must be noticed after many failures with an old one, too.
"""

_MORE: Final = 1 / 6

_MOST_OLD: Final = 50
"""Of runs that had failed before the watch began, at most so many reasons are fetched."""

MOST_OF_SIDE: Final = 30
"""For each side of a gate, at most so many reasons are fetched, to tell new failures from old ones."""

_AT_ONCE: Final = 2  # requests at a time, as polling is more important

Fetch = Callable[[RunKey], Awaitable[Why | None]]


class _Held(NamedTuple):
    """A fetch, and the events that wait for it until `until` (monotonic seconds).

    `events`: that of the failure and later ones of the same run; empty: no event waits.
    """

    key: RunKey
    events: list[Event]
    task: asyncio.Task[None]
    until: float


class _Late(NamedTuple):
    """The event of a failure that was released before its reason was fetched."""

    event: Event
    task: asyncio.Task[None]


class FailureReasons:
    """Fetches the reasons of failures in one watch.

    `known`: run -> its reason, as far as fetched. `numbers`: the numbers of the reasons. `fetch` fetches one reason;
    None: it is not known. `wake` is called after each fetch. `runs`: the watched runs. `agents` returns the names of
    agents by id.
    """

    def __init__(
        self,
        fetch: Fetch,
        clock: FeedClock,
        wake: Callable[[], None],
        runs: Mapping[RunKey, Run],
        agents: Callable[[], Mapping[str, str]],
    ) -> None:
        self.known: dict[RunKey, Why] = {}
        self.numbers = ReasonNumbers(runs, self.known)
        self._agents = agents
        self._fetch = fetch
        self._clock = clock
        self._wake = wake
        self._began = clock.monotonic()
        self._asked: set[RunKey] = set()
        self._number = 0  # how many reasons were requested
        self._old = 0  # of how many runs that had failed before the watch began
        self._held: list[_Held] = []
        self._late: list[_Late] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._landed = asyncio.Event()
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def due(self) -> float | None:
        """When the next held event must be released, in monotonic seconds; None if no event is held."""
        return min((held.until for held in self._held), default=None)

    @property
    def _most(self) -> float:
        return MOST + _MORE * (self._clock.monotonic() - self._began)

    def hold(self, event: Event) -> Event | None:
        """Hold the event of a failure back, fetch the reason, and return None; also hold an event behind that of its run.

        Any other event is returned, with the reason if it is of a failure and the reason is known.
        """
        if self._wait_behind(event):
            return None
        run = event.run
        if run is None or not event.failure:
            return event
        if run.key in self._asked or self._number - self._old >= self._most or run.placeholder:
            return self._explained(event, NOT_FOUND if run.key in self._asked else NOT_FETCHED)
        self._ask(run.key, event)
        return None

    def learn(self, key: RunKey, *, most: int = _MOST_OLD) -> None:
        """Fetch for the summary the reason of a run that had failed before the watch began.

        Does nothing if `most` such reasons have been requested already.
        """
        if key not in self._asked and self._old < most:
            self._old += 1
            self._ask(key)

    def forget(self, runs: Iterable[Run]) -> None:
        """Only count from now on what is known of these runs."""
        for run in runs:
            self.numbers.fold(run)
            self.known.pop(run.key, None)
            self._asked.discard(run.key)

    def _wait_behind(self, event: Event) -> bool:
        """Hold the event if an earlier one of its run is held; return whether it is."""
        key = (event.fields.get("thread_id"), event.fields.get("run_id"))
        before = next((held for held in self._held if held.key == key and held.events), None)
        if before is not None:
            before.events.append(event)
        return before is not None

    def release(self, *, everything: bool = False) -> list[Event]:
        """Return the held events whose reasons have been fetched or whose three seconds have passed; hold them no longer.

        Also return an event for each reason that has come since its failure was returned without it. `everything`: return
        all held events, even if their reasons are not known.
        """
        now = self._clock.monotonic()
        ready = [held for held in self._held if everything or held.task.done() or held.until <= now]
        self._held = [held for held in self._held if held not in ready]
        landed = [late for late in self._late if late.task.done()]
        self._late = [late for late in self._late if not late.task.done()]
        out: list[Event] = []
        for at, held in enumerate(ready):
            done = held.task.done()
            after = [other.key for other in ready[at + 1 :]]
            for event in held.events:
                state = NOT_FOUND if done else AWAITED
                out.append(self._explained(event, state, after) if event.failure else event)
                if event.failure and not done:
                    self._late.append(_Late(event, held.task))
        return out + [event for late in landed for event in self._late_event(late.event)]

    def _explained(self, event: Event, state: str, after: Sequence[RunKey] = ()) -> Event:
        """Return an event with the reason that is known now. `after`: more runs whose lines come after this one."""
        run = event.run
        if run is None:
            return event
        waiting = {held.key for held in self._held if held.events}.union(after)
        mention = self.numbers.mention(run, self._agents(), waiting)
        return with_why(event, self.known.get(run.key), mention, state)

    def _late_event(self, event: Event) -> list[Event]:
        run = event.run
        why = None if run is None else self.known.get(run.key)
        if run is None or why is None:
            return []
        return [late_reason_event(event, why, self.numbers.mention(run, self._agents()), self._clock.now())]

    async def finish(self) -> list[Event]:
        """Wait for the reasons of all held events, for at most three seconds each. Return the events, and stop fetching."""
        while self._held:
            left = max(held.until for held in self._held) - self._clock.monotonic()
            tasks = [held.task for held in self._held if not held.task.done()]
            if left <= 0 or not tasks:
                break
            self._landed.clear()
            await self._clock.wait(self._landed, left)
        out = self.release()
        self.cancel()
        return out

    def cancel(self) -> None:
        """Stop fetching."""
        for task in self._tasks:
            task.cancel()
        self._held.clear()

    def _ask(self, key: RunKey, *events: Event) -> None:
        self._asked.add(key)
        self._number += 1
        task = asyncio.create_task(self._one(key))
        self._tasks.add(task)
        task.add_done_callback(self._land)
        self._held.append(_Held(key, list(events), task, self._clock.monotonic() + PATIENCE))

    async def _one(self, key: RunKey) -> None:
        async with self._turn:
            found = await self._fetch(key)
        if found is not None:
            self.known[key] = found

    def _land(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # asyncio would print an error that nobody takes; the reason just stays unknown
        self._landed.set()
        self._wake()
