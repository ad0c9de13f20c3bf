"""A JSON value as rows that the user can fold: indented, display-safe, each with the path that identifies it. Pure."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from flowtui.text import safe_text

Path = tuple[str | int, ...]

MAX_ROWS: Final = 10_000
"""The most rows shown of one value; drawing more would take seconds.

A folded object or array is a single row.
"""

MAX_TEXT: Final = 20_000
"""The most characters shown of one string in a value."""

_MORE: Final = "… more is left out: fold rows above, or get the whole run with `flowtui run ID -o json`"


class TreeRow(NamedTuple):
    """One row of a tree."""

    path: Path
    """The keys and indexes that lead to the value of this row."""
    depth: int
    """How many levels the row is indented."""
    parts: tuple[tuple[str, str], ...]
    """The text as (text, role) pairs; the role decides the colour."""
    folds: bool = False
    """Whether the row begins a non-empty object or array, which the user can fold."""
    folded: bool = False
    """Whether that object or array is folded now."""


def json_rows(
    value: Any, folded: Container[Path], path: Path = (), label: str = "", depth: int = 0
) -> Iterator[TreeRow]:
    """Yield the rows of a value.

    `folded` has the paths of the objects and arrays that are folded: each is one row, which shows its size. `path`,
    `label` and `depth` are those of the first row. If there are more than `MAX_ROWS` rows, a last row says that more is
    left out.
    """
    rows = _rows(value, folded, path, label, depth)
    yield from islice(rows, MAX_ROWS)
    if next(rows, None) is not None:
        yield TreeRow((*path, "…"), depth, ((_MORE, "dim"),))


def _rows(value: Any, folded: Container[Path], path: Path, label: str, depth: int) -> Iterator[TreeRow]:
    head: tuple[tuple[str, str], ...] = ((label, "focus"), (": ", "dim")) if label else ()
    if isinstance(value, dict | list) and value:
        is_object = isinstance(value, dict)
        opening, closing = ("{", "}") if is_object else ("[", "]")
        if path in folded:
            held = f"{len(value)} {'field' if is_object else 'item'}{'' if len(value) == 1 else 's'}"
            parts = (*head, (f"{opening} … {closing}", "dim"), (f"  {held}", "dim"))
            yield TreeRow(path, depth, parts, folds=True, folded=True)
            return
        yield TreeRow(path, depth, (*head, (opening, "dim")), folds=True)
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            name = _text(str(key)) if is_object else ""
            yield from _rows(item, folded, (*path, key), name, depth + 1)
        yield TreeRow(path, depth, ((closing, "dim"),))
        return
    text = _text(value) if isinstance(value, str) else safe_text(json.dumps(value, default=str))
    yield TreeRow(path, depth, (*head, (text, _role(value))))


def _text(value: str) -> str:
    shown = safe_text(json.dumps(value[:MAX_TEXT], ensure_ascii=False))
    return shown if len(value) <= MAX_TEXT else f"{shown}… {len(value) - MAX_TEXT:,} more characters"


def _role(value: Any) -> str:
    if isinstance(value, str):
        return "good"
    return "dim" if value is None or value in ([], {}) else "accent"
