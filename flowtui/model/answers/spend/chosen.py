"""What is known of one spender besides its sums: its dearest runs, what waste has which reason, since the last release. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.spend.spend import Spender
from flowtui.model.answers.spend.spent import amount_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.cost import WASTED, Total, costs
from flowtui.model.run.row import Run, RunKey


class ReasonWaste(NamedTuple):
    """The failed runs of one reason, and what they used."""

    reason: Reason | None
    """None: no reason is known yet."""
    runs: int
    tokens: int | None
    """None if none of them reported a total."""
    cost: Total


class Rate(NamedTuple):
    """Tokens an hour since a moment and before it, in whole steps of time."""

    since: float
    """When the first step after the moment begins."""
    now: float
    before: float | None
    """None if no step lies before it."""


def used_of(run: Run) -> int | None:
    """Return the tokens of a run; None if it reported none."""
    if run.total_tokens is not None:
        return run.total_tokens
    if run.prompt_tokens is None and run.completion_tokens is None:
        return None
    return (run.prompt_tokens or 0) + (run.completion_tokens or 0)


def run_cost(run: Run, prices: Prices | None) -> float | None:
    """Return what a run cost, at least; None if unknown."""
    price = None if prices is None else prices.of(run.model)
    if price is None:
        return None
    return amount_of(price, run.prompt_tokens, run.completion_tokens, run.total_tokens)


def dearest(runs: Iterable[Run], prices: Prices | None, most: int) -> list[Run]:
    """Return the runs that cost most, then those that used most without a known cost; runs without tokens are left out."""
    found: dict[RunKey, tuple[bool, float, int, Run]] = {}
    for run in runs:
        used = used_of(run)
        if used is not None:
            amount = run_cost(run, prices)
            found[run.key] = (amount is None, -(amount or 0.0), -used, run)
    return [each[-1] for each in sorted(found.values(), key=lambda each: (*each[:3], each[3].key))[:most]]


def waste_by_reason(
    failed: Iterable[Run], reasons: Mapping[RunKey, Reason], prices: Prices | None
) -> list[ReasonWaste]:
    """Return the reasons of failed runs: the one whose runs cost most first, or used most if no cost is known."""
    groups: defaultdict[Reason | None, list[Run]] = defaultdict(list)
    for run in failed:
        groups[reasons.get(run.key)].append(run)
    found = []
    for reason, runs in groups.items():
        known = [run.total_tokens for run in runs if run.total_tokens is not None]
        found.append(ReasonWaste(reason, len(runs), sum(known) if known else None, costs(runs, prices).total))
    return sorted(found, key=_most_first)


def _most_first(one: ReasonWaste) -> tuple[float, float, int, bool]:
    return -(one.cost.amount or 0.0), -(one.tokens or 0), -one.runs, one.reason is None


def half_of_waste(runs: Iterable[Run]) -> tuple[int, int]:
    """Return how few failed and cancelled runs used half of the wasted tokens, and how many such runs used any."""
    used = sorted((run.total_tokens or 0 for run in runs if run.status_class in WASTED), reverse=True)
    used = [tokens for tokens in used if tokens > 0]
    whole, so_far = sum(used), 0
    for place, tokens in enumerate(used, 1):
        so_far += tokens
        if 2 * so_far >= whole:
            return place, len(used)
    return 0, 0


def rate_since(one: Spender, at: float, since: float, until: float, step: float) -> Rate | None:
    """Return the tokens an hour since a moment of a range, and before it; None if not one step has passed since then."""
    first, begin, end = math.ceil(at / step), math.ceil(since / step), math.floor(until / step)
    if first >= end or first < begin:
        return None
    now = _rate(one, first, end, step)
    return Rate(
        first * step, now, _rate(one, begin, math.floor(at / step), step) if at > (begin + 1) * step else None
    )


def _rate(one: Spender, first: int, end: int, step: float) -> float:
    used = sum(
        tokens for steps in (one.done, one.wasted) for place, tokens in steps.items() if first <= place < end
    )
    return min(used, 10**18) * 3600.0 / (step * (end - first))


def spread_steps(steps: Mapping[int, int], first: float, each: float, cells: int) -> list[float]:
    """Return the tokens of `cells` columns of `each` steps, from the place `first` on, neither of them a whole number.

    The tokens of a step are divided between two columns by how much of it belongs to each.
    """
    found = [0.0] * cells
    for step, tokens in steps.items():
        begin, end = (step - first) / each, (step + 1 - first) / each
        for cell in range(max(0, math.floor(begin)), min(cells, math.ceil(end))):
            part = min(end, cell + 1) - max(begin, cell)
            found[cell] += min(tokens, 10**18) * max(0.0, part) / (end - begin)
    return found


def steps_as(steps: Mapping[int, int], first: int, each: int, cells: int) -> list[float]:
    """Return the tokens of `cells` columns of `each` steps; the first column begins with the step `first`."""
    found = [0] * cells
    for step, tokens in steps.items():
        if 0 <= (place := (step - first) // each) < cells:
            found[place] += tokens
    return [float(min(tokens, 10**18)) for tokens in found]
