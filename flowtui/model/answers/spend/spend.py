"""Who spent what in a time range, in an order, against the same hours before. Pure. Times are UTC epoch seconds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, get_args

from flowtui.config.values.prices import Prices
from flowtui.model.answers.spend.spent import Spent, key_reader, ratio, spent, sums_of_rows, whole_sums
from flowtui.model.history.past import SpentBy, SpentSum
from flowtui.model.run.cost import WASTED
from flowtui.model.run.row import Run

Order = Literal["cost", "tokens", "wasted", "per run", "growth"]
ORDERS: Final[tuple[Order, ...]] = get_args(Order)
GROUPINGS: Final[tuple[SpentBy, ...]] = get_args(SpentBy)

STEPS: Final = 240
"""Into how many steps a time range is divided."""
FEW_STEPS: Final = 24
"""And for threads, of which there are many."""

CLEARLY: Final = 0.25
"""By which share a spender must have used more than before, to be marked."""
_PART: Final = 0.05  # and by which part of all that was spent
_ENOUGH: Final = 10  # and how many runs must have ended, both times: few tell nothing
_HUGE: Final = 1e300


class Spender(NamedTuple):
    """What the runs of one agent, model, thread or release spent."""

    key: str
    """See `SpentSum`; "" for all of them."""
    now: Spent
    before: Spent | None
    """What it spent in the same hours before; None if that is not known."""
    done: Mapping[int, int] = {}
    """Step → the tokens of the runs that were not wasted."""
    wasted: Mapping[int, int] = {}
    """Step → the tokens of failed and cancelled runs."""

    @property
    def change(self) -> float | None:
        """By which share it is more than before: in money if both are known whole or as a floor, else in tokens; None if unknown."""
        return None if self.before is None else change(self.now, self.before)

    @property
    def growth(self) -> float | None:
        """By how much it is more than before, in money or in tokens; None if unknown."""
        if self.before is None:
            return None
        new, old = _both(self.now, self.before)
        return None if new is None else _finite(new - (old or 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spend:
    """What was spent in a time range, by `by`.

    `since`, `until`: the range. `step`: the seconds of a step. `rows`: in no order. `whole`: of all. `runs`: key → its rows that
    were read one by one, the one that ended last first; older ones are in sums only. `before_since`: when the same hours
    before began; None if they are not known.
    """

    by: SpentBy
    since: float
    until: float
    step: float
    rows: Sequence[Spender]
    whole: Spender
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    before_since: float | None = None

    @property
    def priced(self) -> bool:
        """Whether the cost of any run is known."""
        return self.whole.now.cost.amount is not None

    @property
    def largest(self) -> int:
        """The most tokens of one row."""
        return max((row.now.tokens or 0 for row in self.rows), default=0)

    def share(self, row: Spender) -> float | None:
        """Return a row's part of all tokens, 0 to 1; None if unknown."""
        tokens, whole = row.now.tokens, self.whole.now.tokens
        return None if tokens is None or not whole else ratio(tokens, whole)

    def grown(self, row: Spender) -> bool:
        """Whether a row spent clearly more than before."""
        before = row.before
        if before is None or min(row.now.runs, before.runs) < _ENOUGH:
            return False
        more, whole = row.growth, _amount(self.whole.now, money=_in_money(row.now, before))
        return (row.change or 0.0) >= CLEARLY and more is not None and more >= _PART * _finite(whole or 0)

    def ordered(self, order: Order) -> list[Spender]:
        """Return the rows in an order, the largest first. What is not known comes last.

        In the order of cost, a row without a price stands where it would with the mean price of all others.
        """
        return sorted(self.rows, key=_ORDERS[order](self))


def spend(
    rows: Sequence[Run],
    by: SpentBy,
    since: float,
    until: float,
    *,
    step: float,
    prices: Prices | None,
    releases: Sequence[float] = (),
    older: Iterable[SpentSum] = (),
    before: Sequence[SpentSum] | None = None,
    before_since: float | None = None,
) -> Spend:
    """Return what was spent.

    `rows`: runs that count, the one that ended last first; `older`: the sums of further runs of the range, with the same steps.
    `before`: the sums of the same hours before, which began at `before_since`; None if they are not known.
    """
    found: defaultdict[str, list[SpentSum]] = defaultdict(list)
    for one in (*older, *sums_of_rows(rows, by, step, releases)):
        found[one.key].append(one)
    earlier: defaultdict[str, list[SpentSum]] = defaultdict(list)
    for one in before or ():
        earlier[one.key].append(one)
    own: defaultdict[str, list[Run]] = defaultdict(list)
    read = key_reader(by, releases)
    for run in rows:
        own[read(run)].append(run)
    known = before is not None
    spenders = [
        _spender(key, sums, earlier.get(key, ()) if known and by != "release" else None, prices)
        for key, sums in found.items()
    ]
    everything = [one for sums in found.values() for one in sums]
    return Spend(
        by=by,
        since=since,
        until=until,
        step=step,
        rows=spenders,
        whole=_spender("", everything, before, prices),
        runs=own,
        before_since=before_since if known else None,
    )


def _spender(
    key: str, sums: Sequence[SpentSum], before: Sequence[SpentSum] | None, prices: Prices | None
) -> Spender:
    done: defaultdict[int, int] = defaultdict(int)
    wasted: defaultdict[int, int] = defaultdict(int)
    for _, step, _, status_class, _, _, _, total in sums:
        if total is not None:
            (wasted if status_class in WASTED else done)[step] += total
    earlier = None if before is None else spent(before, prices)
    # There are some thousand steps, but few models: what each step cost need not be computed.
    return Spender(key, spent(whole_sums(sums), prices), earlier, done, wasted)


def change(now: Spent, before: Spent) -> float | None:
    """Return by which share `now` is more than `before`: in money, or in tokens if no cost is known; None if unknown."""
    new, old = _both(now, before)
    found = None if new is None or not old else ratio(new, old)
    return None if found is None else found - 1.0


def _in_money(now: Spent, before: Spent) -> bool:
    return now.cost.amount is not None and (before.cost.amount is not None or not before.runs)


def _both(now: Spent, before: Spent) -> tuple[float | None, float | None]:
    money = _in_money(now, before)
    return _amount(now, money=money), _amount(before, money=money)


def _amount(found: Spent, *, money: bool) -> float | None:
    return found.cost.amount if money else found.tokens


def _finite(value: float) -> float:
    return float(min(max(value, -_HUGE), _HUGE))


# -- orders ----------------------------------------------------------------------------------------------------

_Key = tuple[bool, float, float, str]


def _key(row: Spender, value: float | None) -> _Key:
    return value is None, -_finite(value or 0.0), -_finite(row.now.tokens or 0), row.key


def _by_cost(found: Spend) -> Callable[[Spender], _Key]:
    whole = found.whole.now
    priced = _finite((whole.tokens or 0) - whole.cost.unpriced_tokens)
    mean = (whole.cost.amount or 0.0) / priced if priced > 0 else math.nan

    def key(row: Spender) -> _Key:
        guess = mean * _finite(row.now.cost.unpriced_tokens)
        amount = row.now.cost.amount
        if math.isnan(guess):
            return _key(row, row.now.tokens if whole.cost.amount is None else amount)
        known = amount is not None or row.now.cost.unpriced > 0
        return _key(row, (amount or 0.0) + guess if known else None)

    return key


def _by_wasted(found: Spend) -> Callable[[Spender], _Key]:
    if not found.priced:
        return lambda row: _key(row, row.now.wasted)
    return lambda row: _key(row, row.now.wasted_cost.amount if row.now.wasted_runs else 0.0)


_ORDERS: Final[Mapping[Order, Callable[[Spend], Callable[[Spender], _Key]]]] = {
    "cost": _by_cost,
    "tokens": lambda _: lambda row: _key(row, row.now.tokens),
    "wasted": _by_wasted,
    "per run": lambda _: lambda row: _key(row, row.now.per_run),
    "growth": lambda _: lambda row: _key(row, row.growth),
}
