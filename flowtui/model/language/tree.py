"""The nodes that join conditions: `and`, `or` and `not`, over leaves that each language defines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

LeafT = TypeVar("LeafT")


@dataclass(frozen=True, slots=True)
class Not(Generic[LeafT]):
    """True where `node` is false."""

    node: Tree[LeafT]


@dataclass(frozen=True, slots=True)
class And(Generic[LeafT]):
    """True where all nodes are: at least two, none of them an And; or no node at all, which is always true."""

    nodes: tuple[Tree[LeafT], ...]


@dataclass(frozen=True, slots=True)
class Or(Generic[LeafT]):
    """True where at least one node is: at least two, none of them an Or."""

    nodes: tuple[Tree[LeafT], ...]


Tree: TypeAlias = LeafT | And[LeafT] | Or[LeafT] | Not[LeafT]


def all_of(nodes: Iterable[Tree[LeafT]]) -> Tree[LeafT]:
    """Return what is true where all nodes are. A single node stays itself; an And inside becomes part of this one."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, And) else (node,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(nodes: Iterable[Tree[LeafT]]) -> Tree[LeafT]:
    """Return what is true where one node is. A single node stays itself; an Or inside becomes part of this one."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, Or) else (node,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))
