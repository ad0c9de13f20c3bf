"""A JSON value as rows that fold: indented, display-safe, each with the path that names it. Pure."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from typing import Any, NamedTuple

from flowtui.text import safe_lines, safe_text

Path = tuple[str | int, ...]


class Row(NamedTuple):
    """One row. `folds` says whether it opens an object or array with something in it; `parts` are (text, role)."""

    path: Path
    depth: int
    parts: tuple[tuple[str, str], ...]
    folds: bool = False
    folded: bool = False


def json_rows(
    value: Any, folded: Container[Path], path: Path = (), label: str = "", depth: int = 0
) -> Iterator[Row]:
    """Yield the rows of a value; what is folded shows how much it holds."""
    head: tuple[tuple[str, str], ...] = ((label, "focus"), (": ", "dim")) if label else ()
    if isinstance(value, dict | list) and value:
        is_object = isinstance(value, dict)
        opening, closing = ("{", "}") if is_object else ("[", "]")
        if path in folded:
            held = (
                f"{len(value)} {'fields' if is_object else 'items'}"
                if len(value) > 1
                else "1 " + ("field" if is_object else "item")
            )
            yield Row(
                path,
                depth,
                (*head, (f"{opening} … {closing}", "dim"), (f"  {held}", "dim")),
                folds=True,
                folded=True,
            )
            return
        yield Row(path, depth, (*head, (opening, "dim")), folds=True)
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            name = safe_text(json.dumps(key, ensure_ascii=False)) if is_object else ""
            yield from json_rows(item, folded, (*path, key), name, depth + 1)
        yield Row(path, depth, ((closing, "dim"),))
        return
    yield Row(path, depth, (*head, (_scalar(value), _role(value))))


def _scalar(value: Any) -> str:
    return safe_text(json.dumps(value, ensure_ascii=False, default=str))


def _role(value: Any) -> str:
    if isinstance(value, str):
        return "good"
    return "dim" if value is None or value in ([], {}) else "accent"


def text_rows(text: str) -> Iterator[Row]:
    """Yield the rows of a plain text."""
    for number, line in enumerate(safe_lines(text)):
        yield Row((number,), 0, ((line, "text"),))
