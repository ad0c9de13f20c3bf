"""Requests and delays of watching all threads of a key: one plan for all threads against a plan for each thread.

    python -m benchmarks.fleet [--rounds N] [--json] [--minutes 15]

Simulated time and a server that answers after 0.15 s, so it takes seconds. Prints requests a minute (the most in any
60 s), the time until each thread was read, and the delay of changes on the two busy threads (after half a minute) and on
the others. Each figure comes from one seeded simulation; `--rounds` has no effect.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import statistics
import sys
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.pairs import Pair
from benchmarks.replies import Reply, most_per_minute
from benchmarks.simulated_clock import BEGIN, SimulatedClock
from flowtui.errors import ForbiddenError, NotFoundError
from flowtui.model.run.row import RunKey
from flowtui.model.state.health import Coverage
from flowtui.source.poll.poller import Poller
from flowtui.source.read.tracing import fetch_evidence

OPENED_EVERY = 20.0  # simulated seconds
MORE_LIMIT = 1.1

RANK = {"queued": 0, "running": 1, "completed": 2, "failed": 2, "cancelled": 2}


class Event(NamedTuple):
    """A run gets a status at `at` (simulated seconds)."""

    at: float
    thread: str
    run: str
    status: str
    busy: bool


@dataclass
class World:
    """A server with many threads, of which the first two are busy and the others have a run from time to time.

    `spans`: on, off (403) or dark (always an empty list). `skew`: seconds by which the spans' times are ahead of the
    server. `pending`: spans are listed when they begin, not only when they end. `lag`: seconds until a span is listed.
    `foreign`: spans per second of threads that the key cannot see. `every`: seconds between two runs on the other threads,
    one at a time. `lasts`: the shortest and the longest time that a run takes, in seconds. `calls`: spans of each run of a busy thread; None: about five. `history`: runs that each thread has at the start; None: between none and 140.
    """

    clock: SimulatedClock
    threads: int = 214
    busy: int = 2
    seed: int = 1
    minutes: float = 15.0
    every: float = 40.0
    lasts: tuple[float, float] = (4.0, 25.0)
    calls: int | None = None
    history: int | None = None
    spans: str = "on"
    skew: float = 0.0
    pending: bool = True
    lag: float = 1.0
    foreign: float = 0.0
    latency: float = 0.15
    server_offset: float = 0.0
    cap: int = 1000
    runs_of: dict[str, list[dict]] = field(default_factory=dict)
    locks: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    requests: list[tuple[float, str, str]] = field(default_factory=list)
    traced: list[dict] = field(default_factory=list)
    refusing: bool = False

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        self.refusing = self.spans == "off"
        names = [f"thr_{number:04}" for number in range(self.threads)]
        for name in names:
            count = chance.choice((0, 1, 3, 8, 20, 45, 60, 140)) if self.history is None else self.history
            self.runs_of[name] = [
                self._run(name, f"run_{name}_{number}", -200_000.0 + 300 * number, "completed")
                for number in range(count)
            ][::-1]
        end = self.minutes * 60
        for name in names[: self.busy]:
            self._plan(name, 0.5, end, chance, busy=True)
        free = dict.fromkeys(names[self.busy :], 0.0)
        at = 3.0
        while self.every and free and at < end:
            name = chance.choice(list(free))
            if free[name] <= at:
                free[name] = at = self._one(name, at, chance, busy=False) + 5
            at += chance.expovariate(1 / self.every)
        self.events.sort()
        self.traced.sort(key=itemgetter("start"))
        self._next = 0
        self._bodies: dict[str, dict[tuple[int, int], bytes]] = {}

    def _plan(self, name: str, at: float, end: float, chance: random.Random, *, busy: bool) -> None:
        while at < end:
            at = self._one(name, at, chance, busy=busy) + chance.uniform(0.5, 4)

    def _one(self, name: str, at: float, chance: random.Random, *, busy: bool) -> float:
        """Plan a run and its spans; return when it ends."""
        run = f"run_{name}_at_{at:.2f}"
        start = at + chance.uniform(0.5, 8)
        end = start + chance.uniform(*self.lasts)
        final = chance.choice(("completed", "completed", "failed"))
        self.events += [
            Event(at, name, run, "queued", busy),
            Event(start, name, run, "running", busy),
            Event(end, name, run, final, busy),
        ]
        parts = [(start, end), *((start + step, min(end, start + step + 3)) for step in range(1, 20, 4))]
        if busy and self.calls is not None:
            apart = (end - start) / self.calls
            parts = [(start, end), *((start + n * apart, start + (n + 1) * apart) for n in range(self.calls))]
        for number, (first, last) in enumerate(parts):
            if first < end:
                self.traced.append(
                    {"id": f"{run}/{number}", "thread": name, "run": run, "start": first, "end": last}
                )
        return end

    @staticmethod
    def _run(thread: str, run: str, created: float, status: str) -> dict:
        raw = {"id": run, "thread_id": thread, "agent_id": "agent_a", "created_at": _iso(created)}
        return {**raw, "status": status, "model": "m", "started_at": _iso(created + 1)}

    def pass_events(self) -> None:
        """Apply all events up to now."""
        while self._next < len(self.events) and self.events[self._next].at <= self.clock.elapsed:
            event = self.events[self._next]
            self._next += 1
            runs = self.runs_of.get(event.thread)
            if runs is None:
                continue
            if event.status == "queued":
                runs.insert(0, {**self._run(event.thread, event.run, event.at, "queued"), "started_at": None})
                self.locks[event.thread] = event.run
            for place, raw in enumerate(runs[:3]):
                if raw["id"] == event.run:
                    begun = {"started_at": _iso(event.at)} if event.status == "running" else {}
                    ended = {f"{event.status}_at": _iso(event.at)} if RANK[event.status] == 2 else {}
                    runs[place] = {**raw, **begun, **ended, "status": event.status}
            if RANK[event.status] == 2:
                self.locks.pop(event.thread, None)
            self._bodies.pop(event.thread, None)

    async def _answer(self, what: str, key: str, body: object) -> Reply:
        self.requests.append((self.clock.elapsed, what, key))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self.clock.wait(asyncio.Event(), self.latency)
        if isinstance(body, Exception):
            raise body
        date = math.floor(self.clock.now() + self.server_offset)
        return Reply(raw, date, self.latency)

    def row_of(self, key: str) -> dict:
        """Return a thread as the list of threads shows it."""
        held = self.locks.get(key)
        return {"id": key, "status": "available" if held is None else "locked", "active_run_id": held}

    # -- the methods that the poller calls

    async def threads_page(self, *, limit: int, offset: int = 0) -> Reply:
        self.pass_events()
        keys = [key for key in reversed(self.runs_of) if key not in self.gone]
        rows = [self.row_of(key) for key in keys[offset:][: min(limit, self.cap)]]
        return await self._answer("threads", "", rows)

    async def runs_page(self, thread_id: str, *, limit: int, offset: int = 0) -> Reply:
        self.pass_events()
        if thread_id in self.gone or thread_id not in self.runs_of:
            self.requests.append((self.clock.elapsed, "runs", thread_id))
            raise NotFoundError("GET: 404: no such thread", status=404)
        # Cached for locked threads only: all bodies would take much of the memory that is measured.
        kept = self._bodies.setdefault(thread_id, {}) if thread_id in self.locks else {}
        if (limit, offset) not in kept:
            rows = self.runs_of[thread_id][offset:][: min(limit, self.cap)]
            kept[limit, offset] = json.dumps(rows).encode()
        return await self._answer("runs", thread_id, kept[limit, offset])

    async def agents(self) -> Reply:
        return await self._answer("agents", "", {"data": [{"id": "agent_a", "name": "checkout"}]})

    async def messages_page(self, _thread_id: str, *, limit: int, offset: int = 0) -> Reply:  # noqa: ARG002  the client's
        return await self._answer("messages", "", [])

    async def spans_page(self, query: dict) -> Reply:
        self.pass_events()
        if self.refusing:
            self.requests.append((self.clock.elapsed, "spans", ""))
            raise ForbiddenError("POST spans: 403: not for this role", status=403)
        since, until = _seconds(query["min_start_datetime"]), math.inf
        if query.get("max_start_datetime"):
            until = _seconds(query["max_start_datetime"])
        shown = [one for one in self._shown(since) if since <= one[0] <= until]
        shown.sort(key=lambda one: -one[0])
        if query.get("run_id"):
            shown = [one for one in shown if one[1].startswith(f"{query['run_id']}/")]
        if query["order"] == "asc":
            shown.reverse()
        rows = [self._span(*one) for one in shown[query.get("offset", 0) :][: min(query["limit"], self.cap)]]
        return await self._answer("spans", "", [] if self.spans == "dark" else rows)

    def _shown(self, since: float) -> Iterator[tuple[float, str, str, float | None]]:
        """Yield (start, id, thread, end) of the listed spans that may have begun at `since` or later."""
        now, ahead = self.clock.elapsed, self.skew + self.server_offset
        first = bisect_left(self.traced, since - ahead - 1.0, key=itemgetter("start"))
        for place in range(first, len(self.traced)):
            one = self.traced[place]
            if one["start"] + self.lag > now:
                break
            begun, over = one["start"] + self.lag <= now, one["end"] + self.lag <= now
            if begun and (over or self.pending):
                yield one["start"] + ahead, one["id"], one["thread"], one["end"] if over else None
        count = int(now * self.foreign)
        for number in range(max(0, count - 2_000), count):
            at = number / self.foreign
            yield at + ahead, f"foreign/{number}", f"theirs_{number % 500}", at

    def _span(self, start: float, name: str, thread: str, end: float | None) -> dict:
        raw = {"span_id": name, "thread_id": thread, "run_id": name.partition("/")[0], "agent_id": "agent_a"}
        until = start if end is None else end + self.skew + self.server_offset
        raw |= {"start_timestamp": _iso(start), "end_timestamp": _iso(until)}
        run, _, number = name.partition("/")
        raw |= {"parent_span_id": None if number == "0" else f"{run}/0", "group": "nightly"}
        raw |= {"seekr_metadata": {"env": "prod", "release": "42"}}
        if end is not None and number != "0":
            raw |= {"gen_ai_usage_input_tokens": "900", "gen_ai_usage_output_token": "100"}
        return {**raw, "kind": "pending_span" if end is None else "span"}


class Source:
    """The world as the poller's source."""

    def __init__(self, world: World) -> None:
        self.runs, self.threads = world.runs_page, world.threads_page
        self.agents, self.spans = world.agents, world.spans_page
        self.messages = world.messages_page
        self._world = world


class Outcome(NamedTuple):
    """The result of a simulation, in seconds. `complete` is when each thread was read, None for never."""

    requests: list[tuple[float, str, str]]
    complete: float | None
    seen: list[tuple[Event, float]]
    unseen: list[Event]
    coverage: Coverage
    poller: Poller

    @property
    def others(self) -> list[float]:
        """The delays of changes on threads that are not busy."""
        return [delay for event, delay in self.seen if not event.busy]

    def busy_after(self, since: float = 0.0) -> list[float]:
        """The delays of changes on the busy threads from `since` on."""
        return [delay for event, delay in self.seen if event.busy and event.at >= since]

    def most(self, since: float = 0.0) -> int:
        """Return the most requests in any 60 s from `since` on."""
        return most_per_minute([at for at, *_ in self.requests if at >= since])


class Screen:
    """Records when each status of each run was first shown, and when all threads were read."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shown: dict[tuple[str, int], float] = {}
        self.complete: float | None = None

    async def draw(self, poller: Poller) -> None:
        async for update in poller.updates():
            now = self.world.clock.elapsed
            for change in update.changes:
                for rank in range(RANK.get(change.after.status, 0) + 1):
                    self.shown.setdefault((change.after.raw_id, rank), now)
            covered = update.snapshot.coverage
            if self.complete is None and covered.complete and covered.threads >= self.world.threads:
                self.complete = now


Open = Callable[[Poller, RunKey], Awaitable[object]]
"""Makes the requests for a run that the user opens."""


async def opened_whole(poller: Poller, key: RunKey) -> None:
    """Request what Timeline and Why show of a run: all of its spans, and its messages."""
    await fetch_evidence(poller, key)


async def opened_first_page(poller: Poller, key: RunKey) -> None:
    """Request a page of a run's spans, and its messages."""
    await poller.fetch_spans(key)
    await poller.fetch_messages(key)


async def read_along(poller: Poller, clock: SimulatedClock, opened: Open) -> None:
    """Open the newest run that has ended, every `OPENED_EVERY` seconds."""
    while True:
        await clock.wait(asyncio.Event(), OPENED_EVERY)
        ended = [run for run in poller.snapshot().runs() if run.terminal and run.started is not None]
        if ended:
            await opened(poller, max(ended, key=lambda run: run.started).key)


async def simulate(
    world: World, *, fleet: bool = True, budget: int = 300, during=None, opened: Open | None = None, **options
) -> Outcome:
    """Run the poller on a world until its end.

    `during` is called with the poller each simulated second. `opened`: a user opens runs, which makes these requests.
    """
    clock = world.clock
    poller = Poller(Source(world), clock=clock, rng=random.Random(7), budget=budget, fleet=fleet, **options)
    screen = Screen(world)
    tasks = [asyncio.create_task(poller.run()), asyncio.create_task(screen.draw(poller))]
    if opened is not None:
        tasks.append(asyncio.create_task(read_along(poller, clock, opened)))
    end = world.minutes * 60
    for second in range(int(end)):
        await clock.run(float(second + 1))
        if during is not None:
            during(poller)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    seen, unseen = [], []
    for event in world.events:
        at = screen.shown.get((event.run, RANK[event.status]))
        if at is not None:
            seen.append((event, at - event.at))
        elif event.at < end - 120:
            unseen.append(event)
    coverage = poller.snapshot().coverage
    return Outcome(world.requests, screen.complete, seen, unseen, coverage, poller)


@lru_cache(1024)  # threads have their first runs at the same times
def _iso(elapsed: float) -> str:
    return datetime.fromtimestamp(BEGIN + elapsed, UTC).isoformat()


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() - BEGIN


def p95(delays: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(delays)[-(-len(delays) * 19 // 20) - 1]


def _three(delays: list[float]) -> str:
    if not delays:
        return "-"
    ordered = sorted(delays)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{statistics.median(ordered):5.1f} {p95:5.1f} {ordered[-1]:6.1f}"


def line_of(name: str, got: Outcome) -> str:
    """Return the result of a simulation as a line."""
    complete = "never" if got.complete is None else f"{got.complete:.0f} s"
    steady = got.most(since=got.complete + 60) if got.complete is not None else got.most()
    return (
        f"{name:38} {got.most():9} {steady:7} {complete:>9}   {_three(got.busy_after(30)):20}   {_three(got.others):20}"
        f" {len(got.unseen):6}"
    )


def compare(minutes: float, *, talk: bool) -> list[Pair]:
    """Run the simulations, and return the comparisons."""

    def one(
        name: str, *, fleet: bool = True, budget: int = 300, opened: Open | None = None, **world
    ) -> Outcome:
        clock = SimulatedClock()
        got = asyncio.run(
            simulate(World(clock, minutes=minutes, **world), fleet=fleet, budget=budget, opened=opened)
        )
        if talk:
            print(line_of(name, got), flush=True)
        return got

    if talk:
        print(f"{'':38} {'requests/min':>17} {'all read':>9}   {'delay, busy threads':20}   delay, others")
        print(
            f"{'':38} {'most':>9} {'steady':>7} {'after':>9}   {'median  p95    max':20}   {'median  p95    max':20} unseen"
        )
    ours = one("fleet")
    tight = one("fleet, budget 120", budget=120)
    refused = one("fleet, spans refused", spans="off")
    one("fleet, spans refused, budget 120", spans="off", budget=120)
    theirs = one("each on its own", fleet=False)
    slow = one("each on its own, budget 120", fleet=False, budget=120)
    one("fleet of 1,000", threads=1000)
    one("fleet of 1,000, spans refused", threads=1000, spans="off")
    traced = {"calls": 120}
    whole = one("a run opened every 20 s", opened=opened_whole, **traced)
    page = one("the same, its first page of spans", opened=opened_first_page, **traced)
    whole_tight = one("a run opened, budget 120", budget=120, opened=opened_whole, **traced)
    page_tight = one("the same, its first page, budget 120", budget=120, opened=opened_first_page, **traced)
    against, against_page = "a plan for each thread", "one page of its spans"
    return [
        Pair("most requests in 60 s, 214 threads, 2 busy", against, "requests",
             ours.most(ours.complete or 0.0), theirs.most(theirs.complete or 0.0)),
        Pair("the same without spans", against, "requests",
             refused.most(refused.complete or 0.0), theirs.most(theirs.complete or 0.0)),
        Pair("until all is read, budget 120", against, "s",
             tight.complete or math.inf, slow.complete or math.inf),
        Pair("change on a resting thread, longest delay, budget 120", against, "s",
             max(tight.others), max(slow.others)),
        Pair("requests in all, a run of 120 spans opened every 20 s", against_page, "requests",
             len(whole.requests), len(page.requests), MORE_LIMIT),
        Pair("change on a busy thread, p95, the same with budget 120", against_page, "s",
             p95(whole_tight.busy_after(30)), p95(page_tight.busy_after(30)), MORE_LIMIT),
        Pair("change on a resting thread, p95, the same with budget 120", against_page, "s",
             p95(whole_tight.others), p95(page_tight.others), MORE_LIMIT),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--rounds", type=int, default=1, help="no effect: a simulation gives the same each time"
    )
    parser.add_argument("--json", action="store_true", help="for `all`")
    parser.add_argument("--minutes", type=float, default=15.0, help="simulated minutes (default 15)")
    asked = parser.parse_args()
    pairs = compare(asked.minutes, talk=not asked.json)
    if asked.json:
        print(json.dumps([asdict(one) for one in pairs]))


if __name__ == "__main__":
    main()
