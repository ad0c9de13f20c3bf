"""What runs cost, computed from their token usage and the prices in the config file. Pure.

A sum covers only what is known, so it is a lower bound if a price or a usage is missing. A cost without any known price
is unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from flowtui import formatting
from flowtui.model.run.row import CANCELLED, FAILED, QUEUED, Run
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.values.prices import Price, Prices

TOKENS_PER_PRICE: Final = 1_000_000
"""The number of tokens that a price in the config file pays for."""

WASTED: Final = frozenset({FAILED, CANCELLED})
"""Status classes of runs whose tokens count as wasted."""

_OUTCOME: Final = itemgetter(*map(Run._fields.index, ("status_class", "total_tokens")))

UsageBy = Literal["agent", "model", "thread"]

_KEY: Final[Mapping[UsageBy, Callable[[Run], str]]] = {
    "agent": attrgetter("agent_id"),
    "model": attrgetter("model"),
    "thread": attrgetter("thread_key"),
}


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


class TokenUsage(NamedTuple):
    """The tokens that one agent, model or thread used."""

    key: str
    """The raw id of the agent or thread, or the model."""
    name: str
    """The name for the user, display-safe."""
    runs: int
    """The number of runs."""
    tokens: int | None
    """The sum of the total tokens; None if no run reported a total."""
    share: float | None
    """The part of the tokens of all agents, models or threads, 0 to 1; None if unknown."""
    cost: Total
    wasted_tokens: int | None
    """The total tokens of failed and cancelled runs; None if none of these reported a total."""
    wasted_cost: Total
    """The cost of failed and cancelled runs."""
    reported: int
    """How many of the runs reported a total."""

    @property
    def per_run(self) -> float | None:
        """Average tokens of the runs that reported a total; None if none did."""
        return self.tokens / self.reported if self.tokens is not None else None


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


@dataclass(slots=True)
class _Sum:
    """A `Total` to which runs are added one by one."""

    amount: float = 0.0
    priced: int = 0
    partial: int = 0
    unpriced: int = 0
    unreported: int = 0
    unpriced_tokens: int = 0

    def add(self, run: Run, prices: Prices | None) -> None:
        found = cost(run, prices)
        if found is not None:
            self.amount += found.amount
            self.priced += 1
            self.partial += found.floor
        elif not _reported(run):
            self.unreported += run.status_class != QUEUED
        else:
            self.unpriced += 1
            self.unpriced_tokens += _tokens(run)

    def total(self, currency: str) -> Total:
        amount = self.amount if self.priced else None
        return Total(
            amount,
            currency,
            self.priced,
            self.partial,
            self.unpriced,
            self.unreported,
            self.unpriced_tokens,
        )


def _tokens(run: Run) -> int:
    """Return the total tokens of a run; if it reported no total, the sum of what it reported."""
    if run.total_tokens is not None:
        return run.total_tokens
    return (run.prompt_tokens or 0) + (run.completion_tokens or 0)


def _reported(run: Run) -> bool:
    return run.prompt_tokens is not None or run.completion_tokens is not None or run.total_tokens is not None


def costs(runs: Iterable[Run], prices: Prices | None) -> Costs:
    """Return what these runs have cost: all of them, and the failed and cancelled ones."""
    everything, wasted = _Sum(), _Sum()
    for run in runs:
        everything.add(run, prices)
        if run.status_class in WASTED:
            wasted.add(run, prices)
    currency = "" if prices is None else prices.currency
    return Costs(everything.total(currency), wasted.total(currency))


def waste(runs: Iterable[Run]) -> Waste:
    """Return the tokens of the failed and cancelled ones of these runs: 0 if there are no such runs."""
    found = [total for status_class, total in map(_OUTCOME, runs) if status_class in WASTED]
    known = [total for total in found if total is not None]
    return Waste(sum(known) if known or not found else None, len(found) - len(known))


@dataclass(slots=True)
class _Spent:
    """The usage of one agent, model or thread, to which runs are added one by one."""

    runs: int = 0
    reported: int = 0
    tokens: int | None = None
    wasted: int | None = None
    cost: _Sum = field(default_factory=_Sum)
    wasted_cost: _Sum = field(default_factory=_Sum)

    def add(self, run: Run, prices: Prices | None) -> None:
        self.runs += 1
        self.cost.add(run, prices)
        total, lost = run.total_tokens, run.status_class in WASTED
        if lost:
            self.wasted_cost.add(run, prices)
        if total is not None:
            self.reported += 1
            self.tokens = total + (self.tokens or 0)
            if lost:
                self.wasted = total + (self.wasted or 0)


def usage_key(by: UsageBy) -> Callable[[Run], str]:
    """Return the function that gives a run's agent id, model or raw thread id."""
    return _KEY[by]


def token_usage(
    runs: Iterable[Run], prices: Prices | None, by: UsageBy, names: Mapping[str, str] | None = None
) -> list[TokenUsage]:
    """Return the token usage per agent, model or thread.

    The usage with the most tokens comes first; equal ones are sorted by name; unknown usage comes last. `names` is raw
    id → display-safe name, such as the names of agents. Without a name the id is shown.
    """
    spent: dict[str, _Spent] = {}
    read = usage_key(by)
    for run in runs:
        key = read(run)
        own = spent.get(key)
        if own is None:
            own = spent[key] = _Spent()
        own.add(run, prices)
    everything = sum(own.tokens or 0 for own in spent.values())
    currency = "" if prices is None else prices.currency
    found = [
        TokenUsage(
            key,
            (names or {}).get(key) or safe_text(key) or formatting.UNKNOWN,
            own.runs,
            own.tokens,
            own.tokens / everything if own.tokens is not None and everything else None,
            own.cost.total(currency),
            own.wasted,
            own.wasted_cost.total(currency),
            own.reported,
        )
        for key, own in spent.items()
    ]
    return sorted(found, key=lambda one: (one.tokens is None, -(one.tokens or 0), one.name, one.key))


def by_cost(found: Iterable[TokenUsage]) -> list[TokenUsage]:
    """Return usages sorted by cost, the highest first.

    A usage whose cost is unknown because a model has no price comes before all others, as its cost may be the highest.
    A usage whose cost is unknown because no tokens were reported comes last.
    """

    def rank(one: TokenUsage) -> tuple[int, float]:
        if one.cost.amount is not None:
            return 1, -one.cost.amount
        return (0 if one.cost.unpriced else 2), 0.0

    return sorted(found, key=rank)


def combined_usage(found: Iterable[TokenUsage], name: str) -> TokenUsage:
    """Return the sum of several usages under one name. They must not have a run in common."""
    parts = list(found)
    return TokenUsage(
        "",
        name,
        sum(part.runs for part in parts),
        _known(part.tokens for part in parts),
        None,
        _all([part.cost for part in parts]),
        _known(part.wasted_tokens for part in parts),
        _all([part.wasted_cost for part in parts]),
        sum(part.reported for part in parts),
    )


def _known(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _all(parts: list[Total]) -> Total:
    amounts = [part.amount for part in parts if part.amount is not None]
    return Total(
        sum(amounts) if amounts else None,
        parts[0].currency if parts else "",
        sum(part.priced for part in parts),
        sum(part.partial for part in parts),
        sum(part.unpriced for part in parts),
        sum(part.unreported for part in parts),
        sum(part.unpriced_tokens for part in parts),
    )
