"""Counts wrong verdicts of the deploy gate, and the runs it needs to detect a change. Seeded: the same each time.

    python -m benchmarks.gate [--seeds 1000] [--jobs 2]

The gate judges while the runs come in, as in a watch: failed runs are shorter than the others, and the outcome of
active runs is not known yet. Durations and tokens are lognormal (sigma 0.7). Takes about 20 minutes of CPU; exits with
1 if the gate fails for more than 5 % of the unchanged releases, or finds less than 90 % of the three effects.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final, NamedTuple

from flowtui.model.gate import FAIL, Judgement, Side, judge, parse_gate
from flowtui.model.gate.interim_looks import sizes
from flowtui.model.run.row import COMPLETED, FAILED, RUNNING, Run

SENSIBLE: Final = "failure_rate <= base + 2% and p95(duration) <= base * 1.2 and tokens_per_run <= base * 1.5"
STRICT: Final = "failure_rate <= base and p95(duration) <= base and tokens_per_run <= base"
SIGMA: Final = 0.7
WINDOW: Final = 7_200.0


class World(NamedTuple):
    """The share of failed runs before (`failures`) and after a release, and factors for durations and tokens after it."""

    failures: float = 0.05
    failures_now: float = 0.05
    slow: float = 1.0
    greedy: float = 1.0


class Plan(NamedTuple):
    """One line of a table, with `runs` runs on each side for each of `agents` agents."""

    name: str
    world: World
    gate: str = SENSIBLE
    runs: int = 200
    agents: int = 1


UNCHANGED: Final = (
    Plan("the gate above", World()),
    Plan("the gate above, 5 agents", World(), agents=5),
    Plan("no margins (`<= base` three times)", World(), STRICT),
    Plan("no margins, 5 agents", World(), STRICT, agents=5),
    Plan("no margins, 60 runs a side, 2 % fail", World(0.02, 0.02), STRICT, runs=60),
)
FOUND: Final = (
    Plan("failures 5 % → 20 %", World(failures_now=0.2)),
    Plan("durations doubled", World(slow=2.0)),
    Plan("tokens doubled", World(greedy=2.0)),
)
SMALLER: Final = (
    Plan("failures 5 % → 10 %", World(failures_now=0.1)),
    Plan("durations +50 %", World(slow=1.5)),
    Plan("durations +25 %", World(slow=1.25)),
    Plan("durations +50 %, `p50(duration) <= base * 1.2`", World(slow=1.5), "p50(duration) <= base * 1.2"),
    Plan("durations +25 %, `p50(duration) <= base * 1.1`", World(slow=1.25), "p50(duration) <= base * 1.1"),
    Plan("tokens +25 %, `tokens_per_run <= base * 1.1`", World(greedy=1.25), "tokens_per_run <= base * 1.1"),
)
NUMBERS: Final = (100, 200, 300, 400, 600, 800, 1_200, 1_600, 2_400, 3_200, 4_800)


def runs_of(
    chance: random.Random, since: float, count: int, agent: str, world: World, *, now: bool
) -> list[Run]:
    """Return `count` ended runs of one agent, created within `WINDOW` seconds after `since`."""
    return [
        _run(chance, since + WINDOW * chance.random(), f"{agent}_{number}_{now}", agent, world, now=now)
        for number in range(count)
    ]


def _run(chance: random.Random, created: float, run_id: str, agent: str, world: World, *, now: bool) -> Run:
    failed = chance.random() < (world.failures_now if now else world.failures)
    took = chance.lognormvariate(3.5, SIGMA) * (world.slow if now else 1.0)
    took *= 0.5 if failed else 1.0
    used = round(chance.lognormvariate(8.0, SIGMA) * (world.greedy if now else 1.0))
    end = created + 1.0 + took
    ends = (end, None) if failed else (None, end)
    status = FAILED if failed else COMPLETED
    return Run(
        "thr",
        run_id,
        run_id,
        agent,
        status,
        status,
        "",
        False,
        created,
        created + 1.0,
        None,
        None,
        *ends,
        None,
        None,
        used,
        None,
    )


def as_of(runs: list[Run], now: float) -> list[Run]:
    """Return the runs as they were at `now`."""
    return [_as_of(run, now) for run in runs if run.created is not None and run.created < now]


def _as_of(run: Run, now: float) -> Run:
    if run.ended is not None and run.ended <= now:
        return run
    return run._replace(status=RUNNING, status_class=RUNNING, failed=None, completed=None, total_tokens=None)


def judgements(plan: Plan, seed: int) -> Iterator[Judgement]:
    """Yield the judgements while runs come in, and the final one."""
    chance = random.Random(f"{plan.world} {plan.runs} {seed}")
    names = [f"agent_{number}" for number in range(plan.agents)]
    base = [run for name in names for run in runs_of(chance, 0.0, plan.runs, name, plan.world, now=False)]
    new = [run for name in names for run in runs_of(chance, WINDOW, plan.runs, name, plan.world, now=True)]
    new.sort(key=lambda run: run.created or 0.0)
    ask = partial(
        judge, parse_gate(plan.gate), Side(base, 0.0, WINDOW), min_runs=20, by_agent=plan.agents > 1
    )
    for size in sizes():
        place = int(size * 1.1 + 2) * plan.agents  # some runs more, so that about `size` have ended
        if place >= len(new):
            break
        now = new[place].created or 0.0
        yield ask(new=Side(as_of(new, now), WINDOW, now), final=False)
    yield ask(new=Side(new, WINDOW, 3 * WINDOW), final=True)


def fails(plan: Plan, seed: int) -> bool:
    """Return whether any of the judgements fails."""
    return any(judgement.verdict == FAIL for judgement in judgements(plan, seed))


def share(pool: ProcessPoolExecutor, plan: Plan, seeds: int) -> float:
    return sum(pool.map(partial(fails, plan), range(seeds), chunksize=max(1, min(25, seeds // 8)))) / seeds


def enough(pool: ProcessPoolExecutor, plan: Plan, seeds: int) -> tuple[int, float] | None:
    """Return the fewest runs a side with which 80 % are found, and the share found; None if 80 % are never found."""
    for runs in NUMBERS:
        found = share(pool, plan._replace(runs=runs), seeds)
        if found >= 0.8:
            return runs, found
    return None


def cost(runs: int) -> tuple[float, float]:
    """Return the milliseconds of CPU of the first judgement, and of the next one with one more run."""
    chance = random.Random(runs)
    base, new = (
        runs_of(chance, start, runs, "agent", World(), now=now)
        for start, now in ((0.0, False), (WINDOW, True))
    )
    gate, spent = parse_gate(SENSIBLE), []
    for kept in (runs - 1, runs):
        start = time.process_time()
        judge(gate, Side(base, 0.0, WINDOW), Side(new[:kept], WINDOW, 3 * WINDOW), min_runs=20, final=True)
        spent.append((time.process_time() - start) * 1e3)
    return spent[0], spent[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    missed = 0
    print(f"gate: {SENSIBLE}\n{asked.seeds} seeds, 200 runs a side (and agent)\n", flush=True)
    with ProcessPoolExecutor(asked.jobs) as pool:
        print("| nothing changed | wrong fails |\n| --- | ---: |")
        for plan in UNCHANGED:
            wrong = share(pool, plan, asked.seeds)
            missed += wrong > 0.05
            print(f"| {plan.name} | {wrong:.1%} |", flush=True)
        print("\n| effect | found |\n| --- | ---: |")
        for plan in FOUND:
            found = share(pool, plan, asked.seeds)
            missed += found < 0.9
            print(f"| {plan.name} | {found:.1%} |", flush=True)
        print("\n| smaller effect | runs a side for 80 % | found |\n| --- | ---: | ---: |")
        for plan in SMALLER:
            runs = enough(pool, plan, max(1, asked.seeds // 5))
            print(
                f"| {plan.name} | {'more than 4,800 | ' if runs is None else f'{runs[0]:,} | {runs[1]:.0%}'} |",
                flush=True,
            )
    print("\n| runs a side | first judgement | the next, with a run more |\n| ---: | ---: | ---: |")
    for runs in (200, 1_000, 10_000):
        first, again = cost(runs)
        print(f"| {runs:,} | {first:.0f} ms | {again:.0f} ms |")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
