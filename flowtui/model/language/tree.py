"""The nodes that join conditions: `and`, `or` and `not`, over leaves that each language defines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

LeafT = TypeVar("LeafT")


@dataclass(frozen=True, slots=True)
class Not(Generic[LeafT]):
    """True if `node` is false."""

    node: Tree[LeafT]


@dataclass(frozen=True, slots=True)
class And(Generic[LeafT]):
    """True if all nodes are true.

    `nodes` has at least two nodes, none of them an And. One exception: an And without any nodes is true of everything.
    """

    nodes: tuple[Tree[LeafT], ...]


@dataclass(frozen=True, slots=True)
class Or(Generic[LeafT]):
    """True if at least one node is true. `nodes` has at least two nodes, none of them an Or."""

    nodes: tuple[Tree[LeafT], ...]


Tree: TypeAlias = LeafT | And[LeafT] | Or[LeafT] | Not[LeafT]


def all_of(nodes: Iterable[Tree[LeafT]]) -> Tree[LeafT]:
    """Join nodes by `and`. A single node is returned as it is; an And among them is replaced by its own nodes."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, And) else (node,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(nodes: Iterable[Tree[LeafT]]) -> Tree[LeafT]:
    """Join nodes by `or`. A single node is returned as it is; an Or among them is replaced by its own nodes."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, Or) else (node,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
