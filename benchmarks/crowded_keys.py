"""From a key to its paint in the whole dashboard while 100,000 runs change, against the dashboard at rest with 20.

    python -m benchmarks.crowded_keys [--rounds 5]

Updates are handed to the application one after the other, as fast as it takes them, each with one changed run of 5,000
threads, so that every run is sorted and counted anew. Wall time, forty keys a turn.
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
from benchmarks.pairs import Pair, pair, tell
from benchmarks.whole_screen import Unconnected, alone
from flowtui.config.settings import Settings
from flowtui.ui.app import rest_after

KEYS = 40
FEW, MANY = 20, 100_000
LIMIT = 1.5


class Dashboard:
    """An application with so many runs."""

    def __init__(self, runs: int) -> None:
        self._company = Company(runs)
        self._app = Unconnected(Settings(), now=lambda: NOW)
        self._chance = random.Random(1)

    async def open(self, stack: AsyncExitStack) -> None:
        pilot = await stack.enter_async_context(self._app.run_test(size=SIZE))
        await pilot.pause()
        self._app._take(self._company.turn())  # noqa: SLF001  as each update of the poller
        await pilot.pause()

    async def feed(self) -> None:
        """Take in one update after the other, as the application does."""
        while True:
            began = time.perf_counter()
            self._app._take(self._company.turn())  # noqa: SLF001
            await asyncio.sleep(rest_after(time.perf_counter() - began))

    async def keys(self) -> tuple[float, float]:
        """Return the milliseconds until a key is painted: of half of them at most, and of 19 of 20."""
        took = []
        table = self._app.dashboard.table
        for number in range(KEYS):
            await asyncio.sleep(self._chance.uniform(0.05, 0.4))
            before, painted = table.cursor, asyncio.Event()
            began = time.perf_counter()
            self._app.post_message(events.Key("down" if number % 4 < 2 else "up", None))
            while table.cursor == before:  # noqa: ASYNC110  nobody tells of it
                await asyncio.sleep(0)
            self._app.screen.call_after_refresh(painted.set)
            await painted.wait()
            took.append(1000 * (time.perf_counter() - began))
        return median(took), sorted(took)[-(-KEYS * 19 // 20) - 1]


async def _side(runs: int, *, fed: bool) -> tuple[float, float]:
    async with AsyncExitStack() as stack:
        dashboard = Dashboard(runs)
        await dashboard.open(stack)
        feeding = asyncio.create_task(dashboard.feed()) if fed else None
        try:
            return await dashboard.keys()
        finally:
            if feeding is not None:
                feeding.cancel()


def measure(rounds: int) -> list[Pair]:
    with alone():
        sides = [
            (asyncio.run(_side(MANY, fed=True)), asyncio.run(_side(FEW, fed=False))) for _ in range(rounds)
        ]
    halves, most = zip(*((tuple(zip(ours, rest, strict=True))) for ours, rest in sides), strict=True)
    what = "key to paint, dashboard, one update of 100,000 runs after the other"
    return [
        pair(what, "20 runs at rest", "ms", halves, LIMIT),
        pair("the same, 19 of 20 keys", "20 runs at rest", "ms", most),
    ]


if __name__ == "__main__":
    tell(measure, __doc__, rounds=5)
