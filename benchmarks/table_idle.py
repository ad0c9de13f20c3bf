"""CPU and bytes of a second without changes but the time, with 10 and with 40 running rows.

    python -m benchmarks.table_idle [--rounds 20]

A second of flowtui is one tick, in which ages and durations change, and two steps of the bars; called directly, so that
nothing waits for a timer. `DataTable` has no bars: it is given the changed texts of its window, and paints them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from benchmarks.hosts import CONTEXT, SIZE, OurHost, StockHost, rows
from benchmarks.pairs import Pair, cpu, pair, run_benchmark
from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run
from flowtui.ui.table.viewport import BEAT

ROWS = 1_000
RUNNING = (10, 40)
WINDOW = SIZE[1] - 1  # rows
REST = 0.05  # seconds in which each side finishes deferred work, so that the other does not pay for it
AGAINST = "`DataTable.update_cell` of its window"


def _texts(run: Run, context: Context) -> list[str]:
    return [COLUMNS[name].text(run, context) for name in DEFAULT]


async def _spent(host: OurHost | StockHost, work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Return the milliseconds of CPU and the written bytes of `work`."""
    await asyncio.sleep(REST)
    before = host.written
    return await cpu(work), float(host.written - before)


async def _turns(rounds: int, running: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    ours, stock = OurHost(), StockHost()
    runs = rows(ROWS, running=running)
    turns = []
    async with ours.run_test(headless=False, size=SIZE), stock.run_test(headless=False, size=SIZE):
        await ours.load(runs)
        await stock.load([_texts(run, CONTEXT) for run in runs])
        context = CONTEXT
        for _ in range(rounds + 1):
            earlier, context = context, replace(context, now=context.now + 1)
            news = [
                (stock.keys[place], name, new)
                for place, run in enumerate(runs[:WINDOW])
                for name, old, new in zip(DEFAULT, _texts(run, earlier), _texts(run, context), strict=True)
                if old != new
            ]

            async def our_second() -> None:
                ours.time += 1
                for _ in range(round(1 / BEAT) - 1):
                    ours.inside.run(ours.table._beat)  # noqa: SLF001  called directly
                    await ours.painted()
                ours.inside.run(ours.table._beat)  # noqa: SLF001
                ours.inside.run(ours.table.tick, context)  # noqa: B023  awaited in this turn
                await ours.painted()

            async def their_second() -> None:
                for key, name, text in news:  # noqa: B023
                    stock.table.update_cell(key, name, text)
                await stock.painted()

            turns.append((await _spent(ours, our_second), await _spent(stock, their_second)))
    return turns[1:]


def measure(rounds: int) -> list[Pair]:
    pairs = []
    for running in RUNNING:
        turns = asyncio.run(_turns(rounds, running))
        what = f"a second with {running} running rows"
        pairs += [
            pair(what, AGAINST, "ms CPU", [(ours[0], theirs[0]) for ours, theirs in turns]),
            pair(what, AGAINST, "bytes", [(ours[1], theirs[1]) for ours, theirs in turns]),
        ]
    return pairs


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=20)
