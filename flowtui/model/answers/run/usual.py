"""A run against what is usual: the last completed runs that its agent created before it. Pure.

*Usual* is the range from the 10th to the 90th percentile (nearest rank) of their values. With fewer than `LEAST` values
nothing is called usual. A value that may still grow is not unusual for being small.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.run.earlier import completed_before
from flowtui.model.columns.context import Context
from flowtui.model.run.cost import cost
from flowtui.model.run.row import QUEUED, Run
from flowtui.model.run.span_facts import shown_tokens

TIME: Final = "time"
TOKENS: Final = "tokens"
COST: Final = "cost"
WAIT: Final = "wait"
METRICS: Final = (TIME, TOKENS, COST, WAIT)
"""Seconds of running; tokens; cost in the currency of the prices; seconds in the queue."""

RUNS: Final = 25
"""The most runs that make what is usual."""
LEAST: Final = 8
"""With fewer values than this, nothing is called usual."""


class Metric(NamedTuple):
    """One value of a run, against what is usual. Unknown values are None."""

    name: str
    value: float | None
    usual: tuple[float, float] | None = None
    """The lowest and the highest usual value."""
    grows: bool = False
    """Whether the value is a lower bound: the run goes on, or a part of it was not reported."""
    top: float = 0.0
    """The largest of all values, those of the other runs included."""

    @property
    def unusual(self) -> bool:
        """Whether the value is outside the usual range. A wait is never too short.

        Times are compared in the whole seconds in which they are shown: `00:04` is not below `00:04–00:06`.
        """
        if self.value is None or self.usual is None:
            return False
        above = _seen(self.name, self.value) > _seen(self.name, self.usual[1])
        return above or (self.below and not self.grows and self.name != WAIT)

    @property
    def below(self) -> bool:
        """Whether the value is below the usual range."""
        if self.value is None or self.usual is None:
            return False
        return _seen(self.name, self.value) < _seen(self.name, self.usual[0])


class AgainstUsual(NamedTuple):
    """The values of a run, in the order of `METRICS`; without prices there is no cost."""

    metrics: Sequence[Metric]
    runs: int
    """How many completed runs make what is usual."""

    def metric(self, name: str) -> Metric | None:
        """Return the value with this name; None if there is none."""
        return next((each for each in self.metrics if each.name == name), None)


def against_usual(run: Run, context: Context) -> AgainstUsual:
    """Return the values of a run against those of the last completed runs of its agent before it."""
    others = list(islice(completed_before(run, context), RUNS))
    metrics = []
    for name in METRICS:
        if name == COST and context.prices is None:
            continue
        value, grows = _own(name, run, context)
        metrics.append(_metric(name, value, (_past(name, other, context.prices) for other in others), grows))
    return AgainstUsual(metrics, len(others))


def _metric(name: str, value: float | None, past: Iterable[float | None], grows: bool) -> Metric:
    values = sorted(each for each in past if each is not None)
    usual = None
    if len(values) >= LEAST:
        low, high = (values[max(0, math.ceil(len(values) * share) - 1)] for share in (0.1, 0.9))
        usual = low, high
    return Metric(name, value, usual, grows, max([*values[-1:], value or 0.0]))


def _own(name: str, run: Run, context: Context) -> tuple[float | None, bool]:
    """Return a value of the run itself, and whether it may still grow."""
    if name == TOKENS:
        found = shown_tokens(run, context.span_facts(run))
        return _number(found.total), found.at_least or not run.terminal
    if name == COST:
        price = cost(run, context.prices)
        return (None, False) if price is None else (price.amount, price.floor)
    if name == WAIT:
        return run.wait(context.now), run.status_class == QUEUED
    return run.duration(context.now), not run.terminal


def _seen(name: str, value: float) -> float:
    """Return a value as finely as it is shown beside its range."""
    return math.floor(value) if name == TIME else round(value) if name == WAIT else value


def _past(name: str, run: Run, prices: Prices | None) -> float | None:
    if name == COST:
        found = cost(run, prices)
        return None if found is None or found.floor else found.amount
    return _READ[name](run)


def _number(tokens: int | None) -> float | None:
    if tokens is None or tokens < 0:
        return None
    try:
        return float(tokens)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf


_READ: Final[Mapping[str, Callable[[Run], float | None]]] = {
    TIME: lambda run: run.duration(0.0),
    WAIT: lambda run: run.wait(0.0),
    TOKENS: lambda run: _number(run.total_tokens),
}
