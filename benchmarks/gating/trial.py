"""Plays one release: when the gate and the other tests end, and with which verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from benchmarks.gating.comparators import (
    Counts,
    PValues,
    always_valid,
    exact_binomial,
    quantile,
    rates,
    welch,
)
from benchmarks.gating.plans import Plan
from benchmarks.gating.worlds import WINDOW, History, as_of, history
from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS, Judgement, Side, judge, parse_gate
from flowtui.model.gate.interim_looks import sizes
from flowtui.model.gate.tree import FAILURE_RATE, SHARES, TOKENS_PER_RUN, Base, Compare, asks_base
from flowtui.model.run.row import FAILED, Run

ALPHA: Final = 0.05

GATE: Final = "gate"
SPLIT: Final = "split"
VALID: Final = "valid"
ONCE: Final = "once"
METHODS: Final = (GATE, SPLIT, VALID, ONCE)

_FEWEST: Final = 5


class End(NamedTuple):
    """How a trial ended."""

    verdict: str
    runs: int
    """The number of new runs by then."""


Ask = Callable[[int], PValues]
"""Takes a number of new runs, the first ones, and returns the p-values."""


def play(plan: Plan, seed: int) -> dict[str, End]:
    """Return how each method ends; methods that cannot answer the plan's gate are missing."""
    runs = history(plan.world, seed)
    ends = {GATE: gate_end(plan, runs)}
    asks = _questions(plan, runs)
    if asks is not None:
        textbook, valid = asks
        looks = [*_looks(len(runs.new)), len(runs.new)]
        ends[SPLIT] = _first_end(textbook, looks, ALPHA / len(looks))
        ends[ONCE] = _first_end(textbook, [len(runs.new)], ALPHA)
        if valid is not None:
            ends[VALID] = _first_end(valid, _often(len(runs.new)), ALPHA)
    return ends


def gate_end(plan: Plan, runs: History) -> End:
    """Return how the gate ends. As in a watch, its first verdict counts."""
    for judgement, new in judgements(plan, runs):
        if judgement.verdict != INCONCLUSIVE:
            return End(judgement.verdict, new)
    return End(INCONCLUSIVE, len(runs.new))


def judgements(plan: Plan, runs: History) -> Iterator[tuple[Judgement, int]]:
    """Yield the judgements while runs come in, and the final one, each with the number of new runs."""
    ask = partial(
        judge, parse_gate(plan.gate), Side(runs.base, 0.0, WINDOW), min_runs=20, by_agent=plan.by_agent
    )
    agents = max(1, len(plan.world.agents)) if plan.by_agent else 1
    for size in sizes():
        # Where runs take time, some more must have been created for `size` of them to have ended.
        place = (int(size * 1.1 + 2) if plan.world.timed else size) * agents
        if place >= len(runs.new):
            break
        now = runs.new[place].created or 0.0
        seen = as_of(runs.new, now) if plan.world.timed else runs.new[:place]
        yield ask(new=Side(seen, WINDOW, now), final=False), place
    yield ask(new=Side(runs.new, WINDOW, 3 * WINDOW), final=True), len(runs.new)


def _first_end(ask: Ask, looks: list[int], alpha: float) -> End:
    for runs in looks:
        found = ask(runs)
        if found.above <= alpha:
            return End(FAIL, runs)
        if found.below <= alpha:
            return End(PASS, runs)
    return End(INCONCLUSIVE, looks[-1])


def _looks(runs: int) -> Iterator[int]:
    """Yield the looks of the test with split error: each half as large again as the one before."""
    size = _FEWEST
    while size < runs:
        yield size
        size = -(-size * 3 // 2)


def _often(runs: int) -> list[int]:
    """Return when the always-valid test is asked: after each run, later after each fortieth part of the runs."""
    places, place = [], 1
    while place < runs:
        places.append(place)
        place += max(1, place // 40)
    return [*places, runs]


def _questions(plan: Plan, runs: History) -> tuple[Ask, Ask | None] | None:
    """Return the textbook test for the plan's gate and the always-valid one; None if the gate has several comparisons."""
    gate = parse_gate(plan.gate)
    if len(gate.comparisons) > 1:
        return None
    leaf = gate.comparisons[0]
    if leaf.metric == FAILURE_RATE:
        return _of_rates(leaf, runs)
    factor = 1.0 if isinstance(leaf.limit, Base) else leaf.limit.at(1.0)
    read = _tokens if leaf.metric == TOKENS_PER_RUN else _duration
    base, new = ([read(run) for run in side] for side in runs)
    if leaf.metric in SHARES:
        return (lambda seen: quantile(new[:seen], base, SHARES[leaf.metric], factor)), None
    return (lambda seen: welch(new[:seen], base, factor)), None


def _of_rates(leaf: Compare, runs: History) -> tuple[Ask, Ask | None]:
    failed = [0]
    for run in runs.new:
        failed.append(failed[-1] + (run.status_class == FAILED))
    before, bases = sum(run.status_class == FAILED for run in runs.base), len(runs.base)
    margin = round(leaf.limit.at(0.0), 6)
    if not asks_base(leaf.limit):
        return (lambda seen: exact_binomial(failed[seen], seen, margin)), None

    def counts(seen: int) -> Counts:
        return Counts(failed[seen], seen, before, bases)

    return (lambda seen: rates(counts(seen), margin)), (lambda seen: always_valid(counts(seen), margin))


def _tokens(run: Run) -> float:
    return float(run.total_tokens or 0)


def _duration(run: Run) -> float:
    return run.duration(0.0) or 0.0
