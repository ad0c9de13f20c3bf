"""Counts runs that a reader misses while the list changes: naive offset paging against overlapping sweeps.

    python benchmarks/paging.py [--seeds 1000] [--rows 95] [--page 20]

Prints for each condition the share of trials in which a run was missed that existed all the time, and the calls.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from flowtui.source.read.paging import SweepEnd, sweep


class Condition(NamedTuple):
    """How the list changes between two requests. `tie`: the most runs with the same creation time (1: order is stable)."""

    name: str
    inserts: float = 0.0
    deletes: float = 0.0
    burst: int = 0
    tie: int = 1


CONDITIONS = (
    Condition("inserts and deletes", inserts=1.0, deletes=1.0),
    Condition("bursts of 12", burst=12),
    Condition("bursts of 30", burst=30),
    Condition("unstable ties, deletes", deletes=1.0, tie=12),
    Condition("unstable ties, no deletes", tie=12),
)


class World:
    """A list of runs, newest first, that changes as the condition says before each request but the first."""

    def __init__(self, seed: int, condition: Condition, rows: int = 95) -> None:
        self.random = random.Random(seed)
        self.condition = condition
        self.rows: list[tuple[int, str]] = []  # (instant, id), newest first
        self.instant = 0
        self.made = 0
        self.calls = 0
        while len(self.rows) < rows:
            self._insert(min(self.random.randint(1, condition.tie), rows - len(self.rows)))
        self.throughout = {name for _, name in self.rows}

    def page(self, offset: int, limit: int) -> list[str]:
        if self.calls:
            self._change()
        self.calls += 1
        return [name for _, name in self.rows[offset : offset + limit]]

    def _insert(self, count: int) -> None:
        self.instant += 1
        for _ in range(count):
            self.made += 1
            self.rows.insert(0, (self.instant, f"run_{self.made}"))

    def _delete(self, count: int) -> None:
        """Delete `count` runs: in half of the calls a block (a clean-up), else from random places."""
        count = min(count, len(self.rows) - 1)
        if self.random.random() < 0.5:
            start = self.random.randrange(len(self.rows) - count + 1)
            gone = range(start, start + count)
        else:
            gone = self.random.sample(range(len(self.rows)), count)
        for index in sorted(gone, reverse=True):
            self.throughout.discard(self.rows.pop(index)[1])

    def _change(self) -> None:
        chance, condition = self.random, self.condition
        for _ in range(_some(chance, condition.inserts)):
            self._insert(1)
        self._delete(_some(chance, condition.deletes))
        if condition.burst and chance.random() < 0.25:
            if chance.random() < 0.5:
                self._insert(condition.burst)
            elif len(self.rows) > 2 * condition.burst:
                self._delete(condition.burst)
        if condition.tie > 1:
            shuffled: list[tuple[int, str]] = []
            for _, group in groupby(self.rows, key=lambda row: row[0]):
                members = list(group)
                chance.shuffle(members)
                shuffled += members
            self.rows = shuffled


def _some(chance: random.Random, mean: float) -> int:
    """Return 0 to 3, 1 on average; 0 where `mean` is 0."""
    return chance.choice((0, 0, 1, 1, 1, 1, 2, 3)) if mean else 0


def read_naive(world: World, limit: int) -> set[str]:
    """Return the ids that offset paging without overlap receives."""
    seen: set[str] = set()
    offset = 0
    while ids := world.page(offset, limit):
        seen.update(ids)
        offset += len(ids)
    return seen


def read_ours(world: World, limit: int, **options) -> tuple[set[str], SweepEnd]:
    """Return the ids that a sweep receives, and how it ended."""
    seen: set[str] = set()
    plan = sweep(limit=limit, **options)
    try:
        request = next(plan)
        while True:
            ids = world.page(request.offset, request.limit)
            seen.update(ids)
            request = plan.send(ids)
    except StopIteration as stop:
        return seen, stop.value


class Score(NamedTuple):
    naive_lost: int  # trials in which a run was missed that existed all the time
    ours_lost: int
    calls: list[int]
    incomplete: int


def score(condition: Condition, seeds: int, rows: int = 95, limit: int = 20) -> Score:
    """Return the results of naive paging and of sweeps over `seeds` trials of one condition."""
    naive_lost = ours_lost = incomplete = 0
    calls: list[int] = []
    for seed in range(seeds):
        world = World(seed, condition, rows)
        naive_lost += not read_naive(world, limit) >= world.throughout
        world = World(seed, condition, rows)
        seen, end = read_ours(world, limit)
        ours_lost += not seen >= world.throughout
        incomplete += not end.complete
        calls.append(end.pages)
    return Score(naive_lost, ours_lost, calls, incomplete)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=95)
    parser.add_argument("--page", type=int, default=20)
    asked = parser.parse_args()
    print(f"{asked.seeds} trials a condition, {asked.rows} runs, pages of {asked.page}")
    print(
        f"{'condition':28} {'naive lost':>10} {'ours lost':>10} {'incomplete':>10} {'calls: median':>14} {'max':>4}"
    )
    for condition in CONDITIONS:
        got = score(condition, asked.seeds, asked.rows, asked.page)
        naive, ours = 100 * got.naive_lost / asked.seeds, 100 * got.ours_lost / asked.seeds
        median = statistics.median(got.calls)
        print(
            f"{condition.name:28} {naive:9.1f}% {ours:9.1f}% {got.incomplete:10} {median:14.0f} {max(got.calls):4}"
        )


if __name__ == "__main__":
    main()
