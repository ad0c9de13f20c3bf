"""Time from a key to its paint in the whole dashboard while 100,000 runs change, against 20 runs without changes.

    python -m benchmarks.crowded_keys [--rounds 5]

The application gets updates as from the poller of 5,000 threads, each with one changed run: in one line five a second,
as many as 300 requests a minute can bring, in another as many as it accepts. Wall time, forty keys a turn.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from statistics import median

from textual import events

from benchmarks.company_runs import Company
from benchmarks.hosts import NOW, SIZE
from benchmarks.pairs import Pair, pair, run_benchmark
from benchmarks.whole_screen import Unconnected, alone
from flowtui.config.settings import Settings
from flowtui.ui.app.connection import pause_after

KEYS = 40
FEW, MANY = 20, 100_000
PACE = 0.2  # seconds between two updates
LIMIT = 1.5


class Dashboard:
    """The dashboard with `runs` runs."""

    def __init__(self, runs: int) -> None:
        self._company = Company(runs)
        self._app = Unconnected(Settings(), now=lambda: NOW)
        self._chance = random.Random(1)

    async def open(self, stack: AsyncExitStack) -> None:
        pilot = await stack.enter_async_context(self._app.run_test(size=SIZE))
        await pilot.pause()
        self._app.session.update(self._company.turn())
        await pilot.pause()

    async def feed(self, pause: float) -> None:
        """Send one update after the other: at least `pause` seconds apart, and not before the dashboard accepts it."""
        while True:
            update = self._company.turn()
            began = time.perf_counter()
            self._app.session.update(update)
            await asyncio.sleep(max(pause, pause_after(time.perf_counter() - began)))

    async def keys(self) -> tuple[float, float]:
        """Return the milliseconds until a key is painted: median and 95th percentile."""
        took = []
        table = self._app.dashboard.table
        for number in range(KEYS):
            await asyncio.sleep(self._chance.uniform(0.05, 0.4))
            before, painted = table.cursor, asyncio.Event()
            began = time.perf_counter()
            self._app.post_message(events.Key("down" if number % 4 < 2 else "up", None))
            while table.cursor == before:  # noqa: ASYNC110  there is no event for it
                await asyncio.sleep(0)
            self._app.screen.call_after_refresh(painted.set)
            await painted.wait()
            took.append(1000 * (time.perf_counter() - began))
        return median(took), sorted(took)[-(-KEYS * 19 // 20) - 1]


async def _side(runs: int, pause: float | None = None) -> tuple[float, float]:
    async with AsyncExitStack() as stack:
        dashboard = Dashboard(runs)
        await dashboard.open(stack)
        feeding = asyncio.create_task(dashboard.feed(pause)) if pause is not None else None
        try:
            return await dashboard.keys()
        finally:
            if feeding is not None:
                feeding.cancel()


def measure(rounds: int) -> list[Pair]:
    with alone():
        turns = [
            (asyncio.run(_side(MANY, PACE)), asyncio.run(_side(MANY, 0.0)), asyncio.run(_side(FEW)))
            for _ in range(rounds)
        ]
    rest = "20 runs at rest"

    def sides(which: int, part: int) -> list[tuple[float, float]]:
        return [(turn[which][part], turn[2][part]) for turn in turns]

    what = "key to paint, dashboard, five updates of 100,000 runs a second"
    return [
        pair(what, rest, "ms", sides(0, 0), LIMIT),
        pair("the same, 19 of 20 keys", rest, "ms", sides(0, 1)),
        pair("key to paint, dashboard, one update of 100,000 runs after the other", rest, "ms", sides(1, 0)),
        pair("the same, 19 of 20 keys, updates one after the other", rest, "ms", sides(1, 1)),
    ]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=5)
