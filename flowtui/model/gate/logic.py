"""Kleene's three-valued logic on verdicts: an inconclusive part leaves open only what depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from flowtui.model.gate.tree import Compare, Node
from flowtui.model.language.tree import And, Not

PASS: Final = "PASS"  # noqa: S105  a verdict, no password
FAIL: Final = "FAIL"
INCONCLUSIVE: Final = "INCONCLUSIVE"

_OPPOSITE: Final[Mapping[str, str]] = {PASS: FAIL, FAIL: PASS, INCONCLUSIVE: INCONCLUSIVE}


def negate(verdict: str) -> str:
    """Return the opposite verdict; INCONCLUSIVE stays."""
    return _OPPOSITE[verdict]


def all_of(verdicts: Iterable[str]) -> str:
    """Return the verdict of an `and`: one FAIL makes it fail."""
    known = set(verdicts)
    return FAIL if FAIL in known else INCONCLUSIVE if INCONCLUSIVE in known else PASS


def any_of(verdicts: Iterable[str]) -> str:
    """Return the verdict of an `or`: one PASS makes it pass."""
    known = set(verdicts)
    return PASS if PASS in known else INCONCLUSIVE if INCONCLUSIVE in known else FAIL


def decide(node: Node, verdict: Callable[[str], str]) -> str:
    """Return the verdict of a gate, given a function from the text of a comparison to its verdict."""
    if isinstance(node, Compare):
        return verdict(node.text)
    if isinstance(node, Not):
        return negate(decide(node.node, verdict))
    join = all_of if isinstance(node, And) else any_of
    return join(decide(child, verdict) for child in node.nodes)


def ways(node: Node, verdict: str, counts: Callable[[Compare], bool] = lambda _: True) -> int:
    """Return in how many ways the gate can come to a wrong `verdict`: the factor by which errors add up.

    One wrong branch makes an `and` fail, so its branches add up. For a wrong PASS the very branch that should fail has
    to be wrong, so only the branch with the most ways counts. An `or` is the other way round. `counts` tells which
    comparisons can be wrong at all.
    """
    if isinstance(node, Compare):
        return int(counts(node))
    if isinstance(node, Not):
        return ways(node.node, negate(verdict), counts)
    each = [ways(child, verdict, counts) for child in node.nodes]
    return sum(each) if (verdict == FAIL) == isinstance(node, And) else max(each)
