"""Which runs a filter leaves out only because no span of them was read, so that their group and labels are unknown."""

from __future__ import annotations

from flowtui.model.language.tree import And, Not, Or
from flowtui.model.query.fields import HAS_TESTS, field
from flowtui.model.query.tree import EVERYTHING, Compare, Has, Node, Pattern, Regex, Word

_NOTHING: Node = Or(())


def uses_labels(node: Node) -> bool:
    """Whether the answer of a filter depends on group or labels."""
    match node:
        case Not(inner):
            return uses_labels(inner)
        case And(nodes) | Or(nodes):
            return any(map(uses_labels, nodes))
        case Word():
            return False
        case Has(name):
            return name not in HAS_TESTS and field(name).from_spans
        case Regex(_, name) | Pattern(name) | Compare(name):
            return bool(name) and field(name).from_spans


def with_any_labels(node: Node, *, fits: bool = True) -> Node:
    """Return the filter for runs that match at least if their labels are the right ones.

    In it, each condition on a label is true, or false where it stands after `not`; `fits` says which.
    """
    match node:
        case Not(inner):
            return Not(with_any_labels(inner, fits=not fits))
        case And(nodes):
            return And(tuple(with_any_labels(part, fits=fits) for part in nodes))
        case Or(nodes):
            return Or(tuple(with_any_labels(part, fits=fits) for part in nodes))
        case leaf:
            if uses_labels(leaf):
                return EVERYTHING if fits else _NOTHING
            return leaf
