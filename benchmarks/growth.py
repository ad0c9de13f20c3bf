"""Measures how flowtui's costs grow with the number of known runs, from 1,000 to 100,000, twenty in a thread.

    python -m benchmarks.growth [--rounds 5]

CPU time at five sizes, and the exponent of the growth over the last four (1: like the number of runs); they are
compared with nothing else. Writes the table in README.md, from which `growth_plot` draws a picture. Exits with 1 where
a cost grows faster than n log n, or a tick of the table grows at all. Takes some four minutes.
"""

from __future__ import annotations

import argparse
import gc
import math
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from benchmarks import table_sizes
from benchmarks.company_runs import IN_THREAD, Company, pages, store
from benchmarks.hosts import NOW
from benchmarks.planning import Planning
from benchmarks.whole_screen import updates
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.run import parsing
from flowtui.model.state.known_runs import ThreadState, apply_runs
from flowtui.model.view.groups import EVERYTHING, Grouper
from flowtui.model.view.sorting import sort_runs
from flowtui.model.view.view import View, matching_runs
from flowtui.source.poll.poller import Poller
from flowtui.source.read.thread_reader import HEAD_PAGE, LOAD_PAGE
from flowtui.ui.table.cell_style import cell_context

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
WALK = "one walk over all runs"
# n log n is 1.1 to 1.2; a walk over all runs may be steeper, as no CPU cache holds 100,000 runs
STEEPEST = 1.25
FITTED = 4  # sizes; at the smallest one fixed costs hide the growth
FLAT, FLAT_TIMES = 0.15, 1.5  # of a tick of the table: exponent, and the last size against the first
README = Path(__file__).with_name("README.md")
START, END = "<!-- made by benchmarks.growth -->", "<!-- end of growth -->"
HEAD = f"| what | {' | '.join(f'{size:,}' for size in SIZES)} | exponent |"
MEMORY, TICK = "memory held, MB", "table: tick, 1,000 changes"
_LONG_ENOUGH = 0.02  # shortest turn in seconds of CPU

Work = Callable[[], object]
Measured = tuple[str, int, float]
"""Name, runs, seconds of CPU (of memory: MB)."""


class Grown(NamedTuple):
    """One line of the table: a figure for each of `SIZES`, in milliseconds of CPU or in MB."""

    what: str
    figures: list[float]

    @property
    def exponent(self) -> float:
        """The exponent of the growth: the slope over the last sizes, with both axes logarithmic."""
        points = [
            (math.log(x), math.log(y)) for x, y in zip(SIZES[-FITTED:], self.figures[-FITTED:], strict=True)
        ]
        return statistics.linear_regression(*zip(*points, strict=True)).slope

    def kept(self, walk: float) -> bool:
        """Return whether the growth is within its limit, given the exponent `walk` of a walk over all runs."""
        if self.what == TICK:
            return self.exponent <= FLAT and self.figures[-1] <= FLAT_TIMES * self.figures[0]
        return self.exponent <= max(STEEPEST, walk)


def decoding(size: int) -> dict[str, Work]:
    bodies = pages(size, LOAD_PAGE)
    return {
        "bodies to rows, 100 a page": lambda: [parsing.parse_runs(body, key).rows for key, body in bodies]
    }


def knowing(size: int) -> dict[str, Work]:
    """Add rows to the store, and make the snapshot."""
    company = Company(size)
    poller = Poller(SimpleNamespace(), fleet=True)  # type: ignore[arg-type]  it is not run
    poller.observer.states = company.states
    rows = [run for own in company.by_thread.values() for run in own]
    alone = apply_runs(ThreadState("t", 2.0), rows, at=0.0, whole=True)[0]
    newest = list(alone.runs.values())[:HEAD_PAGE]
    tokens = iter(range(10**9))

    def first_looks() -> object:
        return [
            apply_runs(ThreadState(key, 2.0), own, at=0.0, whole=True)
            for key, own in company.by_thread.items()
        ]

    def one_poll() -> object:
        company.turn()
        return poller.snapshot()

    def crowded() -> object:
        head = [newest[0]._replace(total_tokens=next(tokens)), *newest[1:]]
        return apply_runs(alone, head, at=1.0, whole=False)

    return {
        "rows into the store, first looks": first_looks,
        "a poll that changes a run": one_poll,
        "a poll, all runs in one thread": crowded,
    }


def showing(size: int) -> dict[str, Work]:
    """Compute what a screen shows of a snapshot."""
    company, tally = Company(size), Grouper()
    context = cell_context(company.snapshot(), NOW, Context(NOW))
    runs = list(company.snapshot().runs())
    narrowed = View(text="agent_3 tokens>1500")
    return {
        WALK: lambda: sum(run.total_tokens or 0 for run in runs),
        "totals after a change": lambda: tally.of(company.turn().snapshot, EVERYTHING, context),
        "filter: word and number": lambda: matching_runs(company.snapshot(), narrowed, context),
        "sort by age": lambda: sort_runs(runs, COLUMNS["age"], context),
        "sort by tokens": lambda: sort_runs(runs, COLUMNS["tokens"], context),
    }


def planning(size: int) -> dict[str, Work]:
    turns = Planning(Company(size))
    return {"who is next, 60 s of polls": lambda: turns.passing(60.0)}


def drawing(size: int, rounds: int) -> float:
    """Return the seconds of CPU of an update of the whole dashboard."""
    return statistics.median(updates(Company(size), 2 * rounds))


def memory(size: int) -> float:
    """Return the memory of the runs in the store, in MB."""
    bodies = pages(size, IN_THREAD)
    store(bodies[:1])
    gc.collect()
    tracemalloc.start()
    held = store(bodies)
    gc.collect()
    found = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del held
    return found


def spent(work: Work, rounds: int) -> float:
    """Return the median seconds of CPU of `work`, in turns of at least `_LONG_ENOUGH`."""
    work()
    before = time.process_time()
    work()
    times = max(1, math.ceil(_LONG_ENOUGH / max(1e-6, time.process_time() - before)))
    turns = []
    for _ in range(rounds):
        before = time.process_time()
        for _ in range(times):
            work()
        turns.append((time.process_time() - before) / times)
    return statistics.median(turns)


def measured(rounds: int) -> Iterator[Measured]:
    """Yield all figures except those of the run table."""
    for size in SIZES:
        for make in (decoding, knowing, planning, showing):
            works = make(size)
            gc.collect()
            gc.freeze()  # as after the start of the dashboard; new objects are collected as usual
            for name, work in works.items():
                yield name, size, spent(work, rounds)
            gc.unfreeze()
        yield "dashboard: an update drawn", size, drawing(size, rounds)
        yield MEMORY, size, memory(size)


def lines(found: list[Measured]) -> list[Grown]:
    """Return the figures as lines, one for each name."""
    by_name: dict[str, dict[int, float]] = {}
    for name, size, seconds in found:
        by_name.setdefault(name, {})[size] = seconds * (1.0 if name == MEMORY else 1000.0)
    return [Grown(name, [figures[size] for size in SIZES]) for name, figures in by_name.items()]


def row(one: Grown, walk: float) -> str:
    figures = " | ".join(f"{figure:,.3g}" if figure < 100 else f"{figure:,.0f}" for figure in one.figures)
    return f"| {one.what} | {figures} | {one.exponent:.2f}{'' if one.kept(walk) else ', **too fast**'} |"


def write(rows: list[str]) -> None:
    """Replace the table in README.md."""
    before, _, rest = README.read_text().partition(START)
    rule = f"| --- |{' ---: |' * (len(SIZES) + 1)}"
    README.write_text(before + "\n".join([START, HEAD, rule, *rows, END]) + rest.partition(END)[2])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns, at least 5 (default 5)")
    rounds = max(5, parser.parse_args().rounds)
    found = lines([*measured(rounds), *table_alone()])
    walk = next(one.exponent for one in found if one.what == WALK)
    rows = [row(one, walk) for one in found]
    print("\n".join([HEAD, *rows]))
    write(rows)
    return 0 if all(one.kept(walk) for one in found) else 1


def table_alone() -> list[Measured]:
    """Return the figures of the table."""
    short = {table_sizes.WINDOW: TICK, table_sizes.MOVE: "table: a tick and a new order"}
    return [
        (short.get(what, f"table: {what}"), size, seconds) for what, size, seconds in table_sizes.by_size()
    ]


if __name__ == "__main__":
    sys.exit(main())
