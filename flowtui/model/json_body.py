"""A body's bytes as JSON values, as tolerant as honesty allows.

Owns what may be wrong with a whole body: encoding marks, lone surrogates, NaN, truncation, HTML, nesting. What can
be read is kept, what cannot is named. Never knows what a run is.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple

from flowtui.text import safe_text

MAX_DEPTH: Final = 200
"""Levels of nesting that are read; pydantic's own parser stops at about the same depth."""

MAX_INT_DIGITS: Final = 4000
"""Digits of a whole number that are read; Python refuses to convert more than 4,300 by default, and sums grow."""

_SPACE = re.compile(r"[ \t\r\n]*")
# Possessive, and a string without an end runs to the end of the text: hostile escapes must not cost quadratic time.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_ARRAY = re.compile(r'[ \t\r\n]*(?:\{[^\[\]{}]*?"data"[ \t\r\n]*:[ \t\r\n]*)?\[')
_SCALAR = re.compile(r"[^,\]\}\s]+")


class Undecodable(NamedTuple):
    """Stands in a list for one element whose JSON could not be decoded."""

    reason: str


class Elements(NamedTuple):
    """The elements of an array; `error` says why the body as a whole could not be read, None where it could."""

    values: list[Any]
    error: str | None


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits.removeprefix("-")) <= MAX_INT_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_int=_integer)


def decode_text(body: bytes) -> str:
    """Return the body as text: UTF-8, -16 or -32 as its first bytes tell, byte order mark dropped, bad bytes as �."""
    return body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")


def too_deep(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether `value` nests deeper than `limit`; walks without recursion, which the nesting could exhaust."""
    level = [value]
    for _ in range(limit):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return any(isinstance(item, dict | list) for item in level)


def decode(body: bytes) -> tuple[Any, str | None]:
    """Return (value, None), or (None, why the body is no JSON value)."""
    text = decode_text(body)
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        return None, f"JSON nested deeper than {MAX_DEPTH} levels"
    except ValueError as error:
        return None, _describe(text, error)
    if text.count("[") + text.count("{") > MAX_DEPTH and too_deep(value):
        return None, f"JSON nested deeper than {MAX_DEPTH} levels"
    return value, None


def _describe(text: str, error: ValueError) -> str:
    """Say what the body is instead of JSON, in the words of somebody who has to act on it."""
    start = text.lstrip()
    if not start:
        return "an empty body instead of JSON"
    if start.startswith("<"):
        title = re.search(r"<title[^>]*>(.{1,80}?)</title>", start[:4096], re.IGNORECASE | re.DOTALL)
        return f"an HTML page instead of JSON{f' ({safe_text(title[1].strip())})' if title else ''}"
    if isinstance(error, json.JSONDecodeError):
        if error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg:
            return f"truncated JSON: it ends after {len(text):,} characters"
        return f"not JSON: {error.msg} at character {error.pos:,}"
    return "not JSON"


def kind(value: Any) -> str:
    """Return the JSON name of a value's type, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"


def parse_elements(body: bytes) -> Elements:
    """Return the elements of a bare array or of `{"data": [...]}`.

    A body that breaks off keeps the elements before the break; one element that nests too deep becomes an
    `Undecodable` and its neighbours stay.
    """
    value, error = decode(body)
    if error is None:
        if isinstance(value, dict) and "data" in value:
            value = value["data"]
        if isinstance(value, list):
            return Elements(value, None)
        return Elements([], f"{kind(value)} instead of an array")
    return _salvage(decode_text(body), error)


def _salvage(text: str, error: str) -> Elements:
    """Read an array element by element as far as it goes."""
    start = _ARRAY.match(text)
    if start is None:
        return Elements([], error)
    values: list[Any] = []
    position = start.end()
    while True:
        position = _skip_space(text, position)
        if text[position : position + 1] == "]":
            # With an undecodable element the rest is whole after all; without, the trouble lies behind the array.
            return Elements(values, None if any(isinstance(v, Undecodable) for v in values) else error)
        value, position = _element(text, position)
        if position < 0:
            return Elements(values, error)
        values.append(value)
        position = _skip_space(text, position)
        if text[position : position + 1] == ",":
            position += 1
        elif text[position : position + 1] != "]":
            return Elements(values, error)


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _element(text: str, position: int) -> tuple[Any, int]:
    """Return (element, where it ends); the end is -1 where the text breaks off inside it."""
    if text[position : position + 1] == ",":
        return Undecodable("nothing between two commas"), position
    end = _element_end(text, position)
    if end is None:
        return None, -1
    try:
        value = _DECODER.decode(
            text[position:end]
        )  # a slice: errors count lines from the start of their text
    except RecursionError:
        return Undecodable(f"nested deeper than {MAX_DEPTH} levels"), end
    except ValueError as error:
        return Undecodable(f"not JSON: {getattr(error, 'msg', error)}"), end
    return (
        (Undecodable(f"nested deeper than {MAX_DEPTH} levels"), end)
        if too_deep(value, MAX_DEPTH - 2)  # what stands round the elements counts too
        else (value, end)
    )


def _element_end(text: str, position: int) -> int | None:
    """Return where the value that starts at `position` ends, by its brackets alone; None where it does not end."""
    first = text[position : position + 1]
    if first not in ("[", "{", '"'):
        scalar = _SCALAR.match(text, position)
        return scalar.end() if scalar and scalar.end() < len(text) else None
    depth = 0
    for token in _TOKEN.finditer(text, position):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif len(token[0]) < 2 or token[0][-1] != '"':
            return None
        if depth <= 0:
            return token.end()
    return None
