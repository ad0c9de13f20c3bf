"""Paths into raw runs, such as `tools[0].name` or `meta_data.env`, and the value at a path as one short table cell.

Never raises for what a server sends. A value is unknown if it is null or missing. It is also unknown if the path leads
through a value of another type, such as a key of a number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from sys import intern
from typing import Any, Final, NamedTuple

from flowtui.errors import UsageError
from flowtui.model.run.json_tree import Path
from flowtui.text import safe_text, shorten

EXAMPLE: Final = "tools[0].name"

Cell = str | int | float | None
"""The value at a path: a number or display-safe text; None if it is unknown."""

MAX_CELL: Final = 120
"""The most characters of a value that a cell keeps."""

MAX_PATH: Final = 120
"""The most characters that a path may have."""

_MAX_STEPS: Final = 8
_MAX_COUNT: Final = 10**15  # larger whole numbers are shown as text: they may have any length
_MAX_SEEN: Final = 400  # greatest number of paths that are offered as columns
_MAX_DEPTH: Final = 5  # most steps of an offered path
_MAX_ITEMS: Final = 3  # number of items at the start of a list that are searched for paths
_KEY: Final = r'[^\s.,\[\]"]+'
_STEP: Final = re.compile(
    rf"""(?:^|\.)(?P<key>{_KEY})           # a key, after a dot unless it is first
    | \[(?P<place>[0-9]{{1,6}})\]          # an index into a list, from 0
    | \[(?P<quoted>"(?:[^"\\]|\\.)*")\]    # a quoted key, for keys with a dot, bracket or space""",
    re.VERBOSE,
)


class Extras(NamedTuple):
    """A run's values at the paths of the user's own columns."""

    names: tuple[str, ...]
    """The paths."""
    cells: tuple[Cell, ...]
    """The values at these paths, in the same order."""

    def cell(self, name: str) -> Cell:
        """Return the value at a path; None if it is unknown or was not read."""
        return self.cells[self.names.index(name)] if name in self.names else None


@lru_cache(maxsize=256)
def parse_path(text: str) -> Path:
    """Return the steps of a path: keys and list indexes.

    Raises:
        UsageError: the text is not a path, or it is too long.
    """
    rest = text.strip().removeprefix(".")
    steps: list[Any] = []
    at = 0
    while (found := _STEP.match(rest, at)) is not None:
        steps.append(_step(found))
        at = found.end()
    if not steps or at < len(rest) or None in steps:
        raise UsageError(
            f"{safe_text(text.strip())[:40]!r} is no path",
            hint=f'Write one as {EXAMPLE}, meta_data.env or meta_data["a.b"]; one key alone as .temperature',
        )
    if len(rest) > MAX_PATH or len(steps) > _MAX_STEPS:
        raise UsageError(
            f"The path {safe_text(rest)[:40]!r}... is too long",
            hint=f"At most {_MAX_STEPS} steps and {MAX_PATH} characters",
        )
    return tuple(steps)


def _step(found: re.Match[str]) -> str | int | None:
    if found["place"] is not None:
        return int(found["place"])
    if found["quoted"] is None:
        return found["key"]
    try:
        return str(json.loads(found["quoted"]))
    except ValueError:
        return None


def path_name(path: Path) -> str:
    """Return a path as text in its canonical form, which names its column. A path of one key starts with a dot."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            written += f".{step}" if re.fullmatch(_KEY, step) else f"[{json.dumps(step, ensure_ascii=False)}]"
    return written if len(path) == 1 else written.removeprefix(".")


# -- values --------------------------------------------------------------------------------------------------------


def extras_of(raw: Any, names: tuple[str, ...]) -> Extras:
    """Return the values of a raw run at these paths."""
    return Extras(names, tuple(cell_of(value_at(raw, parse_path(name))) for name in names))


def value_at(raw: Any, path: Path) -> Any:
    """Return the raw value at a path; None if there is none."""
    value = raw
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def cell_of(value: Any) -> Cell:
    """Return a raw value as the content of a cell: shortened, and safe to display."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < _MAX_COUNT:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str):
        return intern(shorten(safe_text(value[: 2 * MAX_CELL]), MAX_CELL))
    return shorten(safe_text(_json(value)), MAX_CELL)


def _json(value: Any) -> str:
    """Return the beginning of a value as JSON on one line; stops as soon as enough is written."""
    written: list[str] = []
    room = 2 * MAX_CELL
    for piece in _pieces(value):
        written.append(piece[:room])
        room -= len(piece)
        if room <= 0:
            break
    return "".join(written)


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for place, (key, item) in enumerate(value.items()):
            yield f"{', ' if place else ''}{json.dumps(key[: 2 * MAX_CELL], ensure_ascii=False)}: "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for place, item in enumerate(value):
            yield ", " if place else ""
            yield from _pieces(item)
        yield "]"
    elif isinstance(value, str):
        yield json.dumps(value[: 2 * MAX_CELL], ensure_ascii=False)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield _digits(value)
    else:
        yield json.dumps(value, default=str)


def _digits(value: int) -> str:
    """Return a whole number as text, or its length if it has more digits than Python converts."""
    try:
        return str(value)
    except ValueError:
        return f"a number of {value.bit_length() * 3 // 10:,} digits"


# -- finding paths -------------------------------------------------------------------------------------------------


def paths_in(raws: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of paths to values in these raw runs, to be offered as columns.

    Paths into the metadata come first. Their number is limited.
    """
    found: dict[str, None] = {}
    for raw in raws:
        for path in _paths(raw, ()):
            if len(found) >= _MAX_SEEN:
                break
            name = path_name(path)
            if len(name) <= MAX_PATH and name == safe_text(name):
                found[name] = None
    return sorted(found, key=lambda name: not name.startswith("meta_data"))


def _paths(value: Any, path: Path) -> Iterator[Path]:
    steps: Iterable[tuple[str | int, Any]] = ()
    if len(path) < _MAX_DEPTH:
        if isinstance(value, dict):
            steps = value.items()
        elif isinstance(value, list):
            steps = enumerate(value[:_MAX_ITEMS])
    nested = False
    for step, item in steps:
        nested = True
        yield from _paths(item, (*path, step))
    if path and not nested:
        yield path
