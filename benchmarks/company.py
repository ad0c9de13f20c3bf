"""One API key with 5,000 threads, 100 of them active, and 100,000 runs: requests, delays, memory and start.

    python -m benchmarks.company [--rounds N] [--json]

Simulated time, as in fleet.py: answers come after 0.15 s, and each figure comes from one seeded simulation. Only the
start is CPU time, of N turns. Also prints figures that are compared with nothing. Takes about two minutes of CPU.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fleet import Outcome, World, p95, simulate
from benchmarks.pairs import Pair, pair, text_of
from benchmarks.replies import Reply
from benchmarks.simulated_clock import SimulatedClock
from flowtui.source.clock import Clock
from flowtui.source.poll.observer import Observer
from flowtui.source.read.budgeted_calls import Calls
from flowtui.source.read.thread_reader import LOAD_PAGE

THREADS = 5_000
ACTIVE = 100
RUNS = 20  # of each thread
INTERVAL = 2.0
BUDGET = 300
LIFTED = 1_000_000
LATENCY = 0.15
LISTED = 10.0  # simulated seconds after which all threads are known
LOADED = 120.0  # simulated seconds after which delays count: by then, without the request budget, every thread was read
UNIFORM = THREADS / INTERVAL * 60.0
REQUESTS_LIMIT = 0.1
DELAY_LIMIT = 1.2


def world(minutes: float, **options: object) -> World:
    """Return the simulated server; its threads that are not active have about a run a minute in all."""
    sizes = {"threads": THREADS, "busy": ACTIVE, "history": RUNS, "every": 60.0}
    return World(SimulatedClock(), latency=LATENCY, minutes=minutes, **{**sizes, **options})


def watched(minutes: float, budget: int, **options: object) -> Outcome:
    return asyncio.run(simulate(world(minutes, **options), budget=budget))


def traced(work: Callable[[], object]) -> tuple[object, float]:
    """Return the result of `work`, and how many MB of memory it still uses."""
    gc.collect()
    tracemalloc.start()
    made = work()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    return made, held


def memory() -> Pair:
    """Compare the memory of all runs once each thread was read."""
    still = world(4.0, busy=0, every=0.0)
    got, ours = traced(lambda: asyncio.run(simulate(still, budget=LIFTED)))
    known = sum(len(state.runs) for state in got.poller.snapshot().threads.values())
    if known != THREADS * RUNS:
        raise SystemExit(f"{known:,} runs are known")
    _, theirs = traced(lambda: [json.loads(json.dumps(runs)) for runs in still.runs_of.values()])
    return Pair("memory, all runs known", "`json.loads` of the answers", "MB", ours, theirs)


class Pages:
    """A source with prepared pages of the list of threads."""

    def __init__(self) -> None:
        rows = [{"id": f"thr_{number:04}", "status": "available", "created_at": "2026-01-02T03:04:05Z",
                 "active_run_id": None, "meta_data": {"team": "checkout"}} for number in range(THREADS)]  # fmt: skip
        self._rows = rows
        self.bodies: dict[int, bytes] = {}
        asyncio.run(self.read_list())

    async def threads(self, *, limit: int, offset: int = 0) -> Reply:
        if offset not in self.bodies:
            self.bodies[offset] = json.dumps(self._rows[offset : offset + limit]).encode()
        return Reply(self.bodies[offset], None, 0.0)

    async def read_list(self) -> None:
        async def free() -> None:
            pass

        observer = Observer(Calls(self, Clock()), 200, INTERVAL, cheap=True)
        await observer.see_threads(free, whole=True)
        if len(observer.states) != THREADS:
            raise SystemExit(f"{len(observer.states):,} threads are known")


def start(rounds: int) -> Pair:
    """Compare the CPU time of reading the list of all threads."""
    pages = Pages()

    def cpu(work: Callable[[], object]) -> float:
        before = time.process_time()
        work()
        return 1000 * (time.process_time() - before)

    def bare() -> list[object]:
        return [json.loads(body) for body in pages.bodies.values()]

    sides = [(cpu(lambda: asyncio.run(pages.read_list())), cpu(bare)) for _ in range(rounds)]
    return pair("start, all threads taken in", "`json.loads` of the pages", "ms CPU", sides)


def compare(rounds: int, *, talk: bool) -> list[Pair]:
    """Run the simulations, and compare them with requests to each thread in turn."""
    lifted = watched(6.0, LIFTED)
    refused = watched(6.0, LIFTED, spans="off")
    tight = watched(120.0, BUDGET)
    if lifted.complete is None or refused.complete is None or tight.complete is None:
        raise SystemExit("Not every thread was read")
    if talk:
        print_other_figures(lifted, tight)
    uniform, turn = "every thread every 2 s", THREADS / BUDGET * 60.0
    return [
        Pair("most requests in 60 s, while all is read", uniform, "requests",
             lifted.most(), UNIFORM, REQUESTS_LIMIT),
        Pair("most requests in 60 s, afterwards", uniform, "requests",
             lifted.most(lifted.complete + 60), UNIFORM, REQUESTS_LIMIT),
        Pair("the same without spans", uniform, "requests",
             refused.most(refused.complete + 60), UNIFORM, REQUESTS_LIMIT),
        Pair("change on an active thread to screen, p95, budget lifted", "an interval", "s",
             p95(lifted.busy_after(LOADED)), INTERVAL, DELAY_LIMIT),
        Pair("the same while all is read, after 10 s", "an interval", "s",
             p95([delay for event, delay in lifted.seen if event.busy and LISTED < event.at < lifted.complete]),
             INTERVAL, DELAY_LIMIT),
        Pair("the same, 300 requests/min", "every thread in turn", "s",
             p95(tight.busy_after(LOADED)), 0.95 * turn),
        Pair("until all is read, budget lifted", "every thread once, 16 at a time", "s",
             lifted.complete, THREADS * LATENCY / 16),
        Pair("until all is read, 300 requests/min", "every thread once", "s", tight.complete, turn),
        memory(),
        start(rounds),
    ]  # fmt: skip


def print_other_figures(lifted: Outcome, tight: Outcome) -> None:
    """Print the figures that are compared with nothing."""
    for name, got in (("budget lifted", lifted), ("300 requests/min", tight)):
        first = min(at for at, what, _ in got.requests if what == "runs") + LATENCY
        walk = [at for at, what, _ in got.requests if what == "threads"][: THREADS // LOAD_PAGE]
        others = got.others
        print(f"{name}: first row after {first:.1f} s, all threads known after {walk[-1] + LATENCY:.1f} s")
        begun = [delay for event, delay in got.seen if event.busy and event.at < LISTED]
        print(f"    change on an active thread in the first {LISTED:.0f} s: longest {max(begun):.1f} s")
        print(f"    change on a thread that rests: p95 {p95(others):.0f} s, longest {max(others):.0f} s")
        spans = "help" if got.coverage.discovering else f"no help: {got.coverage.why}"
        print(f"    changes never seen: {len(got.unseen)}; at the end spans are {spans}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns of the start, at least 5 (default 7)")
    parser.add_argument("--json", action="store_true", help="for `all`")
    asked = parser.parse_args()
    pairs = compare(max(5, asked.rounds), talk=not asked.json)
    if asked.json:
        print(json.dumps([asdict(one) for one in pairs]))
    else:
        print("\n".join(text_of(one) for one in pairs))


if __name__ == "__main__":
    main()
