"""How the configurations of two runs differ: field by field, tools by name, objects by path.

Pure; all text is display-safe. Differences within the instructions' text are found by `word_diff`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flowtui.formatting import UNKNOWN
from flowtui.model.diff.sequence_diff import StepBudget, matches
from flowtui.model.diff.word_diff import ADDED, REMOVED
from flowtui.model.run import detail
from flowtui.model.run.fingerprint import DEFAULTS, FIELDS, canonical, effective
from flowtui.model.run.json_body import too_deep
from flowtui.model.run.redacted import Redacted
from flowtui.text import safe_lines, safe_text, shorten_counted

COMPARED: Final = (
    *FIELDS,
    "max_completion_tokens",
    "truncation_strategy",
    "parallel_tool_calls",
    "meta_data",
)
"""The fields that are compared: those of the fingerprint, then other settings."""

CHANGED: Final = "changed"

MAX_PATHS: Final = 40
"""The most changed places of one value that are listed; the others are only counted."""

MAX_TEXT: Final = 2000
"""The most characters of one changed value, and of one line of a field."""

MAX_LINES: Final = 200
"""The most lines of one field."""

_NO_TEXT: Final = "nested too deep, or a number too long, to be shown"
_MAX_DEPTH: Final = 12  # levels of a path; a value below them is compared as a whole
_STEPS: Final = 20_000  # greatest number of comparisons for the items of one list


class PathChange(NamedTuple):
    """One place at which a value differs."""

    path: str
    """The way to the place, such as `schema.properties.id.type`."""
    before: str | None
    """The old value as JSON; None if the place did not exist."""
    after: str | None
    """The new value as JSON; None if the place does not exist any more."""


class ToolChange(NamedTuple):
    """A tool that was added, removed or changed."""

    name: str
    kind: str
    """ADDED, REMOVED or CHANGED."""
    paths: tuple[PathChange, ...] = ()
    """The places at which the tool changed, at most MAX_PATHS."""
    more: int = 0
    """The number of changed places that `paths` leaves out."""


class FieldChange(NamedTuple):
    """One compared field of two runs."""

    name: str
    before: tuple[str, ...]
    """The old value as display-safe lines, cut after MAX_LINES."""
    after: tuple[str, ...]
    """The new value as display-safe lines, cut after MAX_LINES."""
    same: bool
    """Whether both values have the same meaning, as for the fingerprint, even if they are written differently."""
    tools: tuple[ToolChange, ...] = ()
    """The tools that differ; empty for all fields except `tools`."""
    paths: tuple[PathChange, ...] = ()
    """The places at which the values differ, if both are objects; at most MAX_PATHS."""
    more: int = 0
    """The number of differing places that `paths` leaves out."""


def config_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """Return all compared fields of two raw runs, equal ones too, always in the same order."""
    return [_field(name, before, after) for name in COMPARED]


def instructions_text(raw: Mapping[str, Any]) -> str:
    """Return the raw instructions as one text; as JSON if they are not text."""
    value = effective(raw, "instructions")
    return value if isinstance(value, str) else "\n".join(_json(value))


def _field(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> FieldChange:
    old, new = effective(before, name), effective(after, name)
    known = canonical(old), canonical(new)
    comparable = None not in known
    same = known[0] == known[1] if comparable else _json(old) == _json(new) != [_NO_TEXT]
    sides = _cut(_shown(name, before)), _cut(_shown(name, after))
    if same or not comparable or (isinstance(old, Redacted) and isinstance(new, Redacted)):
        return FieldChange(name, *sides, same)
    if name == "tools":
        return FieldChange(name, *sides, same, tools=tuple(_tools(before, after)))
    if isinstance(old, dict) and isinstance(new, dict):
        paths, more = _named_paths(old, new)
        return FieldChange(name, *sides, same, paths=paths, more=more)
    if sides[0] == sides[1]:  # they differ but look the same, such as the text "1" and the number 1
        sides = _cut(_json(old)), _cut(_json(new))
    return FieldChange(name, *sides, same)


def _shown(name: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a field as lines: tools by their names, a default value marked as such."""
    value = effective(raw, name)
    if name == "tools":
        return tuple(tool.name for tool in _named(raw)) or (UNKNOWN,)
    if value is None or value in ("", {}):
        return (UNKNOWN,)
    default = f"{DEFAULTS.get(name)} (the default)" if raw.get(name) is None else None
    if isinstance(value, str):
        return (default,) if default is not None else tuple(safe_lines(value))
    return tuple(_json(value))


def _cut(lines: Sequence[str]) -> tuple[str, ...]:
    """Return at most `MAX_LINES` lines of limited length."""
    kept = [shorten_counted(line, MAX_TEXT) for line in lines[:MAX_LINES]]
    return (*kept, f"… {len(lines) - MAX_LINES:,} more lines") if len(lines) > MAX_LINES else tuple(kept)


def _json(value: Any) -> list[str]:
    if too_deep(value):  # indenting it would take seconds
        return [_NO_TEXT]
    try:
        return detail.json_lines(value)
    except ValueError:
        return [_NO_TEXT]


def _named(raw: Mapping[str, Any]) -> list[detail.Tool]:
    try:
        return detail.tools(dict(raw))
    except (ValueError, RecursionError):  # a tool that is not an object is named by its JSON, which may fail
        return []


def _tools(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[ToolChange]:
    """Yield the tools that differ: removed ones first, in their old order, then the others in the new order."""
    olds, news = _by_name(before), _by_name(after)
    yield from (ToolChange(key[0], REMOVED) for key in olds if key not in news)
    for key, new in news.items():
        if key not in olds:
            yield ToolChange(key[0], ADDED)
        elif canonical(olds[key]) != canonical(new):
            yield ToolChange(key[0], CHANGED, *_named_paths(olds[key], new))


def _by_name(raw: Mapping[str, Any]) -> dict[tuple[str, int], Any]:
    """Return (name, index among the tools with this name) → raw tool."""
    value = effective(raw, "tools")
    found: dict[tuple[str, int], Any] = {}
    seen: Counter[str] = Counter()
    for tool, item in zip(_named(raw), value if isinstance(value, list) else [value], strict=False):
        found[tool.name, seen[tool.name]] = item
        seen[tool.name] += 1
    return found


def _named_paths(old: Any, new: Any) -> tuple[tuple[PathChange, ...], int]:
    """Return the changed places to list, and how many more there are."""
    paths = list(_paths(old, new, "", _MAX_DEPTH))
    return tuple(paths[:MAX_PATHS]), max(0, len(paths) - MAX_PATHS)


def _paths(old: Any, new: Any, path: str, depth: int) -> Iterator[PathChange]:
    """Yield the places at which two values differ.

    A value more than `depth` levels down is compared as a whole. The caller has checked that both values can be
    compared.
    """
    if depth and isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            place = f"{path}.{safe_text(key)}" if path else safe_text(key)
            if key not in new:
                yield PathChange(place, _short(old[key]), None)
            elif key not in old:
                yield PathChange(place, None, _short(new[key]))
            else:
                yield from _paths(old[key], new[key], place, depth - 1)
    elif depth and isinstance(old, list) and isinstance(new, list):
        yield from _items(old, new, path, depth - 1)
    elif canonical(old) != canonical(new):
        yield PathChange(path, _short(old), _short(new))


def _items(old: list[Any], new: list[Any], path: str, depth: int) -> Iterator[PathChange]:
    """Yield how two lists differ.

    If a changed section has as many items before as after, the items are compared in pairs. Otherwise they count as
    removed and added.
    """
    one, two = [canonical(item) or "" for item in old], [canonical(item) or "" for item in new]
    i = j = 0
    for match in [*matches(one, two, StepBudget(_STEPS)), None]:
        end, other = (match.before, match.after) if match is not None else (len(old), len(new))
        if end - i == other - j:
            for step in range(end - i):
                yield from _paths(old[i + step], new[j + step], f"{path}[{j + step}]", depth)
        else:
            yield from (PathChange(f"{path}[{place}]", _short(old[place]), None) for place in range(i, end))
            yield from (PathChange(f"{path}[{place}]", None, _short(new[place])) for place in range(j, other))
        if match is not None:
            i, j = match.before + match.size, match.after + match.size


def _short(value: Any) -> str:
    """Return a value as JSON on one display-safe line, cut if it is very long."""
    return safe_text(shorten_counted(json.dumps(value, ensure_ascii=False, default=str), MAX_TEXT))
