"""CPU time of one tick in which 1,000 of 100,000 rows change and those in the window are painted.

    python -m benchmarks.table_tick [--rounds 25]

`RunTable.follow` of the next snapshot against `DataTable.update_cell` of each changed cell without new widths, which is
the cheapest that `DataTable` offers; for a run that ends or starts, status, time and tokens change. Both start when the
changes are known: `RunTable` with the store's snapshot, `DataTable` with the texts. In the first line the changed runs are
spread evenly over the table; in the second one ten of them are in the window; in the third one both sides include the
store's work, since an application with `DataTable` needs a store as well, to know which cells changed.
"""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Sequence

from benchmarks.hosts import SIZE, OurHost, StockHost, as_next, cells, rows, snapshot_of, take_in
from benchmarks.pairs import Pair, cpu, pair, run_benchmark
from flowtui.model.columns.columns import DEFAULT
from flowtui.model.run.row import Run

ROWS, CHANGES, IN_WINDOW = 100_000, 1_000, 10
THREADS = ROWS // 20
REST = 0.05  # seconds in which each side finishes deferred work, so that the other does not pay for it


class Race:
    """Both tables with the same rows and the same changes."""

    def __init__(self) -> None:
        self.runs = rows(ROWS, threads=THREADS)
        self.known = snapshot_of(self.runs)
        self.ours, self.stock = OurHost(), StockHost()
        self.turn = 0

    async def run(
        self, places: Sequence[int], rounds: int, *, store: bool = False
    ) -> list[tuple[float, float]]:
        await self.tick(places, store=store)  # fills caches on both sides
        turns = [await self.tick(places, store=store) for _ in range(rounds)]
        assert all(self.ours.table.rows[place] == self.runs[place] for place in places)
        return turns

    async def tick(self, places: Sequence[int], *, store: bool) -> tuple[float, float]:
        """Return the CPU time of `RunTable` and of `DataTable` for one tick in which the runs at these places change.

        With `store` both include the work for the next snapshot. Both subtract the cost of waiting for a paint that has
        nothing to paint.
        """
        self.turn += 1
        changed: list[Run] = []
        texts: list[tuple[object, str, str]] = []
        for number, place in enumerate(places):
            before = self.runs[place]
            after = self.runs[place] = as_next(before, self.turn + 2 * (number % 97))
            changed.append(after)
            both = zip(DEFAULT, cells(before), cells(after), strict=True)
            texts += [(self.stock.keys[place], name, new) for name, old, new in both if old != new]
        written = self.ours.written, self.stock.written

        last = None if store else self.known  # freeing it is also work of the store

        async def taking_in() -> None:
            self.known, _ = take_in(self.known, changed)

        async def ours() -> None:
            self.ours.follow(self.known.run)
            await self.ours.painted()

        async def theirs() -> None:
            for key, name, text in texts:
                self.stock.table.update_cell(key, name, text)
            await self.stock.painted()

        shared = await cpu(taking_in)
        await asyncio.sleep(REST)
        mine = await cpu(ours) - await cpu(self.ours.painted)
        await asyncio.sleep(REST)
        spent = mine, await cpu(theirs) - await cpu(self.stock.painted)
        assert self.ours.written > written[0], "ours painted nothing"
        assert self.stock.written > written[1], "theirs painted nothing"
        del last
        return (shared + spent[0], shared + spent[1]) if store else spent


async def _measure(rounds: int) -> list[Pair]:
    race = Race()
    async with (
        race.ours.run_test(headless=False, size=SIZE),
        race.stock.run_test(headless=False, size=SIZE),
    ):
        await race.ours.load(race.runs)
        await race.stock.load([cells(run) for run in race.runs])
        gc.collect()
        gc.freeze()  # collections of 100,000 rows of both sides would hit either by chance
        spread = await race.run(range(0, ROWS, ROWS // CHANGES), rounds)
        beyond = random.Random(1).sample(range(IN_WINDOW, ROWS), CHANGES - IN_WINDOW)
        in_window = await race.run([*range(IN_WINDOW), *beyond], rounds)
        stored = await race.run(range(0, ROWS, ROWS // CHANGES), rounds, store=True)
    what = "tick, 1,000 of 100,000 runs change"
    return [
        pair(what, "`DataTable.update_cell`", "ms CPU", spread, 0.01),
        pair(f"{what}, {IN_WINDOW} in the window", "`DataTable.update_cell`", "ms CPU", in_window),
        pair("the same, spread, with the store", "`DataTable.update_cell`, with the store", "ms CPU", stored),
    ]


def measure(rounds: int) -> list[Pair]:
    return asyncio.run(_measure(rounds))


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=25)  # those of DataTable vary by a fifth
