"""Three-valued logic: what is not known decides nothing, and hides nothing that does (Kleene)."""

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
    """Return the opposite; what is inconclusive stays so."""
    return _OPPOSITE[verdict]


def all_of(verdicts: Iterable[str]) -> str:
    """Return what `and` makes of them: one fail is enough."""
    known = set(verdicts)
    return FAIL if FAIL in known else INCONCLUSIVE if INCONCLUSIVE in known else PASS


def any_of(verdicts: Iterable[str]) -> str:
    """Return what `or` makes of them: one pass is enough."""
    known = set(verdicts)
    return PASS if PASS in known else INCONCLUSIVE if INCONCLUSIVE in known else FAIL


def decide(node: Node, verdict: Callable[[str], str]) -> str:
    """Return what a gate comes to, given the verdict of each comparison as it was written."""
    if isinstance(node, Compare):
        return verdict(node.text)
    if isinstance(node, Not):
        return negate(decide(node.node, verdict))
    join = all_of if isinstance(node, And) else any_of
    return join(decide(child, verdict) for child in node.nodes)


def ways(node: Node, verdict: str, counts: Callable[[Compare], bool] = lambda _: True) -> int:
    """Return in how many ways the gate can come to a wrong FAIL or PASS: by how many its errors are multiplied.

    One wrong branch makes an `and` fail; to make it pass, the very branch that should fail has to be wrong, so only the
    worst counts. An `or` is the other way round. `counts` says which comparisons can be wrong at all.
    """
    if isinstance(node, Compare):
        return int(counts(node))
    if isinstance(node, Not):
        return ways(node.node, negate(verdict), counts)
    each = [ways(child, verdict, counts) for child in node.nodes]
    return sum(each) if (verdict == FAIL) == isinstance(node, And) else max(each)
