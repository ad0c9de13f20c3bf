"""Time from a key to the first byte that shows it: while 100,000 rows change, and during polls.

    python -m benchmarks.keypress [--rounds 7]

The driver gets `j` as from a terminal, and the time runs until the driver writes; a turn is the median of 90 keys. The
table is alone in its application. Wall time, since that is what a user waits: measure on a machine that does nothing
else.

Ticks change 1,000 rows outside the window four times a second, so that only the key is painted. Polls are made by
flowtui's client against a server in another process; half of the answers are unchanged, and each is parsed into rows.
They run on the event loop of the screen, as in flowtui, or on one in another thread.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pydantic import SecretStr
from textual import events

from benchmarks.hosts import SIZE, OurHost, as_next, rows, snapshot_of, take_in
from benchmarks.pairs import Pair, pair, run_benchmark
from flowtui.config.settings import Settings
from flowtui.model.run.parsing import parse_runs
from flowtui.source.http.client import Client

ROOT = Path(__file__).resolve().parents[1]
KEYS, PAUSE = 90, 0.01  # seconds between a paint and the next key
MANY, FEW, CHANGES, TICK = 100_000, 20, 1_000, 0.25
RUNS = 20  # of a thread
CONNECTIONS, THREADS = 5, 50


async def _median(host: OurHost) -> float:
    """Return the median milliseconds from key to paint; the cursor goes down a page and back."""
    driver = host._driver  # noqa: SLF001  receives the keys
    assert driver is not None
    spent: list[float] = []
    for number in range(KEYS):
        key = "j" if number % (FEW - 2) < (FEW - 2) // 2 else "k"
        before = host.written
        began = time.perf_counter()
        driver.process_message(events.Key(key, key))
        while host.written == before:  # noqa: ASYNC110  there is no event for a write
            await asyncio.sleep(0)
        spent.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(PAUSE)
    return statistics.median(spent)


@asynccontextmanager
async def _ticking(host: OurHost) -> AsyncIterator[None]:
    """Change 1,000 rows outside the window four times a second."""
    runs = rows(MANY, threads=MANY // RUNS)
    known = snapshot_of(runs)
    places = random.Random(1).sample(range(200, MANY), CHANGES)

    async def tick() -> None:
        nonlocal known
        turn = 0
        while True:
            turn += 1
            for place in places:
                runs[place] = as_next(runs[place], turn)
            known, _ = take_in(known, [runs[place] for place in places])
            host.follow(known.run)
            await asyncio.sleep(TICK)

    async with _running(tick()):
        yield


@asynccontextmanager
async def _running(work: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)  # type: ignore[arg-type]
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _polls(base: str, a_second: float) -> None:
    """Poll `a_second` times a second over five connections; 0: as fast as possible."""
    settings = Settings(base_url=base, tz="utc")
    begun = time.perf_counter()
    made = 0

    async def work(client: Client) -> None:
        nonlocal made
        while True:
            number = made
            made += 1
            if a_second:
                await asyncio.sleep(max(0.0, begun + number / a_second - time.perf_counter()))
            thread = f"thr_{number % THREADS}"
            parse_runs((await client.runs(thread)).body, thread)

    async with Client(settings, SecretStr("any-key-at-all")) as client:
        await asyncio.gather(*(work(client) for _ in range(CONNECTIONS)))


@asynccontextmanager
async def _in_a_thread(base: str, a_second: float) -> AsyncIterator[None]:
    """Poll on an event loop in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    future = asyncio.run_coroutine_threadsafe(_polls(base, a_second), loop)
    try:
        yield
    finally:
        future.cancel()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _beside(host: OurHost, busy: Callable[[], object]) -> tuple[float, float]:
    """Return the median while `busy` runs, and while it does not."""
    async with busy():  # type: ignore[attr-defined]
        await asyncio.sleep(0.3)
        loaded = await _median(host)
    return loaded, await _median(host)


async def _measure(rounds: int, base: str) -> list[Pair]:
    small, large = OurHost(), OurHost()
    async with small.run_test(headless=False, size=SIZE), large.run_test(headless=False, size=SIZE):
        await small.load(rows(FEW))
        await large.load(rows(MANY, threads=MANY // RUNS))
        ticking = []
        for _ in range(rounds):
            async with _ticking(large):
                loaded = await _median(large)
            ticking.append((loaded, await _median(small)))
        pairs = [pair("key to paint, 1,000 of 100,000 rows change", "20 rows at rest", "ms", ticking, 1.5)]
        for what, busy, limit in (
            ("50 polls/s", lambda: _running(_polls(base, 50)), None),
            ("200 polls/s", lambda: _running(_polls(base, 200)), 1.5),
            ("200 polls/s, on a loop in a thread", lambda: _in_a_thread(base, 200), None),
            ("polls flat out", lambda: _running(_polls(base, 0)), None),
            ("polls flat out, on a loop in a thread", lambda: _in_a_thread(base, 0), None),
        ):
            turns = [await _beside(small, busy) for _ in range(rounds)]
            pairs.append(pair(f"key to paint beside {what}", "no polls", "ms", turns, limit))
    return pairs


def measure(rounds: int) -> list[Pair]:
    words = [sys.executable, "-m", "benchmarks.runs_server"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            return asyncio.run(_measure(rounds, server.stdout.readline().strip()))
        finally:
            server.terminate()


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=7)
