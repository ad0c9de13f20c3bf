"""What runs cost, computed from their token usage and the prices in the config file. Pure.

A sum covers only what is known, so it is a lower bound if a price or a usage is missing. A cost without any known price
is unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final, NamedTuple, TypeVar

from flowtui import formatting
from flowtui.config.values.prices import Price, Prices
from flowtui.model.run.row import CANCELLED, FAILED, QUEUED, Run, getter

Number = TypeVar("Number", int, float)

TOKENS_PER_PRICE: Final = 1_000_000
"""The number of tokens that a price in the config file pays for."""

WASTED: Final = frozenset({FAILED, CANCELLED})
"""Status classes of runs whose tokens count as wasted."""

_OUTCOME: Final = getter("status_class", "total_tokens")


class Cost(NamedTuple):
    """The cost of one run up to now."""

    amount: float
    """The cost, in the currency of the prices."""
    floor: bool
    """Whether the cost may be higher, because the run goes on or its usage is incomplete."""


class Total(NamedTuple):
    """The cost of several runs."""

    amount: float | None
    """The sum of all known costs; None if no run has a known cost."""
    currency: str
    priced: int = 0
    """The number of runs in the sum."""
    partial: int = 0
    """How many runs in the sum have a cost that is only a lower bound."""
    unpriced: int = 0
    """The number of runs that are not in the sum because their model has no price."""
    unreported: int = 0
    """The number of runs that are not in the sum because they reported no usage.

    Queued runs are not counted here, as they have cost nothing yet.
    """
    unpriced_tokens: int = 0
    """The tokens of the runs that are not in the sum because their model has no price."""

    @property
    def floor(self) -> bool:
        """Whether the true cost may be higher than `amount`."""
        return bool(self.partial or self.unpriced or self.unreported)

    def text(self) -> str:
        """Return the total for display: `$0.41`, `≥$0.41` if something is missing, `—` if nothing is known."""
        return formatting.money(self.amount, self.currency, floor=self.floor)


class Costs(NamedTuple):
    """What runs have cost."""

    total: Total
    """The cost of all runs."""
    wasted: Total
    """The cost of the failed and cancelled runs."""


class Waste(NamedTuple):
    """The tokens of failed and cancelled runs."""

    tokens: int | None
    """The sum of the totals; None if there are such runs, but none of them reported a total."""
    unreported: int
    """How many of these runs reported no total. If there are any, `tokens` is a lower bound."""


def cost(run: Run, prices: Prices | None) -> Cost | None:
    """Return what a run has cost so far; None if its model has no price, or if it reported no tokens."""
    price = None if prices is None else prices.of(run.model)
    return None if price is None else _cost(run, price)


def _cost(run: Run, price: Price) -> Cost | None:
    prompt, completion, total = run.prompt_tokens, run.completion_tokens, run.total_tokens
    try:
        if prompt is not None or completion is not None:
            amount = ((prompt or 0) * price.prompt + (completion or 0) * price.completion) / TOKENS_PER_PRICE
            return Cost(amount, prompt is None or completion is None or not run.terminal)
        if total is not None:  # prompt or completion is not known: each token costs at least the lower price
            least = total * min(price) / TOKENS_PER_PRICE
            return Cost(least, price.prompt != price.completion or not run.terminal)
    except OverflowError:  # an integer of more than 308 digits does not fit a float
        return None
    return None


def _total(runs: Iterable[Run], prices: Prices | None) -> Total:
    amount = 0.0
    priced = partial = unpriced = unreported = unpriced_tokens = 0
    for run in runs:
        found = cost(run, prices)
        if found is not None:
            amount += found.amount
            priced += 1
            partial += found.floor
        elif (tokens := _tokens(run)) is None:
            unreported += run.status_class != QUEUED
        else:
            unpriced += 1
            unpriced_tokens += tokens
    currency = "" if prices is None else prices.currency
    known = amount if priced else None
    return Total(known, currency, priced, partial, unpriced, unreported, unpriced_tokens)


def _tokens(run: Run) -> int | None:
    """Return the total tokens of a run, else the sum of what it reported; None if it reported nothing."""
    if run.total_tokens is not None:
        return run.total_tokens
    return known_sum((run.prompt_tokens, run.completion_tokens))


def _wasted(runs: Iterable[Run]) -> list[Run]:
    return [run for run in runs if run.status_class in WASTED]


def costs(runs: Sequence[Run], prices: Prices | None) -> Costs:
    """Return what these runs have cost: all of them, and the failed and cancelled ones."""
    return Costs(_total(runs, prices), _total(_wasted(runs), prices))


def add_costs(parts: Sequence[Total], currency: str) -> Total:
    """Return the sum of several costs. They must not have a run in common."""
    counts = (sum(map(attrgetter(name), parts)) for name in Total._fields[2:])
    return Total(known_sum(part.amount for part in parts), currency, *counts)


def known_sum(numbers: Iterable[Number | None]) -> Number | None:
    """Return the sum of the numbers that are known; None if none is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def waste(runs: Iterable[Run]) -> Waste:
    """Return the tokens of the failed and cancelled ones of these runs: 0 if there are no such runs."""
    found = [total for status_class, total in map(_OUTCOME, runs) if status_class in WASTED]
    known = [total for total in found if total is not None]
    return Waste(sum(known) if known or not found else None, len(found) - len(known))
