"""The tree of a gate: comparisons of a metric with a limit, joined by and, or and not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import add, mul, sub
from typing import Final, Literal, TypeAlias

from flowtui.model.language.tree import Not, Tree

Unit = Literal["share", "seconds", "tokens", "per minute", "number"]
"""The unit of a metric or a limit; `number` is a plain number."""

FAILURE_RATE: Final = "failure_rate"
CANCEL_RATE: Final = "cancel_rate"
TOKENS_PER_RUN: Final = "tokens_per_run"
RUNS_PER_MIN: Final = "runs_per_min"

METRICS: Final[Mapping[str, Unit]] = {
    FAILURE_RATE: "share",
    CANCEL_RATE: "share",
    "p50(duration)": "seconds",
    "p95(duration)": "seconds",
    "p50(wait)": "seconds",
    "p95(wait)": "seconds",
    TOKENS_PER_RUN: "tokens",
    RUNS_PER_MIN: "per minute",
}
"""The unit of each metric."""

RATES: Final = frozenset(name for name, unit in METRICS.items() if unit == "share")
"""The metrics that are shares of runs."""

SHARES: Final[Mapping[str, float]] = {
    name: int(name[1:3]) / 100 for name, unit in METRICS.items() if unit == "seconds"
}
"""The metrics that are percentiles, each with the share of runs (0 to 1) below it."""


def _divide(left: float, right: float) -> float:
    return left / right if right else math.nan


_APPLY: Final[Mapping[str, Callable[[float, float], float]]] = {"+": add, "-": sub, "*": mul, "/": _divide}


@dataclass(frozen=True, slots=True)
class Number:
    """A number: durations are in seconds, percentages are shares from 0 to 1."""

    value: float

    def at(self, base: float) -> float:
        """Return the number: a constant does not depend on `base`."""
        del base
        return self.value


@dataclass(frozen=True, slots=True)
class Base:
    """The metric's value on the base side."""

    def at(self, base: float) -> float:
        """Return `base`, the metric on the base side."""
        return base


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values joined by `+`, `-`, `*` or `/`."""

    op: str
    left: Value
    right: Value

    def at(self, base: float) -> float:
        """Return the result, given the metric's value `base` on the base side; NaN for a division by 0."""
        return _APPLY[self.op](self.left.at(base), self.right.at(base))


Value = Number | Base | Binary


def asks_base(value: Value) -> bool:
    """Whether a value depends on the base."""
    if isinstance(value, Binary):
        return asks_base(value.left) or asks_base(value.right)
    return isinstance(value, Base)


@dataclass(frozen=True, slots=True)
class Compare:
    """Compares a metric with a limit by `<=`, `<`, `>=` or `>`."""

    metric: str
    op: str
    limit: Value
    text: str
    """The whole comparison, as the user wrote it."""
    limit_text: str
    """The limit, as the user wrote it."""

    @property
    def at_most(self) -> bool:
        """Whether the limit is an upper one."""
        return self.op in ("<=", "<")


Node: TypeAlias = Tree[Compare]


@dataclass(frozen=True, slots=True)
class Gate:
    """A parsed gate. `text` is as the user wrote it."""

    text: str
    node: Node

    @property
    def comparisons(self) -> tuple[Compare, ...]:
        """All comparisons, from the left; one that is written twice is listed twice."""
        return tuple(leaf for leaf, _ in leaves(self.node))


def leaves(node: Node, *, wanted: bool = True) -> Iterator[tuple[Compare, bool]]:
    """Yield each comparison, from the left, and whether the gate wants it to hold.

    Under an odd number of nots, the gate wants it not to hold.
    """
    if isinstance(node, Compare):
        yield node, wanted
    elif isinstance(node, Not):
        yield from leaves(node.node, wanted=not wanted)
    else:
        for child in node.nodes:
            yield from leaves(child, wanted=wanted)
