"""A clock that only the test moves, and a `Source` whose answers the test sets."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
import math
import random
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from flowtui.errors import NotFoundError
from flowtui.source.clock import Clock
from flowtui.source.poll.observer import Observer
from flowtui.source.poll.poller import Poller
from flowtui.source.read.budgeted_calls import Calls

BEGIN = 1_800_000_000.0


class FakeClock(Clock):
    """A clock that stands still until `advance`, which wakes waiting tasks in order and lets each finish."""

    def __init__(self):
        self.elapsed = 1000.0
        self.step = 0.0
        self._numbers = itertools.count()
        self._waiting = []

    def now(self):
        return BEGIN + self.elapsed - 1000.0 + self.step

    def monotonic(self):
        return self.elapsed

    async def wait(self, event, seconds):
        try:
            async with asyncio.timeout(None) as scope:
                if seconds is not None:
                    due = max(self.elapsed + seconds, math.nextafter(self.elapsed, math.inf))
                    heapq.heappush(self._waiting, (due, next(self._numbers), scope))
                await event.wait()
        except TimeoutError:
            pass

    async def settle(self):
        """Return once no task can run before time moves."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        while loop._ready:  # noqa: ASYNC110  this loop is what is waited for
            await asyncio.sleep(0)

    async def advance(self, seconds):
        end = self.elapsed + seconds
        await self.settle()
        while self._waiting and self._waiting[0][0] <= end:
            self.elapsed = self._waiting[0][0]
            while self._waiting and self._waiting[0][0] <= self.elapsed:
                scope = heapq.heappop(self._waiting)[2]
                with contextlib.suppress(RuntimeError):  # its task no longer waits
                    scope.reschedule(0)
            await self.settle()
        self.elapsed = end
        await self.settle()


class Answer(NamedTuple):
    body: bytes
    server_time: float | None = None
    elapsed: float = 0.0


class Request(NamedTuple):
    at: float
    what: str
    key: str
    limit: int = 0
    offset: int = 0


def iso(seconds):
    return datetime.fromtimestamp(seconds, UTC).isoformat()


class FakeSource:
    """A `Source` that serves the runs in `runs_of`, newest first, unless `trouble` says otherwise.

    `trouble` maps ("runs", key) and the like to an exception to raise, bytes to answer, or a list of those, used up one by
    one (None in the list: the usual answer). `hold` returns an event that the next answers wait for; with keys, only
    answers about these. The content of such an answer is fixed before the wait.
    """

    def __init__(self, clock):
        self.clock = clock
        self.runs_of = {}
        self.locks = {}
        self.names = {}
        self.trouble = {}
        self.requests = []
        self.server_offset = None
        self.held = None
        self.held_keys = ()
        self.under_way = 0
        self.most_under_way = 0

    # -- what a test calls

    def add(self, thread, count=1, status="completed", **fields):
        """Add `count` newer runs to a thread, which is created if needed; return their ids."""
        runs = self.runs_of.setdefault(thread, [])
        ids = []
        for _ in range(count):
            number = len(runs)
            raw = {
                "id": f"run_{thread}_{number}",
                "created_at": iso(BEGIN - 100_000 + number),
                "status": status,
                "agent_id": "agent_a",
                **fields,
            }
            runs.insert(0, raw)
            ids.append(raw["id"])
        return ids

    def change(self, run_id, **fields):
        for runs in self.runs_of.values():
            for place, raw in enumerate(runs):
                if raw["id"] == run_id:
                    runs[place] = {**raw, **fields}

    def remove(self, run_id):
        for runs in self.runs_of.values():
            runs[:] = [raw for raw in runs if raw["id"] != run_id]

    def hold(self, *keys):
        self.held, self.held_keys = asyncio.Event(), keys
        return self.held

    def asked(self, what, key=None, since=-1.0):
        return [
            request
            for request in self.requests
            if request.what == what and key in (None, request.key) and request.at > since
        ]

    @staticmethod
    def gaps(requests):
        return [later.at - earlier.at for earlier, later in itertools.pairwise(requests)]

    def most_in_a_minute(self):
        times = [request.at for request in self.requests]
        most = first = 0
        for last, at in enumerate(times):
            while times[first] < at - 60:
                first += 1
            most = max(most, last - first + 1)
        return most

    # -- what the poller calls

    async def threads(self, *, limit, order="desc", offset=0):
        assert order == "desc"
        rows = [
            {
                "id": key,
                "status": "locked" if key in self.locks else "available",
                "active_run_id": self.locks.get(key),
            }
            for key in reversed(self.runs_of)
        ]
        return await self._answer(
            Request(self.clock.elapsed, "threads", "", limit, offset), rows[offset:][:limit]
        )

    async def runs(self, thread_id, *, limit, order="desc", offset=0):
        assert order == "desc"
        request = Request(self.clock.elapsed, "runs", thread_id, limit, offset)
        if thread_id not in self.runs_of:
            self.trouble.setdefault(
                ("runs", thread_id), NotFoundError("GET: 404: no such thread", status=404)
            )
        return await self._answer(request, self.runs_of.get(thread_id, [])[offset:][:limit])

    async def run(self, thread_id, run_id):
        found = next((raw for raw in self.runs_of.get(thread_id, []) if raw["id"] == run_id), None)
        if found is None:
            self.requests.append(Request(self.clock.elapsed, "run", run_id))
            raise NotFoundError("GET: 404: no such run", status=404)
        return await self._answer(Request(self.clock.elapsed, "run", run_id), found)

    async def agents(self):
        data = [{"id": key, "name": name} for key, name in self.names.items()]
        return await self._answer(Request(self.clock.elapsed, "agents", ""), {"data": data})

    async def _answer(self, request, value):
        self.requests.append(request)
        body = json.dumps(value).encode()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.held is not None and (not self.held_keys or request.key in self.held_keys):
                await self.held.wait()
        finally:
            self.under_way -= 1
        trouble = self._trouble(request)
        if isinstance(trouble, BaseException):
            raise trouble
        body = body if trouble is None else trouble
        at = None if self.server_offset is None else math.floor(self.clock.now() + self.server_offset)
        return Answer(body, at)

    def _trouble(self, request):
        for key in dict.fromkeys(((request.what, request.key), (request.what, ""), ("all", ""))):
            trouble = self.trouble.get(key)
            if isinstance(trouble, list):
                trouble = trouble.pop(0) if trouble else None
            if trouble is not None:
                return trouble(request) if callable(trouble) else trouble
        return None


class Listener:
    """A subscriber that keeps its updates."""

    def __init__(self, poller):
        self.poller = poller
        self.updates = []
        self.task = asyncio.create_task(self._listen())

    async def _listen(self):
        async for update in self.poller.updates():
            self.updates.append(update)

    @property
    def changes(self):
        return [change for update in self.updates for change in update.changes]

    def told(self, run_id):
        return [
            (change.kind, change.after.status) for change in self.changes if change.after.raw_id == run_id
        ]


async def _free():
    """Allow each request at once."""


class Looks:
    """An observer of one thread, with its requests and changes."""

    def __init__(self, source, clock, history=200):
        self.source, self.clock = source, clock
        self.observer = Observer(Calls(source, clock), history, 2.0, ["t"])

    async def look(self):
        """Return the requests and the changes of one observation."""
        before = len(self.source.requests)
        self.clock.elapsed += 2
        try:
            await self.observer.see_runs("t", _free)
        finally:
            self.changes, self.observer.news = self.observer.news, []
            self.requests = self.source.requests[before:]
        return self.requests, [(change.kind, change.after.raw_id) for change in self.changes]

    @property
    def state(self):
        return self.observer.states["t"]


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def source(clock):
    return FakeSource(clock)


@pytest.fixture
async def start(clock, source):
    """Start a poller that is stopped when the test ends."""
    loops = []

    async def begin(**options):
        poller = Poller(source, clock=clock, rng=random.Random(7), **options)
        loops.append(asyncio.create_task(poller.run()))
        poller.loop = loops[-1]
        await clock.settle()
        return poller

    yield begin
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)


@pytest.fixture
async def listen():
    listeners = []

    def begin(poller):
        listeners.append(Listener(poller))
        return listeners[-1]

    yield begin
    for listener in listeners:
        listener.task.cancel()
    await asyncio.gather(*(listener.task for listener in listeners), return_exceptions=True)


@pytest.fixture
def looks_of(source, clock):
    return lambda history: Looks(source, clock, history)


@pytest.fixture
def looks(source, clock):
    return Looks(source, clock)
