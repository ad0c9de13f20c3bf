"""Tokens and costs of the runs of each agent: the same numbers as `sums`, in a fraction of the time. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from flowtui.config.values.prices import Prices
from flowtui.model.run.cost import TOKENS_PER_PRICE, WASTED, Costs, Total, Waste
from flowtui.model.run.row import TERMINAL, Run, getter
from flowtui.model.stats.thread_totals import Sums, add_sums, sums
from flowtui.model.stats.totals import Totals

NO_SUMS: Final = Sums()
"""The sums of no runs."""

_READ: Final = getter(
    "agent_id", "model", "status_class", "prompt_tokens", "completion_tokens", "total_tokens"
)
_MOST: Final = 10**12  # tokens of a run; a greater number may not fit a float
_Key = tuple[str, str, str]


def spend_by_agent(runs: Iterable[Run], prices: Prices | None) -> dict[str, Sums]:
    """Return agent id → the sums of its runs.

    The tokens of ended runs that reported all of theirs are added up by agent, model and class, so that a price is looked up
    once for each; all others are summed up one by one.
    """
    added: defaultdict[_Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    others: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        agent, model, status_class, prompt, completion, total = _READ(run)
        if (
            prompt is None
            or completion is None
            or total is None
            or status_class not in TERMINAL
            or prompt + completion + total > _MOST
        ):
            others[agent].append(run)
            continue
        one = added[agent, model, status_class]
        one[0] += 1
        one[1] += prompt
        one[2] += completion
        one[3] += total
    parts: defaultdict[str, list[Sums]] = defaultdict(list)
    for key, numbers in added.items():
        parts[key[0]].append(_sums(key, numbers, prices))
    for agent, rest in others.items():
        parts[agent].append(sums(rest, prices))
    return {agent: add_sums(own, prices) for agent, own in parts.items()}


def _sums(key: _Key, numbers: list[int], prices: Prices | None) -> Sums:
    _, model, status_class = key
    runs, prompt, completion, total = numbers
    wasted = status_class in WASTED
    counted = Totals(runs, runs, prompt, completion, total, {status_class: runs})
    waste = Waste(total if wasted else 0, 0)
    if prices is None:
        return Sums(counted, None, waste)
    price = prices.of(model)
    if price is None:
        cost = Total(None, prices.currency, unpriced=runs, unpriced_tokens=total)
    else:
        amount = (prompt * price.prompt + completion * price.completion) / TOKENS_PER_PRICE
        cost = Total(amount, prices.currency, priced=runs)
    return Sums(counted, Costs(cost, cost if wasted else Total(None, prices.currency)), waste)
