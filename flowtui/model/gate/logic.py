"""Combines verdicts by Kleene's three-valued logic.

An inconclusive part makes the whole inconclusive only if its verdict could change the result.
"""

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
    """Return the verdict of an `and`.

    FAIL if any part fails, else INCONCLUSIVE if any part is inconclusive, else PASS.
    """
    known = set(verdicts)
    return FAIL if FAIL in known else INCONCLUSIVE if INCONCLUSIVE in known else PASS


def any_of(verdicts: Iterable[str]) -> str:
    """Return the verdict of an `or`.

    PASS if any part passes, else INCONCLUSIVE if any part is inconclusive, else FAIL.
    """
    known = set(verdicts)
    return PASS if PASS in known else INCONCLUSIVE if INCONCLUSIVE in known else FAIL


def decide(node: Node, verdict: Callable[[str], str]) -> str:
    """Return the verdict of a gate. `verdict` returns the verdict of a comparison, given its text."""
    if isinstance(node, Compare):
        return verdict(node.text)
    if isinstance(node, Not):
        return negate(decide(node.node, verdict))
    join = all_of if isinstance(node, And) else any_of
    return join(decide(child, verdict) for child in node.nodes)


def ways(node: Node, verdict: str, counts: Callable[[Compare], bool] = lambda _: True) -> int:
    """Return in how many ways a wrong `verdict` can arise. Its probability grows by this factor.

    An `and` fails wrongly as soon as one branch fails wrongly, so the ways of its branches add up. It passes wrongly
    only if the branch that should fail is wrong, so only the branch with the most ways counts. For an `or` it is the
    other way round. `counts` tells which comparisons can be wrong at all.
    """
    if isinstance(node, Compare):
        return int(counts(node))
    if isinstance(node, Not):
        return ways(node.node, negate(verdict), counts)
    each = [ways(child, verdict, counts) for child in node.nodes]
    return sum(each) if (verdict == FAIL) == isinstance(node, And) else max(each)
