"""What a gate says, as a tree: comparisons of a metric with a limit, and how they are joined. Knows no data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import add, mul, sub
from typing import Final, TypeAlias

from flowtui.model.language.tree import Not, Tree

SHARE: Final = "share"
SECONDS: Final = "seconds"
TOKENS: Final = "tokens"
PER_MINUTE: Final = "per minute"
PLAIN: Final = "number"

FAILURE_RATE: Final = "failure_rate"
CANCEL_RATE: Final = "cancel_rate"
TOKENS_PER_RUN: Final = "tokens_per_run"
RUNS_PER_MIN: Final = "runs_per_min"

METRICS: Final[Mapping[str, str]] = {
    FAILURE_RATE: SHARE,
    CANCEL_RATE: SHARE,
    "p50(duration)": SECONDS,
    "p95(duration)": SECONDS,
    "p50(wait)": SECONDS,
    "p95(wait)": SECONDS,
    TOKENS_PER_RUN: TOKENS,
    RUNS_PER_MIN: PER_MINUTE,
}
"""Each metric with what it is measured in."""


SHARES: Final[Mapping[str, float]] = {
    name: int(name[1:3]) / 100 for name, unit in METRICS.items() if unit == SECONDS
}
"""Which part of all runs lies below a percentile, by its metric."""


def _divide(left: float, right: float) -> float:
    return left / right if right else math.nan


_APPLY: Final[Mapping[str, Callable[[float, float], float]]] = {"+": add, "-": sub, "*": mul, "/": _divide}


@dataclass(frozen=True, slots=True)
class Number:
    """A number, in seconds where it is a duration, as a share of 1 where it was written with %."""

    value: float

    def at(self, base: float) -> float:
        """Return its value; the base does not matter."""
        del base
        return self.value


@dataclass(frozen=True, slots=True)
class Base:
    """The same metric before."""

    def at(self, base: float) -> float:
        """Return the base itself."""
        return base


@dataclass(frozen=True, slots=True)
class Binary:
    """Two values with `+`, `-`, `*` or `/` between them."""

    op: str
    left: Value
    right: Value

    def at(self, base: float) -> float:
        """Return what it comes to at this base; NaN where that is nothing, as with a division by 0."""
        return _APPLY[self.op](self.left.at(base), self.right.at(base))


Value = Number | Base | Binary


def asks_base(value: Value) -> bool:
    """Return whether a value depends on the base."""
    if isinstance(value, Binary):
        return asks_base(value.left) or asks_base(value.right)
    return isinstance(value, Base)


@dataclass(frozen=True, slots=True)
class Compare:
    """A metric with `<=`, `<`, `>=` or `>` and its limit. `text` is how it was written, `limit_text` its right side."""

    metric: str
    op: str
    limit: Value
    text: str
    limit_text: str

    @property
    def at_most(self) -> bool:
        """Whether less is better."""
        return self.op in ("<=", "<")


Node: TypeAlias = Tree[Compare]


@dataclass(frozen=True, slots=True)
class Gate:
    """A whole gate. `text` is how it was written."""

    text: str
    node: Node

    @property
    def comparisons(self) -> tuple[Compare, ...]:
        """All comparisons, from the left; one that is written twice comes twice."""
        return tuple(leaf for leaf, _ in leaves(self.node))


def leaves(node: Node, *, wanted: bool = True) -> Iterator[tuple[Compare, bool]]:
    """Yield the comparisons from the left, each with whether it is wanted to hold (not under an odd number of nots)."""
    if isinstance(node, Compare):
        yield node, wanted
    elif isinstance(node, Not):
        yield from leaves(node.node, wanted=not wanted)
    else:
        for child in node.nodes:
            yield from leaves(child, wanted=wanted)
