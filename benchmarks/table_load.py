"""CPU time of loading 100,000 rows, from the call until the window is painted.

    python -m benchmarks.table_load [--rounds 5]

`RunTable.show` of parsed rows against `DataTable.add_rows` of ready texts, with a new table each turn.
"""

from __future__ import annotations

import asyncio
import gc

from benchmarks.hosts import SIZE, OurHost, StockHost, cells, rows
from benchmarks.pairs import Pair, cpu, pair, run_benchmark

ROWS = 100_000


async def _turns(rounds: int) -> list[tuple[float, float]]:
    runs = rows(ROWS)
    texts = [cells(run) for run in runs]
    turns = []
    for _ in range(rounds):
        ours, stock = OurHost(), StockHost()
        async with ours.run_test(headless=False, size=SIZE):
            gc.collect()
            mine = await cpu(lambda: ours.load(runs))  # noqa: B023  awaited in this turn
            assert len(ours.table.rows) == ROWS
        async with stock.run_test(headless=False, size=SIZE):
            gc.collect()
            theirs = await cpu(lambda: stock.load(texts))  # noqa: B023  awaited in this turn
            assert stock.table.row_count == ROWS
        turns.append((mine, theirs))
    return turns


def measure(rounds: int) -> list[Pair]:
    turns = asyncio.run(_turns(rounds))
    return [pair("load of 100,000 rows", "`DataTable.add_rows`", "ms CPU", turns, 0.01)]


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=5)
