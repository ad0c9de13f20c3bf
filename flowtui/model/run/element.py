"""Reads the fields of one JSON element by name. A field that cannot be read counts as unknown, and is reported."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from flowtui.model.run.json_body import type_name
from flowtui.text import safe_text, shorten

_MS_FROM = 1e11  # larger epoch numbers are milliseconds: as seconds they would be after the year 5100
_MAX_EPOCH = 253402300800.0  # the year 10000, the end of datetime
# Checked before `fromisoformat`, which would read 1612121051234 as a date in the year 1612.
_EPOCH_DIGITS = re.compile(r"[0-9]{9,14}(\.[0-9]+)?")


def parse_time(value: Any) -> float | None:
    """Return a time in UTC epoch seconds; None if `value` is None.

    `value` may be ISO 8601 text, which is UTC if it has no offset. It may also be epoch seconds or milliseconds, as a
    number or as text.

    Raises:
        ValueError: `value` is not a time.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if value[4:5] == "-" or not _EPOCH_DIGITS.fullmatch(value):  # fast path: nearly all are dates
            try:
                moment = datetime.fromisoformat(value.replace("z", "Z"))  # RFC 3339 allows both z and Z
            except ValueError:
                raise ValueError(f"not a time: {_quote(value)}") from None
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"not a time: {type_name(value)}")  # noqa: TRY004  callers catch one type for all unreadable times
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if abs(seconds) >= _MS_FROM:
        seconds /= 1000
    if not abs(seconds) < _MAX_EPOCH:
        raise ValueError(f"not a time: {_quote(value)}")
    return seconds


def _quote(value: object) -> str:
    return repr(shorten(safe_text(str(value)[:80]), 40))  # enough to recognise the value


class FieldReader:
    """Reads the fields of one element, and lists in `problems` those that could not be read."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """Return a string field as the server sent it; "" if it is missing, null or unreadable.

        A number in its place is a problem, and is returned as text.
        """
        value = self.fields.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        self.problems.append(f"{name}: expected a string, got {type_name(value)}")
        return str(value) if isinstance(value, int | float) else ""

    def flag(self, name: str) -> bool:
        """Return a boolean field; False if it is missing, null or unreadable."""
        return bool(self._typed(name, bool, "a boolean"))

    def time(self, name: str) -> float | None:
        """Return a time field in UTC epoch seconds; None if it is missing, null or unreadable."""
        try:
            return parse_time(self.fields.get(name))
        except (ValueError, OverflowError) as error:
            self.problems.append(f"{name}: {error}")
            return None

    def tokens(self, usage: dict[str, Any], name: str) -> int | None:
        """Return a token count from `usage`; None, never 0, if it is missing, null or unreadable."""
        value = usage.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.problems.append(f"usage.{name}: expected a whole number, got {_quote(value)}")
        return None

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object field; {} if it is missing, null or unreadable."""
        return self._typed(name, dict, "an object") or {}

    def _typed(self, name: str, kind: type, expected: str) -> Any:
        value = self.fields.get(name)
        if value is None or isinstance(value, kind):
            return value
        self.problems.append(f"{name}: expected {expected}, got {type_name(value)}")
        return None
