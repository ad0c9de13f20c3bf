"""Public methods of the screens have docstrings, but for those whose names say everything."""

import ast
from pathlib import Path

UI = Path(__file__).parents[1] / "flowtui" / "ui"
PLAIN = {"compose", "tick"}


def undocumented(source):
    """Return the names of public methods without a docstring. A protocol's class may describe its members, which have no code."""
    return {
        f"{owner.name}.{method.name}"
        for owner in ast.walk(ast.parse(source))
        if isinstance(owner, ast.ClassDef)
        for method in owner.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
        and not method.name.startswith("_")
        and not any(isinstance(by, ast.Name) and by.id == "overload" for by in method.decorator_list)
        and ast.get_docstring(method) is None
        and ast.unparse(method.body[0]) != "..."
    }


def test_public_methods_have_docstrings():
    missing = {
        f"{path.relative_to(UI)}: {name}"
        for path in UI.rglob("*.py")
        for name in undocumented(path.read_text())
        if name.rpartition(".")[2] not in PLAIN
    }
    assert missing == set()


def test_a_missing_docstring_is_found():
    source = "class A:\n    def compose(self): pass\n    def b(self): pass\n"
    assert undocumented(source) == {"A.compose", "A.b"}
