"""Which module of flowtui imports which, read from the source: type-only, local and relative imports count."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path


def modules(root: Path) -> dict[str, Path]:
    """Return the path of each module below the package `root`, by its dotted name."""
    names = {}
    for path in sorted(root.rglob("*.py")):
        dotted = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        names[dotted.removesuffix(".__init__")] = path
    return names


def imports_of(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Return the modules among `known` that the module `name` imports, wherever in it the import stands."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                submodule = f"{base}.{alias.name}"
                found.add(submodule if submodule in known else base)
    return {target for target in found if target in known and target != name}


def import_graph(root: Path) -> dict[str, set[str]]:
    """Return for each module of the package `root` the modules of the package that it imports."""
    known = modules(root)
    return {name: imports_of(name, path, known) for name, path in known.items()}


def among_children(graph: dict[str, set[str]], folder: str) -> dict[str, set[str]]:
    """Return the same graph seen from `folder`: its modules and packages, and which of them import which."""
    depth = folder.count(".") + 2
    children: dict[str, set[str]] = defaultdict(set)
    for name, targets in graph.items():
        child = ".".join(name.split(".")[:depth])
        for target in targets:
            other = ".".join(target.split(".")[:depth])
            inside = name.startswith(f"{folder}.") and target.startswith(f"{folder}.")
            if inside and child != other:
                children[child].add(other)
    return children


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Return the groups of nodes that reach each other."""
    graph = _without_ends(graph)
    reached = {node: _reachable(graph, node) for node in graph}
    return {
        frozenset(other for other in reached[node] if node in reached.get(other, ()))
        for node in graph
        if node in reached[node]
    }


def _without_ends(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the graph without the nodes from which no circle can be reached."""
    left = dict(graph)
    while ends := [node for node, targets in left.items() if not any(target in left for target in targets)]:
        for node in ends:
            del left[node]
    return left


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
