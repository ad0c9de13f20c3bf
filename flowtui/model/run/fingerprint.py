"""What a run was configured with, as a short hash: equal where instructions, tools, model and settings are equal.

Reads raw values, so that what differs only in how it is drawn differs here too. Never raises for what a server sends:
what cannot be hashed within bounds is unknown, "".
"""

from __future__ import annotations

import json
import marshal
import math
from collections.abc import Iterable, Mapping
from hashlib import blake2s
from sys import intern
from typing import Any, Final

from pydantic_core import from_json

from flowtui.model.run.json_body import MAX_DEPTH, parse_elements, too_large
from flowtui.model.run.raw_paths import Extras, extras_of
from flowtui.model.run.redacted import Redacted, RedactedRun

FIELDS: Final = (
    "instructions",
    "tools",
    "model",
    "temperature",
    "top_p",
    "response_format",
    "tool_choice",
)
"""The API's fields that make a run's configuration."""

DEFAULTS: Final[Mapping[str, Any]] = {
    "instructions": "",
    "tools": [],
    "model": "",
    "response_format": "auto",
    "tool_choice": "auto",
    "truncation_strategy": {},
    "meta_data": {},
}
"""What null and missing mean; for all other fields, that nobody knows."""

_DIGITS: Final = 7
_MAX_NODES: Final = 20_000  # values in one configuration; fifty tools with large schemas have five thousand
_MAX_PAGE_NODES: Final = 200_000  # in one body: what is new on it must not hold up the loop


class _Room:
    """How many more values may be read."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


def fingerprint(raw: Mapping[str, Any]) -> str:
    """Return seven hexadecimal digits for the configuration of a raw run; "" where it is unknown.

    Null, missing and the default are the same, numbers are equal by value, the order of keys is nothing and that of
    lists is something. A run without any of the fields has no known configuration.
    """
    return raw.config if isinstance(raw, RedactedRun) else _hashed(raw, _Room(_MAX_NODES))


def fingerprints(body: bytes, wanted: Iterable[str]) -> dict[str, str]:
    """Return raw id → fingerprint for the wanted runs of a page of runs; "" for what the page does not tell."""
    found = dict.fromkeys(wanted, "")
    left = set(found)
    hashed: dict[
        bytes, str
    ] = {}  # most runs of a page share a configuration, and hashing one takes ten decodings
    whole = _Room(_MAX_PAGE_NODES)
    for value in _elements(body):
        if not left:
            break
        raw_id = _identity(value)
        if raw_id in left:
            left.discard(raw_id)  # of two with one id the first counts, as among the rows
            same = marshal.dumps(
                [value.get(name) for name in FIELDS], 2
            )  # 2: equal for equal objects, not shared
            if same not in hashed:
                room = _Room(min(_MAX_NODES, whole.left))
                before = room.left
                hashed[same] = _hashed(value, room)
                whole.left -= before - max(0, room.left)
            found[raw_id] = hashed[same]
    return found


def page_extras(body: bytes, names: tuple[str, ...]) -> dict[str, Extras]:
    """Return raw id → what stands at the paths of these names, for every run of a page; nothing where none is wanted."""
    found: dict[str, Extras] = {}
    for value in _elements(body) if names else ():
        raw_id = _identity(value)
        if raw_id and raw_id not in found:
            found[raw_id] = extras_of(value, names)
    return found


def effective(raw: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field with null and missing read as its default; None where there is none."""
    value = raw.get(name)
    return DEFAULTS.get(name) if value is None else value


def canonical(value: Any) -> str | None:
    """Return JSON that is equal where two values mean the same; None where there is none within bounds."""
    return _written(value, _Room(_MAX_NODES))


def _elements(body: bytes) -> Iterable[Any]:
    try:
        value = None if too_large(body) else from_json(body)
    except ValueError:
        value = None
    if value is None:
        return parse_elements(body).values  # broken somewhere: what can be read of it counts
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    return value if isinstance(value, list) else ()


def _identity(value: Any) -> str:
    """Return the raw id that the row of this element has."""
    raw_id = value.get("id") if isinstance(value, dict) else None
    if isinstance(raw_id, str):
        return raw_id
    return str(raw_id) if isinstance(raw_id, int | float) else ""


def _hashed(raw: Mapping[str, Any], room: _Room) -> str:
    values = [effective(raw, name) for name in FIELDS]
    if all(value is None or value == DEFAULTS.get(name) for name, value in zip(FIELDS, values, strict=True)):
        return ""
    written = _written(values, room)
    if written is None:
        return ""
    return intern(blake2s(written.encode(), digest_size=(_DIGITS + 1) // 2).hexdigest()[:_DIGITS])


def _written(value: Any, room: _Room) -> str | None:
    try:
        plain = _plain(value, MAX_DEPTH + 2, room)
        # ASCII: what UTF-8 has no bytes for, such as a lone surrogate, is written as an escape.
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return None


def _plain(value: Any, depth: int, room: _Room) -> Any:
    """Return a JSON value with whole numbers as integers.

    Raises:
        ValueError: a number that is none, or a value too large or too deep to be compared.
    """
    if isinstance(value, Redacted):
        if not value.digest:
            raise ValueError("a hidden value that cannot be compared")
        return {"redacted": value.digest}
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number without a value")
        return int(value) if value.is_integer() else value
    if isinstance(value, dict | list):
        room.left -= len(value) + 1
        if depth == 0 or room.left < 0:
            raise ValueError("too deep or too large")
        if isinstance(value, dict):
            return {key: _plain(item, depth - 1, room) for key, item in value.items()}
        return [_plain(item, depth - 1, room) for item in value]
    return value
