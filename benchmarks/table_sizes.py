"""CPU time of ticks, load, sort, filter and scroll at 1,000, 10,000 and 100,000 rows, for three tables.

    python -m benchmarks.table_sizes [--rounds 7]

CPU time until the window is painted. `benchmarks/table_sides.py` has the operations of each side. The load of 100,000
rows is measured once, since it takes `DataTable` long; `table_load` measures it five times. The last line is a tick in
which every row of the window changes, so that each size paints the same. Prints more than the README shows.
"""

from __future__ import annotations

import asyncio
import gc
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from statistics import median

from benchmarks.hosts import SIZE
from benchmarks.pairs import Pair, cpu, pair, run_benchmark
from benchmarks.table_sides import Fast, Ours, Side, Stock, World

SIZES = (1_000, 10_000, 100_000)
GROWTH = (1_000, 3_000, 10_000, 30_000, 100_000)
MANY = 1_000  # changes of a tick
FEWER = (1, 100)
REST = 0.05  # seconds in which each side finishes deferred work, so that the next one does not pay for it
LOADS_ONCE = 100_000  # rows

LOAD, SORT, FILTER, SCROLL = "load", "sort", "filter that leaves a half", "scroll by a page"
WINDOW = "tick, 1,000 changes, all of the window among them"
PLAIN = "tick, 1,000 changes"


def _tick(changes: int) -> str:
    return f"tick, {changes:,} change{'' if changes == 1 else 's'}"


def _moving(changes: int) -> str:
    return f"{_tick(changes)} that move{'s its row' if changes == 1 else ' their rows'}"


MOVE = _moving(MANY)

Turns = dict[tuple[str, str], list[float]]
"""(operation, side) → milliseconds of CPU of each turn."""


class Comparison:
    """All operations of the sides on the same runs, turn by turn."""

    def __init__(self, kinds: Sequence[type[Side]], size: int, rounds: int) -> None:
        self.kinds, self.rounds = kinds, rounds
        self.world = World(size)
        self.turns: Turns = defaultdict(list)

    async def run(self) -> Turns:
        for _ in range(self.rounds - 1 if len(self.world.runs) < LOADS_ONCE or len(self.kinds) == 1 else 0):
            await self._in_new_tables(self._load)
        await self._in_new_tables(self._all)
        return self.turns

    async def _in_new_tables(self, work: Callable[[Sequence[Side]], Awaitable[None]]) -> None:
        async with AsyncExitStack() as stack:
            sides = [kind() for kind in self.kinds]
            for side in sides:
                await stack.enter_async_context(side.run_test(headless=False, size=SIZE))
                await side.painted()
            gc.collect()
            await work(sides)

    async def _each(
        self, what: str, sides: Sequence[Side], work: Callable[[Side], Awaitable[None]], *, kept: bool = True
    ) -> None:
        for side in sides:
            await asyncio.sleep(REST)
            spent = await cpu(lambda: work(side))  # noqa: B023  awaited in this turn
            spent -= await cpu(side.painted)  # subtract the cost of waiting for a paint
            if kept:  # the first turn only fills caches
                self.turns[what, side.name].append(spent)

    async def _load(self, sides: Sequence[Side]) -> None:
        await self._each(LOAD, sides, lambda side: side.fill(self.world))

    async def _all(self, sides: Sequence[Side]) -> None:
        world = self.world
        await self._load(sides)
        gc.collect()
        gc.freeze()  # collections of so many objects would hit the sides at random
        for what, changes, first in (
            *((_tick(changes), changes, 0) for changes in FEWER),
            (PLAIN, MANY, 0),
            (WINDOW, MANY, SIZE[1]),
        ):
            for turn in range(self.rounds + 1):
                news = world.change(changes, first=first)
                await self._each(what, sides, lambda side: side.tick(news), kept=turn > 0)  # noqa: B023
        for turn in range(self.rounds + 1):
            falling = turn % 2 == 0
            await self._each(
                SORT,
                sides,
                lambda side: side.sort(world, descending=falling),  # noqa: B023
                kept=turn > 0,
            )
        for changes in (*FEWER, MANY):
            for turn in range(self.rounds + 1):
                news = world.change(changes)
                await self._each(_moving(changes), sides, lambda side: side.move(news), kept=turn > 0)  # noqa: B023
        for turn in range(self.rounds + 1):
            await self._each(SCROLL, sides, lambda side: side.page(), kept=turn > 0)
        for turn in range(self.rounds + 1):
            text, left = world.half(upper=turn % 2 == 0)
            await self._each(
                FILTER,
                sides,
                lambda side: side.keep(world, text, left),  # noqa: B023
                kept=turn > 0,
            )
        gc.unfreeze()


def by_size(rounds: int = 5) -> list[tuple[str, int, float]]:
    """Return (operation, rows, seconds of CPU) of `RunTable` for the sizes of `GROWTH`."""
    found = []
    for size in GROWTH:
        turns = asyncio.run(Comparison([Ours], size, rounds).run())
        found += [
            (what, size, median(turns[what, Ours.name]) / 1000)
            for what in (WINDOW, MOVE, LOAD, SORT, FILTER, SCROLL)
        ]
    return found


OPERATIONS = (*map(_tick, FEWER), PLAIN, *map(_moving, FEWER), MOVE, LOAD, SORT, FILTER, SCROLL)
LIMITS = {(PLAIN, 100_000): 0.01, (LOAD, 100_000): 0.01}


def measure(rounds: int) -> list[Pair]:
    all_turns = {size: asyncio.run(Comparison([Ours, Stock, Fast], size, rounds).run()) for size in SIZES}
    pairs = [
        pair(
            f"{what}, {size:,} rows",
            other.name,
            "ms CPU",
            list(zip(turns[what, Ours.name], turns[what, other.name], strict=True)),
            LIMITS.get((what, size)) if other is Stock else None,
        )
        for size, turns in all_turns.items()
        for what in OPERATIONS
        for other in (Stock, Fast)
    ]
    large, small = (all_turns[size][WINDOW, Ours.name] for size in (100_000, 1_000))
    both = list(zip(large, small, strict=True))
    return [*pairs, pair(f"{WINDOW}, 100,000 rows", "1,000 rows", "ms CPU", both, 1.5)]


def matters(one: Pair) -> bool:
    """Return whether a comparison gets a line in the README."""
    if "100,000 rows" in one.what:
        return one.against != Fast.name or not one.what.startswith(tuple(map(_tick, FEWER)))
    return one.what.startswith(f"{PLAIN},") and one.against == Stock.name


if __name__ == "__main__":
    run_benchmark(measure, __doc__, rounds=5, matters=matters)
