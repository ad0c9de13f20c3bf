"""Asks the server one thing and folds the answer into what is known. Holds the states; decides nothing about time.

Knows the client only as something with four methods that answer in bytes. An answer equal to the last one costs one
comparison. Never lets one thread's trouble touch another's rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from statistics import median
from typing import Final, Protocol

from flowtui.errors import UnreadableError
from flowtui.model.parsing import ParsedRuns, ParsedThreads, parse_agents, parse_runs, parse_threads
from flowtui.model.store import Change, Failure, ThreadState, see_failure, see_runs, see_same, see_thread
from flowtui.source.clock import Clock
from flowtui.source.paging import SweepEnd, sweep

HEAD_PAGE: Final = 20
"""Runs asked for at a look; the API's own default. A longer gap since the last look is read page by page."""

LOAD_PAGE: Final = 100
"""Runs, or threads, asked for at a time when much is to be read. The API documents no maximum; fewer is fine too."""

MAX_THREADS: Final = 5000
_CLOCK_SAMPLES = 9
_CLOCK_DOUBT = 2.0  # seconds; the Date header counts whole ones, so less is no evidence


class Answer(Protocol):
    """What the client returns, as far as it matters here."""

    @property
    def body(self) -> bytes:
        """The decompressed body."""

    @property
    def server_time(self) -> float | None:
        """The Date header in UTC epoch seconds."""

    @property
    def elapsed(self) -> float:
        """Seconds from request to the end of the body."""


class Source(Protocol):
    """The four calls that polling makes."""

    async def threads(self, *, limit: int, order: str = ..., offset: int = ...) -> Answer:
        """List threads."""

    async def runs(self, thread_id: str, *, limit: int, order: str = ..., offset: int = ...) -> Answer:
        """List the runs of a thread."""

    async def run(self, thread_id: str, run_id: str) -> Answer:
        """Get one run."""

    async def agents(self) -> Answer:
        """List agents."""


@dataclass(slots=True)
class Observer:
    """What is known, and the ways to know more. `named`: only these threads are wanted; empty: all of the key's."""

    source: Source
    clock: Clock
    interval: float
    quiet_interval: float
    history: int
    named: tuple[str, ...] = ()
    states: dict[str, ThreadState] = field(default_factory=dict)
    agents: dict[str, str] = field(default_factory=dict)
    listed: bool = False
    list_failure: Failure | None = None
    _pages: dict[tuple[str, int], tuple[bytes, ParsedRuns]] = field(default_factory=dict)
    _list_page: tuple[bytes, ParsedThreads] | None = None
    _offsets: deque[float] = field(default_factory=lambda: deque(maxlen=_CLOCK_SAMPLES))

    def __post_init__(self) -> None:
        for key in self.named:
            self.states[key] = ThreadState(key, interval=self.interval)

    @property
    def clock_offset(self) -> float:
        """Server clock minus local clock, in seconds; 0 while the difference may be rounding."""
        offset = median(self._offsets) if self._offsets else 0.0
        return offset if abs(offset) >= _CLOCK_DOUBT else 0.0

    async def ask(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make one request and learn the server's clock from it."""
        answer = await call()
        if answer.server_time is not None:
            # The header cuts the fraction off; half a second is its mean. The answer was made midway, at the best guess.
            made = self.clock.now() - answer.elapsed / 2
            self._offsets.append(answer.server_time + 0.5 - made)
        return answer

    async def see_runs(self, key: str, charge: Callable[[], Awaitable[None]]) -> list[Change]:
        """Look at the runs of one thread; `charge` is awaited before each request after the first.

        Raises:
            ApiError: no whole answer. What could be read of it is kept.
        """
        state = self.states[key]
        first = state.observed is None
        limit = LOAD_PAGE if first else HEAD_PAGE
        awaited = frozenset(raw_id for raw_id, run in state.runs.items() if run.active) - state.not_seen
        plan = sweep(
            limit=limit,
            max_sweeps=1,
            max_rows=self.history,
            known=() if first else state.runs.keys(),
            must_see=awaited,
        )
        request = next(plan)
        rows: list[ParsedRuns] = []
        same = True
        while True:
            at = self.clock.now()
            answer = await self.ask(
                partial(self.source.runs, key, limit=request.limit, offset=request.offset)
            )
            parsed, unchanged = self._parse_page(key, request.offset, answer.body)
            same = same and unchanged
            rows.append(parsed)
            if parsed.error is not None:
                self._salvage(key, rows, at)
                raise UnreadableError(f"Runs of {state.id}: the server sent {parsed.error}")
            try:
                request = plan.send([row.raw_id for row in parsed.rows])
            except StopIteration as stop:
                end: SweepEnd = stop.value
                break
            await charge()
        return self._take_in(key, rows, at, end, same=same)

    def _parse_page(self, key: str, offset: int, body: bytes) -> tuple[ParsedRuns, bool]:
        known = self._pages.get((key, offset))
        if known is not None and known[0] == body:
            return known[1], True
        parsed = parse_runs(body, key)
        if parsed.error is None:
            self._pages[key, offset] = (body, parsed)
        return parsed, False

    def _take_in(
        self, key: str, pages: list[ParsedRuns], at: float, end: SweepEnd, *, same: bool
    ) -> list[Change]:
        state = self.states[key]
        if same and state.observed is not None:
            self.states[key] = see_same(state, at=at)
            return []
        rows = [row for page in pages for row in page.rows]
        state, changes = see_runs(state, rows, at=at, whole=end.complete)
        self.states[key] = replace(state, interval=self.interval if state.active else self.quiet_interval)
        return changes

    def _salvage(self, key: str, pages: list[ParsedRuns], at: float) -> None:
        """Keep the good rows of a broken answer, without taking it for a look at the whole."""
        state = self.states[key]
        known = see_runs(state, [row for page in pages for row in page.rows], at=at, whole=False)[0]
        self.states[key] = replace(state, runs={**state.runs, **known.runs})

    def see_failure(self, key: str, failure: Failure) -> None:
        """Note that the runs of a thread cannot be read now."""
        self.states[key] = see_failure(self.states[key], failure)

    async def see_threads(self, charge: Callable[[], Awaitable[None]], *, whole: bool) -> list[str]:
        """Look at the list of threads: its first page, or all of it. Return the keys of threads that need a look now.

        Raises:
            ApiError: no whole answer. What could be read of it is kept.
        """
        plan = sweep(
            limit=LOAD_PAGE, max_sweeps=1, max_rows=MAX_THREADS if whole or not self.listed else LOAD_PAGE
        )
        request = next(plan)
        urgent: list[str] = []
        while True:
            at = self.clock.now()
            answer = await self.ask(partial(self.source.threads, limit=request.limit, offset=request.offset))
            if request.offset == 0 and self._list_page is not None and self._list_page[0] == answer.body:
                parsed = self._list_page[1]
            else:
                parsed = parse_threads(answer.body)
            urgent += self._take_in_threads(parsed, at)
            if parsed.error is not None:
                raise UnreadableError(f"List of threads: the server sent {parsed.error}")
            if request.offset == 0:
                self._list_page = (answer.body, parsed)
            try:
                request = plan.send([thread.key for thread in parsed.rows])
            except StopIteration:
                break
            await charge()
        self.listed, self.list_failure = True, None
        return urgent

    def _take_in_threads(self, parsed: ParsedThreads, at: float) -> Iterable[str]:
        for thread in parsed.rows:
            if not thread.key or (self.named and thread.key not in self.states):
                continue
            state = self.states.get(thread.key)
            if state is None:
                state = ThreadState(thread.key, interval=self.interval)
                yield thread.key
            elif state.thread is None or state.thread[:4] != thread[:4]:
                yield thread.key  # its lock changed, so its runs did
            self.states[thread.key] = see_thread(state, thread, at=at)

    def fail_list(self, failure: Failure) -> None:
        """Note that the list of threads cannot be read now."""
        known = self.list_failure
        self.list_failure = (
            failure if known is None else replace(failure, since=known.since, attempts=known.attempts + 1)
        )

    async def see_agents(self) -> None:
        """Learn the names of the agents."""
        answer = await self.ask(self.source.agents)
        self.agents = {**self.agents, **parse_agents(answer.body)}

    def nameless(self) -> bool:
        """Whether runs name an agent that has no name here yet."""
        return any(
            run.agent_id and run.agent_id not in self.agents
            for state in self.states.values()
            for run in state.runs.values()
        )
