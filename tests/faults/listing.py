"""Writes tests/FAULTS.md from the names and docstrings of the tests: `python tests/faults/listing.py`."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parent / "FAULTS.md"
ROWS = tuple(f"P{number:02}" for number in range(1, 55))

TITLES = {
    "Text": range(1, 17),
    "Shapes": range(17, 34),
    "Transport": [*range(34, 43), *range(44, 48)],
    "Paging under change": [43],
    "Process": range(48, 55),
}

_NAME = re.compile(r"test_p(\d\d)_(\w+)")


class Case(NamedTuple):
    """A test for a row of the document: `row` such as P07, its docstring as one line, and where it is."""

    row: str
    sentence: str
    file: str
    name: str


def cases() -> list[Case]:
    """Return the tests of all rows, sorted by row."""
    found = []
    for path in sorted(FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
                name := _NAME.fullmatch(node.name)
            ):
                sentence = ast.get_docstring(node) or name[2].replace("_", " ")
                found.append(Case(f"P{name[1]}", " ".join(sentence.split()), path.name, node.name))
    return sorted(found)


def document() -> str:
    """Return the text of FAULTS.md."""
    found = cases()
    lines = [
        "# Bad input and faults, and the test of each",
        "",
        "Written from the tests by `python tests/faults/listing.py`. Each row is served over real HTTP or done to a real",
        "process, and checked as a user sees it: stdout, stderr and exit code of commands, screen and raw bytes of the",
        "dashboard on a pseudo-terminal.",
    ]
    for title, numbers in TITLES.items():
        lines += ["", f"## {title}", "", "| row | input and result | test |", "| --- | --- | --- |"]
        for number in numbers:
            lines += [
                f"| {case.row} | {case.sentence} | [`{case.name}`](faults/{case.file}) |"
                for case in found
                if case.row == f"P{number:02}"
            ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
