"""An hour away: how soon all is seen that happened meanwhile, with threads from the history against a fresh start.

    python -m benchmarks.catch_up [--json] [--threads 1000 5000] [--busy 10 100] [--spans on]

Simulated time, 300 requests a minute, and a server that answers after 0.15 s. Busy threads have a run a minute; on the others
one begins every 40 s. Every thread was read by the start before, the resting ones in turn. Prints the seconds until the last
change of the hour away is shown, and until flowtui knows that this is all. Exits with 1 if that takes longer than allowed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fleet import RANK, Source, World
from benchmarks.pairs import Pair
from benchmarks.replies import most_per_minute
from benchmarks.simulated_clock import BEGIN, SimulatedClock
from flowtui.model.run.parsing import parse_runs, parse_thread
from flowtui.model.state.known_runs import ThreadState, apply_runs, apply_thread
from flowtui.source.poll.poller import Poller

LEFT = 1_200.0  # simulated seconds until the start before ended
AWAY = 3_600.0
LONGEST = 9_000.0  # seconds after which a simulation is given up
ROUND = 1_800.0  # seconds in which the start before read all resting threads once
LIMITS = {(1_000, 10): 150.0, (5_000, 100): 400.0}


def world_of(threads: int, busy: int, **options: object) -> World:
    """Return a world at the end of the hour away."""
    minutes = (LEFT + AWAY + LONGEST) / 60
    return World(
        SimulatedClock(grain=0.02),
        threads=threads,
        busy=busy,
        minutes=minutes,
        lasts=(45.0, 75.0),
        history=5,
        **options,  # type: ignore[arg-type]
    )


def left_behind(world: World, seed: int = 1) -> list[ThreadState]:
    """Return all threads as the start before knew them when it ended, as the history gives them back."""
    chance = random.Random(seed)
    world.clock.set(LEFT)
    world.pass_events()
    at = world.clock.now()
    last = {event.thread: event.at for event in world.events if event.at <= LEFT}
    states = []
    for key, runs in world.runs_of.items():
        seen = at - min(LEFT - last.get(key, -math.inf), chance.uniform(0, ROUND))
        rows = parse_runs(json.dumps(runs).encode(), key).rows
        state, _ = apply_runs(ThreadState(key, 2.0), rows, at=seen, whole=True)
        state = apply_thread(state, parse_thread(world.row_of(key)), at=at - chance.uniform(0, 45))
        states.append(replace(state, restored=seen))
    return states


@dataclass
class Caught:
    """The result of a start, in seconds since it. `seen`: when the last change was shown. `known`: when flowtui knew that."""

    seen: float
    known: float
    requests: int
    spans: int
    most: int
    silent: int
    moving: float


class Screen:
    """Records which changes of the hour away are shown."""

    def __init__(self, world: World) -> None:
        begin, end = LEFT, LEFT + AWAY
        self.missing = {
            event.run: event.status for event in world.events if begin < event.at <= end
        }  # the last one of each run counts
        self.clock = world.clock
        self.seen = math.inf

    async def draw(self, poller: Poller) -> None:
        async for update in poller.updates():
            for change in update.changes:
                run = change.after
                wanted = self.missing.get(run.raw_id)
                if wanted is not None and RANK[run.status] >= RANK[wanted]:
                    del self.missing[run.raw_id]
            if not self.missing and math.isinf(self.seen):
                self.seen = self.clock.elapsed


async def start(world: World, stored: Sequence[ThreadState], budget: int) -> Caught:
    """Start after the hour away, with these threads from the history."""
    clock, begin = world.clock, LEFT + AWAY
    clock.set(begin)
    poller = Poller(Source(world), clock=clock, rng=random.Random(7), budget=budget, fleet=True)
    screen = Screen(world)
    tasks = [asyncio.create_task(poller.run()), asyncio.create_task(screen.draw(poller))]
    for first in range(0, len(stored), 200):
        await clock.run(begin + first / 2_000)
        poller.restore(stored[first : first + 200], {}, BEGIN + LEFT)
    known, silent = math.inf, 0
    while clock.elapsed < begin + LONGEST and (math.isinf(screen.seen) or math.isinf(known)):
        await clock.run(clock.elapsed + 1.0)
        snapshot = poller.snapshot()
        covered = snapshot.coverage
        done = (
            snapshot.caught_up is not None
            if stored
            else covered.complete and covered.threads >= world.threads
        )
        if done and math.isinf(known):
            known = clock.elapsed
            silent = sum(state.silent for state in snapshot.threads.values())
    moving = poller.turns.shares().moving
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if poller.incidents:
        raise SystemExit(f"flowtui failed: {poller.incidents}")
    times = [at for at, *_ in world.requests]
    pages = sum(what == "spans" for _, what, _ in world.requests)
    return Caught(
        screen.seen - begin, known - begin, len(times), pages, most_per_minute(times), silent, moving
    )


async def side(threads: int, busy: int, asked: argparse.Namespace, *, restored: bool) -> Caught:
    """Run one side."""
    world = world_of(threads, busy, spans=asked.spans)
    stored = left_behind(world)
    got = await start(world, stored if restored else [], asked.budget)
    if not asked.json:
        print(
            f"{threads:6,} threads, {busy:4} busy, {'restored' if restored else 'fresh':9} seen {got.seen:6.0f} s,"
            f" known {got.known:6.0f} s, {got.requests:6,} requests ({got.spans:4} for spans, {got.most} in a minute),"
            f" {got.silent:5,} silent, then moving ones every {got.moving:.1f} s",
            flush=True,
        )
    return got


def compare(asked: argparse.Namespace) -> list[tuple[Pair, float]]:
    """Run both sides for each size; return the comparisons, each with the most seconds allowed for ours."""
    pairs = []
    for threads, busy in zip(asked.threads, asked.busy, strict=True):
        ours, fresh = (
            asyncio.run(side(threads, busy, asked, restored=restored)) for restored in (True, False)
        )
        limit = LIMITS.get((threads, busy), math.inf) if asked.spans == "on" else math.inf
        name = f"until all of an hour away is seen, {threads:,} threads, {busy} busy"
        pairs.append((Pair(name, "a fresh start", "s", max(ours.seen, ours.known), fresh.known), limit))
    return pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--rounds", type=int, default=1, help="no effect: a simulation gives the same each time"
    )
    parser.add_argument("--json", action="store_true", help="for `all`")
    parser.add_argument("--threads", type=int, nargs="+", default=[1_000, 5_000])
    parser.add_argument("--busy", type=int, nargs="+", default=[10, 100], help="of each number of threads")
    parser.add_argument("--spans", choices=("on", "off", "dark"), default="on")
    parser.add_argument("--budget", type=int, default=300, help="requests a minute (default 300)")
    asked = parser.parse_args()
    pairs = compare(asked)
    if asked.json:
        print(json.dumps([asdict(pair) for pair, _ in pairs]))
    late = [pair.what for pair, limit in pairs if pair.ours > limit]
    if late:
        sys.exit(f"later than allowed: {', '.join(late)}")


if __name__ == "__main__":
    main()
