"""JSON that is safe for any terminal, log and parser: printable ASCII, without NaN and infinities."""

from __future__ import annotations

import json
import math
from typing import Any


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Return `value` as JSON in printable ASCII, as control and bidi characters could change what a terminal shows.

    NaN and infinities become null, as JSON cannot express them.
    """
    text = json.dumps(_finite(value), ensure_ascii=True, allow_nan=False, indent=indent)
    # json does not escape DEL. It can only be inside strings, so replacing it is safe.
    return text.replace("\x7f", "\\u007f")


def _finite(value: Any) -> Any:
    """Return `value` with NaN and infinities as null. Recursion is safe, as the JSON parser limits nesting."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
