"""Adds up what runs used: from rows, and from sums of the history. Pure.

Rows are first added up to the same sums as the history has; costs are computed from these, as a cost is linear in the
tokens. Tokens count by the end of a run; active runs count only if they are among the rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.config.values.prices import Price, Prices
from flowtui.model.history.past import SpentBy, SpentSum
from flowtui.model.history.statistics import moments
from flowtui.model.run.cost import TOKENS_PER_PRICE, WASTED, Total, add_costs, known_sum
from flowtui.model.run.row import GROUP_KEY, QUEUED, TERMINAL, Run, getter

BEFORE_ALL: Final = "0"
"""The key of the runs that were created before all releases, or at an unknown time."""

_READ: Final = getter("model", "status_class", "prompt_tokens", "completion_tokens", "total_tokens")
_CREATED: Final = getter("created")

_Same = tuple[str, int, str, str, int]
"""What the runs of a sum have in common: key, step, model, status class, and which counts they reported, as bits."""


class Spent(NamedTuple):
    """What some runs used and cost."""

    runs: int = 0
    reported: int = 0
    """How many of the runs reported a total."""
    tokens: int | None = None
    """The sum of the totals; None if no run reported one."""
    by_class: Mapping[str, int] = {}
    """Status class → the tokens of its runs."""
    counts: Mapping[str, int] = {}
    """Status class → how many runs."""
    models: Mapping[str, int] = {}
    """Model → the tokens of its runs."""
    cost: Total = Total(None, "")
    wasted_cost: Total = Total(None, "")
    """The cost of the failed and cancelled runs."""
    wasted_reported: int = 0
    """How many of the failed and cancelled runs reported a total."""

    @property
    def wasted_runs(self) -> int:
        """How many runs failed or were cancelled."""
        return sum(self.counts.get(name, 0) for name in WASTED)

    @property
    def wasted(self) -> int | None:
        """The tokens of failed and cancelled runs: 0 without such runs, None if none of them reported a total."""
        if self.wasted_runs and not self.wasted_reported:
            return None
        return sum(self.by_class.get(name, 0) for name in WASTED)

    @property
    def wasted_share(self) -> float | None:
        """The part of the tokens that was wasted, 0 to 1; None if unknown."""
        return None if self.wasted is None or not self.tokens else ratio(self.wasted, self.tokens)

    @property
    def per_run(self) -> float | None:
        """Average tokens of the runs that reported a total; None if none did."""
        return None if self.tokens is None else ratio(self.tokens, self.reported)


def ratio(part: float, whole: float) -> float | None:
    """Return `part / whole`; None if `whole` is 0, or if the result does not fit a number."""
    try:
        return part / whole if whole else None
    except OverflowError:  # a whole number of more than 308 digits
        return None


def key_reader(by: SpentBy, releases: Sequence[float]) -> Callable[[Run], str]:
    """Return the function that says to which key a run belongs; see `Past.spent`."""
    if by != "release":
        return GROUP_KEY[by]

    def release(run: Run) -> str:
        created = _CREATED(run)
        return BEFORE_ALL if created is None else str(bisect_right(releases, created))

    return release


def sums_of_rows(
    runs: Sequence[Run], by: SpentBy, step: float, releases: Sequence[float] = ()
) -> list[SpentSum]:
    """Return the tokens of these runs, as `Past.spent` does. An active run belongs to the step in which it was created."""
    read = key_reader(by, releases)
    added: defaultdict[_Same, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for run, at in zip(runs, moments(runs), strict=True):
        model, status_class, prompt, completion, total = _READ(run)
        reported = (prompt is not None) + 2 * (completion is not None) + 4 * (total is not None)
        one = added[read(run), int((at or 0.0) // step), model, status_class, reported]
        one[0] += 1
        one[1] += prompt or 0
        one[2] += completion or 0
        one[3] += total or 0
    return [_sum(*each) for each in added.items()]


def whole_sums(sums: Iterable[SpentSum]) -> list[SpentSum]:
    """Return sums without steps of time."""
    added: defaultdict[_Same, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for key, _, model, status_class, runs, prompt, completion, total in sums:
        reported = (prompt is not None) + 2 * (completion is not None) + 4 * (total is not None)
        one = added[key, 0, model, status_class, reported]
        one[0] += runs
        one[1] += prompt or 0
        one[2] += completion or 0
        one[3] += total or 0
    return [_sum(*each) for each in added.items()]


def _sum(same: _Same, numbers: Sequence[int]) -> SpentSum:
    reported, (runs, prompt, completion, total) = same[4], numbers
    return SpentSum(
        *same[:4],
        runs,
        prompt if reported & 1 else None,
        completion if reported & 2 else None,
        total if reported & 4 else None,
    )


def spent(sums: Iterable[SpentSum], prices: Prices | None) -> Spent:
    """Return what these sums say together."""
    classes: defaultdict[str, int] = defaultdict(int)
    counts: defaultdict[str, int] = defaultdict(int)
    models: defaultdict[str, int] = defaultdict(int)
    costs: list[Total] = []
    lost: list[Total] = []
    runs = reported = lost_reported = 0
    for one in sums:
        runs += one.runs
        counts[one.status_class] += one.runs
        wasted = one.status_class in WASTED
        if one.total is not None:
            reported += one.runs
            lost_reported += one.runs if wasted else 0
            classes[one.status_class] += one.total
            models[one.model] += one.total
        cost = _cost(one, prices)
        costs.append(cost)
        if wasted:
            lost.append(cost)
    currency = "" if prices is None else prices.currency
    return Spent(
        runs,
        reported,
        sum(classes.values()) if reported else None,
        classes,
        counts,
        models,
        add_costs(costs, currency),
        add_costs(lost, currency),
        lost_reported,
    )


def _cost(one: SpentSum, prices: Prices | None) -> Total:
    """Return what the runs of one sum cost."""
    currency = "" if prices is None else prices.currency
    used = one.total if one.total is not None else known_sum((one.prompt, one.completion))
    if used is None:
        return Total(None, currency, unreported=0 if one.status_class == QUEUED else one.runs)
    price = None if prices is None else prices.of(one.model)
    amount = None if price is None else amount_of(price, one.prompt, one.completion, one.total)
    if price is None or amount is None:
        return Total(None, currency, unpriced=one.runs, unpriced_tokens=used)
    halves = one.prompt is None or one.completion is None
    sure = one.prompt is None and one.completion is None and price.prompt == price.completion
    floor = one.status_class not in TERMINAL or (halves and not sure)
    return Total(amount, currency, priced=one.runs, partial=one.runs if floor else 0)


def amount_of(price: Price, prompt: int | None, completion: int | None, total: int | None) -> float | None:
    """Return what tokens cost, at least; None if no count is known. See `model.run.cost.cost`."""
    try:
        if prompt is not None or completion is not None:
            return ((prompt or 0) * price.prompt + (completion or 0) * price.completion) / TOKENS_PER_PRICE
        return None if total is None else total * min(price) / TOKENS_PER_PRICE
    except OverflowError:  # a whole number of more than 308 digits
        return None
