"""The private names of Textual: each one that flowtui uses is listed, exists, and is used in `ui.terminal` alone."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from functools import cache
from pathlib import Path

import pytest
import textual

import flowtui.ui
from flowtui.ui.terminal.private_names import PRIVATE_NAMES

UI = Path(flowtui.ui.__file__).parent
TERMINAL = UI / "terminal"
FILES = sorted(UI.rglob("*.py"))
LISTED = {name.rpartition(".")[2] for name in PRIVATE_NAMES}
OF_NAMED_TUPLES = ("_asdict", "_fields", "_make", "_replace")  # public, in spite of their names


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name not in OF_NAMED_TUPLES


@cache
def stored(owner):
    """Return the names that a class assigns to `self`."""
    return set(re.findall(r"\bself\.(_\w+)\b[^=\n]*=(?!=)", inspect.getsource(owner)))


@cache
def own_names(owner):
    """Return the private names that a class defines, apart from those that Textual adds to every class."""
    added = set(vars(type("Empty", (owner,), {})))
    return {name for name in {*vars(owner), *stored(owner)} - added if is_private(name)}


def bases(owner, package):
    return [base for base in owner.__mro__ if base.__module__.split(".")[0] == package]


@cache
def our_classes():
    """Return the classes of `flowtui.ui` with a base class of Textual."""
    names = [module.name for module in pkgutil.walk_packages(flowtui.ui.__path__, "flowtui.ui.")]
    found = {
        owner
        for name in names
        for owner in vars(importlib.import_module(name)).values()
        if inspect.isclass(owner)
    }
    return [owner for owner in found if owner.__module__ in names and bases(owner, "textual")]


def tree_of(path):
    return ast.parse(path.read_text())


def imported(tree):
    """Yield the private modules and names of Textual that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "textual":
            for name in node.names:
                if any(map(is_private, f"{node.module}.{name.name}".split("."))):
                    yield f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if re.match(r"textual\b.*\._", name.name))


@cache
def defined_by_textual():
    """Return the private names of all classes and functions of Textual."""
    texts = [path.read_text() for path in Path(textual.__file__).parent.rglob("*.py")]
    return {name for text in texts for name in re.findall(r"(?:def |self\.)(_[a-z]\w*)", text)}


def used_of_others(path):
    """Return the private names of Textual that a file uses of objects other than `self` and the module `os`."""
    nodes = list(ast.walk(tree_of(path)))
    used = {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute)
        and is_private(node.attr)
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls", "os"))
    }
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    for owner in our_classes():
        if inspect.getsourcefile(owner) == str(path):
            defined |= own_names(owner)
    return used & defined_by_textual() - defined


@pytest.mark.parametrize("name", PRIVATE_NAMES)
def test_the_installed_textual_has_the_name(name):
    path = name.split(".")
    size = max(size for size in range(1, len(path)) if path[size - 1].islower())
    found = importlib.import_module(".".join(path[:size]))
    for part in path[size:]:
        if not hasattr(found, part):
            owners = bases(found, "textual") if inspect.isclass(found) else ()
            assert any(part in stored(owner) for owner in owners), f"Textual has no {name} any more"
        found = getattr(found, part, None)


def test_only_listed_names_are_imported_and_only_in_the_package():
    found = {name: path for path in FILES for name in imported(tree_of(path))}
    assert set(found) <= set(PRIVATE_NAMES)
    assert {path.parent for path in found.values()} == {TERMINAL}


def test_a_class_uses_and_takes_only_listed_names_of_its_base_classes():
    """A name that ours takes by accident for something else would change what Textual does."""
    wrong = {}
    for owner in our_classes():
        ours = set().union(*map(own_names, bases(owner, "flowtui")))
        theirs = set().union(*map(own_names, bases(owner, "textual")))
        called = set(re.findall(r"\b(?:self|cls|super\(\))\.(_[a-z]\w*)", inspect.getsource(owner)))
        taken = (own_names(owner) & theirs) | (called & theirs - ours)
        wrong[owner] = taken - (LISTED if owner.__module__.startswith("flowtui.ui.terminal.") else set())
    assert {owner: names for owner, names in wrong.items() if names} == {}


def test_private_names_of_other_objects_are_listed_and_only_in_the_package():
    wrong = {path: used_of_others(path) - (LISTED if path.parent == TERMINAL else set()) for path in FILES}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_every_listed_name_is_used():
    text = "".join(path.read_text() for path in TERMINAL.glob("*.py") if path.stem != "private_names")
    assert [name for name in LISTED if not re.search(rf"\b{name}\b", text)] == []
