"""Which runs a filter leaves out only because something of them was not read: their labels, or why they failed.

Group and labels of a run are unknown until a span of it was read, the reason of a failure until its evidence was.
"""

from __future__ import annotations

from collections.abc import Callable

from flowtui.model.language.tree import And, Not, Or
from flowtui.model.query.fields import HAS_TESTS, Field, field
from flowtui.model.query.tree import EVERYTHING, Compare, Has, Node, Pattern, Regex, Word

_NOTHING: Node = Or(())

Leaf = Callable[[Node], bool]
"""Whether the answer of one condition depends on what may be unread."""


def uses_labels(node: Node) -> bool:
    """Whether the answer of a filter depends on group or labels."""
    return _uses(node, _on_labels)


def with_any_labels(node: Node) -> Node:
    """Return the filter for runs that match at least if their labels are the right ones."""
    return _with_any(node, _on_labels)


def uses_reasons(node: Node) -> bool:
    """Whether a filter names the field `reason`."""
    return _uses(node, _on_reasons)


def with_any_reasons(node: Node) -> Node:
    """Return the filter for runs that match at least if they failed for the right reason, which the note shows, too."""
    return _with_any(node, lambda leaf: _on_reasons(leaf) or _on_notes(leaf))


def uses_config(node: Node) -> bool:
    """Whether a filter asks for the configuration of runs, which only their raw JSON tells."""
    return _uses(node, _on_config)


def _uses(node: Node, depends: Leaf) -> bool:
    match node:
        case Not(inner):
            return _uses(inner, depends)
        case And(nodes) | Or(nodes):
            return any(_uses(part, depends) for part in nodes)
        case leaf:
            return depends(leaf)


def _with_any(node: Node, depends: Leaf, *, fits: bool = True) -> Node:
    """Return the filter in which conditions that depend on unread values are true, or false where they stand after `not`."""
    match node:
        case Not(inner):
            return Not(_with_any(inner, depends, fits=not fits))
        case And(nodes):
            return And(tuple(_with_any(part, depends, fits=fits) for part in nodes))
        case Or(nodes):
            return Or(tuple(_with_any(part, depends, fits=fits) for part in nodes))
        case leaf:
            if depends(leaf):
                return EVERYTHING if fits else _NOTHING
            return leaf


def _field_of(leaf: Node) -> Field | None:
    """Return the field that a condition names; None if it names none."""
    match leaf:
        case Has(name):
            return None if name in HAS_TESTS else field(name)
        case Regex(_, name) | Pattern(name) | Compare(name):
            return field(name) if name else None
        case _:
            return None


def _on_labels(leaf: Node) -> bool:
    found = _field_of(leaf)
    return found is not None and found.from_spans


def _on_reasons(leaf: Node) -> bool:
    found = _field_of(leaf)
    return found is not None and found.from_evidence


def _on_notes(leaf: Node) -> bool:
    """Whether a condition looks into the note: by name, or because it looks into all texts."""
    if isinstance(leaf, Word) or (isinstance(leaf, Regex) and not leaf.field):
        return True
    found = _field_of(leaf)
    return found is not None and found.name == "note"


def _on_config(leaf: Node) -> bool:
    if isinstance(leaf, Has) and leaf.name == "changed_config":
        return True
    found = _field_of(leaf)
    return found is not None and found.name == "config"
