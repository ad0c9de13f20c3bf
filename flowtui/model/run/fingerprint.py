"""The fingerprint of a run's configuration: a short hash, equal if instructions, tools, model and settings are equal.

Hashes raw values, because different values may look the same on the screen. Never raises for what a server sends. A
configuration that is too large or too deep to hash has the fingerprint "", which means unknown.
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

FIELDS: Final = ("instructions", "tools", "model", "temperature", "top_p", "response_format", "tool_choice")
"""The API's fields that make up a run's configuration."""

DEFAULTS: Final[Mapping[str, Any]] = {
    "instructions": "",
    "tools": [],
    "model": "",
    "response_format": "auto",
    "tool_choice": "auto",
    "truncation_strategy": {},
    "meta_data": {},
}
"""Field → its default, which null and a missing field stand for.

In all other fields, null and a missing field stand for an unknown value.
"""

_DIGITS: Final = 7
_MAX_NODES: Final = 20_000  # values in one configuration; fifty tools with large schemas have 5,000
# values in one body that are hashed; more would block the event loop for too long
_MAX_PAGE_NODES: Final = 200_000


class _NodeBudget:
    """How many more values may be hashed."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


def fingerprint(raw: Mapping[str, Any]) -> str:
    """Return seven hexadecimal digits for the configuration of a raw run; "" if it is unknown.

    Null, missing and the default count as equal, and so do numbers of equal value. The order of keys does not matter,
    but the order of list items does. A run in which all `FIELDS` are missing or have their defaults has an unknown
    configuration.
    """
    return raw.config if isinstance(raw, RedactedRun) else _hashed(raw, _NodeBudget(_MAX_NODES))


def fingerprints(body: bytes, wanted: Iterable[str]) -> dict[str, str]:
    """Return raw id → fingerprint for the wanted runs, read from a page of runs.

    The fingerprint is "" if it is unknown, or if the run is not on the page.
    """
    found = dict.fromkeys(wanted, "")
    left = set(found)
    # Most runs of a page share a configuration, and hashing takes ten times as long as decoding.
    hashed: dict[bytes, str] = {}
    page_budget = _NodeBudget(_MAX_PAGE_NODES)
    for value in _elements(body):
        if not left:
            break
        raw_id = _identity(value)
        if raw_id in left:
            left.discard(raw_id)  # if two runs have the same id, the first counts, as in the rows
            # Format 2: in later formats, the bytes also depend on which objects are shared.
            same = marshal.dumps([value.get(name) for name in FIELDS], 2)
            if same not in hashed:
                budget = _NodeBudget(min(_MAX_NODES, page_budget.left))
                before = budget.left
                hashed[same] = _hashed(value, budget)
                page_budget.left -= before - max(0, budget.left)
            found[raw_id] = hashed[same]
    return found


def page_extras(body: bytes, names: tuple[str, ...]) -> dict[str, Extras]:
    """Return raw id → values at the paths `names`, for every run of a page.

    {} if `names` is empty.
    """
    found: dict[str, Extras] = {}
    for value in _elements(body) if names else ():
        raw_id = _identity(value)
        if raw_id and raw_id not in found:
            found[raw_id] = extras_of(value, names)
    return found


def effective(raw: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field, or its default if it is null or missing; None if it has no default."""
    value = raw.get(name)
    return DEFAULTS.get(name) if value is None else value


def canonical(value: Any) -> str | None:
    """Return JSON that is equal for values with the same meaning; None if the value cannot be compared.

    It cannot be compared if it is too large or too deep, or if it contains a number that is not finite, or a hidden
    value without a digest.
    """
    return _written(value, _NodeBudget(_MAX_NODES))


def _elements(body: bytes) -> Iterable[Any]:
    try:
        value = None if too_large(body) else from_json(body)
    except ValueError:
        value = None
    if value is None:
        return parse_elements(body).values  # the body is damaged: use what can be read
    if isinstance(value, dict) and "data" in value:
        value = value["data"]
    return value if isinstance(value, list) else ()


def _identity(value: Any) -> str:
    """Return the raw id that the row of this element has; "" if there is none."""
    raw_id = value.get("id") if isinstance(value, dict) else None
    if isinstance(raw_id, str):
        return raw_id
    return str(raw_id) if isinstance(raw_id, int | float) else ""


def _hashed(raw: Mapping[str, Any], budget: _NodeBudget) -> str:
    values = [effective(raw, name) for name in FIELDS]
    if all(value is None or value == DEFAULTS.get(name) for name, value in zip(FIELDS, values, strict=True)):
        return ""
    written = _written(values, budget)
    if written is None:
        return ""
    return intern(blake2s(written.encode(), digest_size=(_DIGITS + 1) // 2).hexdigest()[:_DIGITS])


def _written(value: Any, budget: _NodeBudget) -> str | None:
    try:
        plain = _plain(value, MAX_DEPTH + 2, budget)
        # ASCII: escapes also what UTF-8 cannot encode, such as a lone surrogate.
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return None


def _plain(value: Any, depth: int, budget: _NodeBudget) -> Any:
    """Return a JSON value in which whole numbers are integers (1 for 1.0) and digests stand for hidden values.

    Raises:
        ValueError: the value cannot be compared (see `canonical`).
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
        budget.left -= len(value) + 1
        if depth == 0 or budget.left < 0:
            raise ValueError("too deep or too large")
        if isinstance(value, dict):
            return {key: _plain(item, depth - 1, budget) for key, item in value.items()}
        return [_plain(item, depth - 1, budget) for item in value]
    return value
