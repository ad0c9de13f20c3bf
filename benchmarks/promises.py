"""Checks the promises on the screen: how often threads are observed, and the words for their freshness.

    python -m benchmarks.promises [--minutes 12] [--budget 120 300] [--threads 12 24] [--speed 1 2 4] [--seed 1 2 3 4 5]
    python -m benchmarks.promises --silence        a thread, or the whole server, gives no answer for a while

Simulated time; the world is that of `flowtui simulate` with the same `--threads`, `--runs`, `--seed` and `--speed`. Each
answer takes 0.15 s. As in the dashboard, the screen shows the last update until the next one while the clock goes on.
Prints a line for each world, and exits with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.replies import Reply, most_per_minute
from benchmarks.simulated_clock import BEGIN, SimulatedClock
from flowtui.errors import TransportError
from flowtui.model.state.health import LATE, LIVE, LOST, SEEN, STALE, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.simulator.endpoints import ApiRequest, Endpoints
from flowtui.simulator.world.dates import Calendar
from flowtui.simulator.world.scenario import World
from flowtui.source.poll.fleet import Fleet
from flowtui.source.poll.poller import Poller

WHOLE = 1.0  # seconds that an observation of some pages takes
SHOWN = 1.5  # seconds until the screen must show that an answer is missing
LATENCY = 0.15  # seconds that an answer takes
TIMEOUT = 10.0  # seconds after which a request is given up, as `request_timeout`
STEP = 0.5  # seconds between two checks of the screen
ON_TIME = 0.5  # seconds by which an observation may be late, as it may have to wait for a connection
THREAD = "/v1/threads/{thread_id}"
TROUBLE = (LATE, STALE, LOST)


@dataclass
class Server:
    """The simulator's world as the poller's source, without HTTP. `silent(thread id)`: requests for it get no answer."""

    clock: SimulatedClock
    world: World
    speed: float
    silent: Callable[[str], bool] = lambda _: False
    requests: list[tuple[float, str, str, bool]] = field(default_factory=list)
    """(seconds, endpoint, thread id, whether it was answered) of each request."""

    def __post_init__(self) -> None:
        self._calendar = Calendar(self.clock.now, BEGIN, self.speed)
        self._endpoints = Endpoints(self.world, self._calendar)

    async def threads(self, *, limit: int, order: str = "desc", offset: int = 0) -> Reply:
        query = {"limit": str(limit), "order": order, "offset": str(offset)}
        return await self._answer("threads", "", self._endpoints.threads, "/v1/threads", query=query)

    async def runs(self, thread_id: str, *, limit: int, order: str = "desc", offset: int = 0) -> Reply:
        query = {"limit": str(limit), "order": order, "offset": str(offset)}
        path = {"thread_id": thread_id}
        return await self._answer(
            "runs", thread_id, self._endpoints.runs, f"{THREAD}/runs", path=path, query=query
        )

    async def run(self, thread_id: str, run_id: str) -> Reply:
        path = {"thread_id": thread_id, "run_id": run_id}
        return await self._answer(
            "run", thread_id, self._endpoints.run, f"{THREAD}/runs/{{run_id}}", path=path
        )

    async def agents(self) -> Reply:
        return await self._answer("agents", "", self._endpoints.agents, "/v2/flow/agents/")

    async def spans(self, query: dict) -> Reply:
        return await self._answer(
            "spans", "", self._endpoints.spans, "/v1/observability/spans", body=json.dumps(query).encode()
        )

    async def _answer(
        self, what: str, key: str, end: Callable[[ApiRequest], object], template: str, **asked: object
    ) -> Reply:
        at, answers = self.clock.elapsed, not self.silent(key)
        self.requests.append((at, what, key, answers))
        await self.clock.wait(asyncio.Event(), LATENCY if answers else TIMEOUT)
        if not answers:
            raise TransportError(f"{what}: no whole answer within {TIMEOUT:g} s")
        words = {"path": {}, "query": {}, "body": b"", **asked}
        request = ApiRequest(template=template, json=True, now=self._calendar.now(), **words)
        return Reply(json.dumps(end(request)).encode(), math.floor(self.clock.now()), LATENCY)

    def most(self) -> int:
        """Return the most requests within any 60 s."""
        return most_per_minute([at for at, *_ in self.requests])


class Screen:
    """What a dashboard would show, and whether its promises were kept.

    `words` counts the seconds of each word, summed over threads. `overdue`: seconds by which an observation was later
    than promised for its thread, at worst (negative: earlier); `beyond` the same for the round promised to all quiet
    threads. `longer`: the longest interval promised for a quiet thread, divided by that round.
    """

    def __init__(self, poller: Poller, clock: SimulatedClock) -> None:
        self.poller, self.clock = poller, clock
        self.words: Counter[str] = Counter()
        self.heads: Counter[str] = Counter()
        self.overdue = self.beyond = -math.inf
        self.longer = 0.0
        self.latest: Snapshot = poller.snapshot()
        self._by: dict[str, tuple[float, float, float]] = {}
        self._round: dict[str, float] = {}
        self._promise, poller.observer.set_interval = poller.observer.set_interval, self._promised

    async def draw(self) -> None:
        async for update in self.poller.updates():
            self.latest = update.snapshot
            self._judge(update.snapshot)

    def _judge(self, snapshot: Snapshot) -> None:
        turns = self.poller.turns
        for key, state in snapshot.threads.items():
            if state.observed is None:
                continue
            seen, by, _ = self._by.get(key, (None, math.inf, 0.0))
            if seen is not None and state.observed > seen:
                self.overdue = max(self.overdue, state.observed - by)
                self.beyond = max(self.beyond, state.observed - self._round.pop(key, math.inf))
            resting = isinstance(turns, Fleet) and turns.resting(key)
            if state.observed != seen:
                by = math.inf
            self._by[key] = (state.observed, min(by, state.observed + state.interval), state.interval)
            if resting:
                promised = self._round.get(key, math.inf)
                self._round[key] = min(promised, snapshot.at + snapshot.coverage.round_s)
            else:
                self._round.pop(key, None)

    def _promised(self, key: str, interval: float) -> None:
        """Compare the promise for a quiet thread with the round that is promised now."""
        turns = self.poller.turns
        longer = interval > self.poller.observer.states[key].interval
        if longer and isinstance(turns, Fleet) and turns.resting(key):
            self.longer = max(self.longer, interval / turns.shares().turn)
        self._promise(key, interval)

    def check(self) -> None:
        """Count the words on the screen now."""
        now = self.clock.now()
        for state in self.latest.threads.values():
            self.words[self.latest.health_of(state, now).word] += STEP
        self.heads[self.latest.health(now).word] += STEP

    def of(self, key: str) -> Health:
        """Return the health that the screen shows for a thread."""
        return self.latest.health_of(self.latest.threads[key], self.clock.now())


@dataclass
class Watched:
    """The result of watching a world."""

    server: Server
    screen: Screen
    budget: int

    @property
    def kept(self) -> bool:
        """Whether all promises and the budget were kept, and no thread was shown as in trouble or only as `seen`."""
        quiet = not any(self.screen.words[word] for word in (*TROUBLE, SEEN))
        return (
            quiet
            and self.screen.overdue <= ON_TIME
            and self.screen.longer <= 1.001
            and self.server.most() <= self.budget
        )


async def watch(
    minutes: float,
    *,
    threads: int,
    speed: float,
    seed: int,
    budget: int,
    during: Callable[[Server, Screen, float], None] | None = None,
    runs: int | None = None,
) -> Watched:
    """Watch a world for `minutes` simulated minutes; `during` is called each half second."""
    clock = SimulatedClock()
    world = World(seed=seed, threads=threads, runs=threads * 15 if runs is None else runs)
    server = Server(clock, world, speed)
    poller = Poller(server, clock=clock, rng=random.Random(seed), budget=budget, fleet=True)
    screen = Screen(poller, clock)
    tasks = [asyncio.create_task(poller.run()), asyncio.create_task(screen.draw())]
    for step in range(1, int(minutes * 60 / STEP) + 1):
        await clock.run(step * STEP)
        screen.check()
        if during is not None:
            during(server, screen, clock.elapsed)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if poller.incidents:
        raise SystemExit(f"flowtui failed: {poller.incidents}")
    return Watched(server, screen, budget)


def line_of(got: Watched) -> str:
    """Return a result as a line."""
    screen = got.screen
    words = " ".join(f"{screen.words[word]:6.0f}" for word in (*TROUBLE, SEEN))
    verdict = "" if got.kept else "  BROKEN"
    return f"{words}  {screen.overdue:8.2f} {screen.beyond:8.2f} {screen.longer:7.2f} {got.server.most():9}{verdict}"


def worlds(asked: argparse.Namespace) -> Iterator[tuple[str, Watched]]:
    """Yield (name, result) of each world."""
    for budget, threads, speed, seed in product(asked.budget, asked.threads, asked.speed, asked.seed):
        name = f"{budget:6} {threads:7} {speed:5g} {seed:4}"
        made = watch(asked.minutes, threads=threads, speed=speed, seed=seed, budget=budget)
        yield name, asyncio.run(made)


def all_worlds(asked: argparse.Namespace) -> bool:
    """Print the result of each world; return whether all promises were kept."""
    print(f"{'':25}  {'thread-seconds':^27}  {'seconds late, at worst':^17}  promise  requests")
    print(
        f"{'budget threads speed seed':25}  {'late':>6} {'stale':>6} {'lost':>6} {'seen':>6}"
        f"  {'look':>8} {'round':>8} {'/ round':>7} {'in 60 s':>9}"
    )
    kept = True
    for name, got in worlds(asked):
        print(f"{name:25}  {line_of(got)}", flush=True)
        kept = kept and got.kept
    return kept


class Silent:
    """A thread, or the whole server (`whom` ""), that gives no answer from `begin` on for `length` seconds.

    The expected words follow from the server's list of requests, and from the promises before the silence. `wrong`: seconds
    in which a thread had a wrong word; `said`: seconds of each word. `back`: seconds from the first answer until all
    threads are live again; None where they never are.
    """

    def __init__(self, whom: str, begin: float = 180.0, length: float = 200.0) -> None:
        self.whom, self.begin, self.length = whom, begin, length
        self.key = ""
        self.wrong: Counter[str] = Counter()
        self.said: Counter[str] = Counter()
        self.back: float | None = None
        self.lost_at_once = 0

    def __call__(self, server: Server, screen: Screen, at: float) -> None:
        if at == self.begin:
            self._fall_silent(server, screen)
        if at < self.begin:
            return
        answer = self._answered(server)
        if answer is None or at < answer + LATENCY:
            for key in screen.latest.threads if not self.key else (self.key,):
                self._judge(server, screen, key, at)
        elif self.back is None and at > answer + WHOLE:
            withheld = [key for key in screen.latest.threads if self._asked(server, key) is None]
            self.lost_at_once += sum(screen.of(key).word in TROUBLE for key in withheld)
            if all(screen.of(key).word == LIVE for key in screen.latest.threads):
                self.back = at - answer

    def _fall_silent(self, server: Server, screen: Screen) -> None:
        states, turns = screen.latest.threads, screen.poller.turns
        rests = isinstance(turns, Fleet) and self.whom == "resting"
        if self.whom:
            self.key = next(key for key in states if isinstance(turns, Fleet) and turns.resting(key) == rests)
        end = self.begin + self.length
        server.silent = lambda key: (not self.key or key == self.key) and server.clock.elapsed < end

    def _asked(self, server: Server, key: str) -> float | None:
        """Return when (seconds) a thread was first requested during the silence; None for never."""
        return next(
            (at for at, what, of, good in server.requests if of == key and what == "runs" and not good), None
        )

    def _answered(self, server: Server) -> float | None:
        """Return when (seconds) the first request after the silence was made; None for never."""
        silent = False
        for at, _, key, good in server.requests:
            if self.key in ("", key):
                if silent and good:
                    return at
                silent = silent or not good
        return None

    def _judge(self, server: Server, screen: Screen, key: str, at: float) -> None:
        word = screen.of(key).word
        self.said[word] += STEP
        silent = next((when for when, _, _, good in server.requests if not good), None)
        since = self._asked(server, key)
        if silent is not None and not self.key:  # all connections wait, or only one probe is sent
            state = screen.latest.threads[key]
            due = max((state.observed or 0.0) + state.interval - BEGIN, silent)
            since = due if since is None else min(since, due)
        out = -1.0 if since is None else at - since
        interval = min(screen.latest.threads[key].interval, 30.0)
        might = {_word(max(0.0, out - back), interval) for back in (0.0, STEP, 2 * STEP, SHOWN)}
        if word not in might and not (word == SEEN and LIVE in might):
            self.wrong[word] += STEP


def _word(out: float, interval: float) -> str:
    """Return the word that a thread must have whose answer is missing for `out` seconds, as the command line documents."""
    for word, limit in ((LOST, 120.0), (STALE, 3 * interval), (LATE, 1.5 * interval)):
        if out > limit:
            return word
    return LIVE


def all_silences(asked: argparse.Namespace) -> bool:
    """Print the result of each silence; return whether all were shown in time."""
    print(
        f"{'budget threads speed seed silent':33}  {'late':>6} {'stale':>6} {'lost':>6}  {'wrong':>6} {'back':>6}"
    )
    kept = True
    for whom in ("resting", "moving", ""):
        for budget, threads, speed, seed in product(asked.budget, asked.threads, asked.speed, asked.seed):
            silent = Silent(whom)
            asyncio.run(watch(9.0, threads=threads, speed=speed, seed=seed, budget=budget, during=silent))
            words = " ".join(f"{silent.said[word]:6.0f}" for word in TROUBLE)
            wrong = sum(silent.wrong.values())
            back = "never" if silent.back is None else f"{silent.back:.1f}"
            good = not wrong and silent.back is not None and not silent.lost_at_once and silent.said[LOST] > 0
            name = f"{budget:6} {threads:7} {speed:5g} {seed:4} {whom or 'all'}"
            print(
                f"{name:33}  {words}  {wrong:6.1f} {back:>6}{'' if good else f'  BROKEN {dict(silent.wrong)} {silent.lost_at_once}'}",
                flush=True,
            )
            kept = kept and good
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=12.0, help="simulated minutes (default 12)")
    parser.add_argument("--budget", type=int, nargs="+", default=[120, 300])
    parser.add_argument("--threads", type=int, nargs="+", default=[12, 24])
    parser.add_argument("--speed", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    parser.add_argument("--seed", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument(
        "--silence", action="store_true", help="a thread, or the whole server, gives no answer for a while"
    )
    asked = parser.parse_args()
    sys.exit(0 if (all_silences if asked.silence else all_worlds)(asked) else 1)


if __name__ == "__main__":
    main()
