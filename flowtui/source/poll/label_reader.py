"""Reads the labels of the runs that a front end asks for, from spans. Does nothing unless asked.

While labels are wanted, spans are read once per interval, less often while they are missing. A failure of these requests
never stops polling: it is kept as data, and only whoever needs the labels need care.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

from flowtui.errors import ApiError, AuthError, ForbiddenError, RejectedError, UnreadableError
from flowtui.model.run.json_body import parse_elements
from flowtui.model.run.row import Run, RunKey
from flowtui.model.run.span_facts import read_run_span
from flowtui.model.state.known_runs import Failure
from flowtui.model.state.label_reading import LabelReading, LabelWish
from flowtui.source.poll.intervals import Intervals
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.schedule import Schedule
from flowtui.source.read.budgeted_calls import Charge
from flowtui.source.read.label_queries import LabelQueries, Query

LABELS: Final = ("labels", "")

_TRY_AGAIN: Final = 15.0  # seconds after a refusal such as 404 or 422; doubled with each further one
_LONGEST: Final = 60.0
_JITTER: Final = 0.9  # by which the schedule may shorten a pause


class LabelReader:
    """Reads the wanted labels. `wake`: called when there is a new request to plan."""

    def __init__(self, observer: Observer, schedule: Schedule, intervals: Intervals) -> None:
        self.wake: Callable[[], None] = lambda: None
        self._observer = observer
        self._schedule = schedule
        self._intervals = intervals
        self._wish = LabelWish()
        self._queries = LabelQueries()
        self._failure: Failure | None = None
        self._sought: dict[RunKey, float] = {}
        self._asking = False
        self._read_at = float("-inf")
        self._refusals = 0

    def want(self, wish: LabelWish) -> None:
        """Read the labels of these runs from now on, instead of those wanted before."""
        now = self._observer.calls.clock.monotonic()
        fresh = wish.runs - self._wish.runs
        self._wish = wish
        self._queries.keep(wish.runs)
        self._sought = {key: at for key, at in self._sought.items() if key in wish.runs}
        if not wish.runs:
            self._failure = None
            if LABELS in self._schedule and not self._asking:
                self._schedule.hold(LABELS)
            return
        if LABELS not in self._schedule:
            self._schedule.add(LABELS, now)
        elif self._failure is None and not self._asking and (fresh or self._schedule.held(LABELS)):
            self._schedule.hasten(LABELS, now, max(now, self._read_at + self._intervals.wished))
        self.wake()

    def reading(self) -> LabelReading:
        """Return how far the wanted labels could be read."""
        return LabelReading(self._failure, dict(self._sought))

    def hasten(self, now: float) -> None:
        """Read now, even if no retry is planned."""
        if self._wish.runs:
            self._queries.hasten(now)
            self._schedule.hasten(LABELS, now)

    async def read(self, charge: Charge) -> None:
        """Make the requests of one reading.

        Raises:
            ApiError: an answer is missing or cannot be read. What could be read before is kept.
        """
        calls = self._observer.calls
        self._asking, self._read_at = True, calls.clock.monotonic()
        runs = [
            run for key in self._wish.runs if (run := self._run(key)) is not None and not self._known(key)
        ]
        try:
            if runs:
                plan = self._queries.plan(self._wish.terms, runs, self._known, self._read_at)
                with suppress(StopIteration):
                    query = next(plan)
                    while True:
                        query = plan.send(await self._fetch(charge, query))
        finally:
            self._asking = False
            at = calls.clock.now()
            for run in runs:
                if self._known(run.key):
                    self._sought.pop(run.key, None)
                elif self._queries.vain(run.key):
                    self._sought.setdefault(run.key, at)

    async def _fetch(self, charge: Charge, query: Query) -> list[Any]:
        calls = self._observer.calls
        try:
            found = parse_elements(await calls.body(charge, partial(calls.client.spans, query)))
        except RejectedError:
            if not self._queries.refused(query):
                raise
            return []
        if found.error is not None:
            raise UnreadableError(f"Spans: the server sent {found.error}")
        if found.values and not any(map(read_run_span, found.values)):
            raise UnreadableError(f"Spans: none of {len(found.values)} elements names a span and its run")
        self._observer.take_spans(found.values)
        return found.values

    def answered(self, now: float) -> None:
        """Plan the next reading after a successful one."""
        self._failure, self._refusals = None, 0
        unread = [key for key in self._wish.runs if not self._known(key)]
        if unread:
            wait = self._queries.wait(unread, now) / _JITTER
            self._schedule.succeeded(LABELS, now, max(self._intervals.wished, wait))
        else:
            self._schedule.rest(LABELS, now)

    def failed(self, error: ApiError, now: float) -> float | None:
        """Plan the next reading after a failed one. Return in how many seconds it comes; None: the refusal is final."""
        delay = self._schedule.failed(LABELS, now, error, self._intervals.wished)
        if delay is None and not isinstance(error, AuthError | ForbiddenError):
            delay = min(_LONGEST, _TRY_AGAIN * 2.0 ** min(self._refusals, 8))
            self._refusals += 1
            self._schedule.wanted(LABELS, now + delay)
        if self._wish.runs:
            at = self._observer.calls.clock.now()
            failure = Failure(error.kind, str(error), at, retry_at=None if delay is None else at + delay)
            self._failure = failure.after(self._failure)
        return delay

    def _run(self, key: RunKey) -> Run | None:
        state = self._observer.states.get(key[0])
        return None if state is None else state.runs.get(key[1])

    def _known(self, key: RunKey) -> bool:
        state = self._observer.states.get(key[0])
        return state is not None and key[1] in state.span_facts
