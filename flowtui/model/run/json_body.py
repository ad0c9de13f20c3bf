"""A body's bytes as JSON values, as tolerant as honesty allows.

Owns what may be wrong with a whole body: encoding marks, lone surrogates, NaN, truncation, HTML, nesting. What can
be read is kept, what cannot is named. Never knows what a run is.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable
from itertools import islice
from typing import Any, Final, NamedTuple

from flowtui.text import safe_text

MAX_DEPTH: Final = 200
"""Levels of nesting that are read; pydantic's own parser stops at about the same depth."""

MAX_INT_DIGITS: Final = 4000
"""Digits of a whole number that are read; Python refuses to convert more than 4,300 by default, and sums grow."""

MAX_WEIGHT: Final = 300_000
"""What one body may weigh: its commas, and its opening brackets six times. A value takes up to forty times its bytes."""

TOO_MANY: Final = "more values than are read at once"
"""What `Elements.error` says where a body would fill the memory; the values are those that there is room for."""

MAX_TEXT: Final = 10 * 2**20
"""Bytes in memory of the text of what is decoded at once."""

MAX_ELEMENTS: Final = 5_000
"""Elements of one body that are read; a page has a hundred."""

_BRACKET: Final = 6  # commas
_HEAVIEST: Final = 3  # what a byte of JSON weighs at most: an opening bracket takes another byte to close it
_WIDEST: Final = 4  # bytes in memory of each character of a text, where one of them is an emoji
_WIDE: Final = 2  # where one of them is of another alphabet
_EMOJI: Final = re.compile(
    rb"[\xf0-\xff\x7f]|\\u[dD][89a-fA-F]"
)  # bare or escaped; DEL is written as an escape again

_SPACE = re.compile(rb"[ \t\r\n]*")
# Possessive, and a string without an end runs to the end of the text: hostile escapes must not cost quadratic time.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_OPENED = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*\[")
_WEIGHTS: Final = ((b",", 1), (b"[", _BRACKET), (b"{", _BRACKET))
_SCALAR = re.compile(rb"[^,\]\}\s]+")


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


def too_large(body: bytes) -> bool:
    """Whether a body is not decoded whole: as values it would fill the memory. Counts those in texts too, and is quick."""
    return too_many_values(body) or (len(body) > MAX_TEXT // _WIDEST and _text_size(body) > MAX_TEXT)


def too_many_values(body: bytes) -> bool:
    """Whether the values of a body would fill the memory, whatever its texts take."""
    return (
        len(body) > MAX_WEIGHT // _HEAVIEST  # counting takes as long as half of the decoding
        and sum(body.count(sign) * weight for sign, weight in _WEIGHTS) > MAX_WEIGHT
    )


def _text_size(data: bytes) -> int:
    """Return the most bytes that JSON takes in memory as text: one character that is wide makes all of them so."""
    if data.isascii() and b"\\u" not in data and b"\x7f" not in data:
        return len(data)
    return len(data) * (_WIDEST if _EMOJI.search(data) else _WIDE)


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
    """Return (value, None), or (None, why the body is no JSON value that can be read)."""
    if too_large(body):
        return None, TOO_MANY
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


def type_name(value: Any) -> str:
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


def parse_elements(body: bytes, each: Callable[[Any], Any] | None = None) -> Elements:
    """Return the elements of a bare array or of `{"data": [...]}`, or what `each` makes of them.

    What `each` leaves of an element is all that is kept, so a body may be larger where there is one.

    A body that breaks off keeps the elements before the break; one element that nests too deep becomes an
    `Undecodable` and its neighbours stay.
    """
    value, error = decode(body)
    if error is None:
        if isinstance(value, dict) and "data" in value:
            value = value["data"]
        if isinstance(value, list):
            found = value[:MAX_ELEMENTS]
            return Elements(
                found if each is None else [each(one) for one in found],
                None if len(value) <= MAX_ELEMENTS else TOO_MANY,
            )
        return Elements([], f"{type_name(value)} instead of an array")
    if not json.detect_encoding(body).startswith("utf-8"):
        body = decode_text(body).encode()
    return _salvage(body.removeprefix(BOM_UTF8), error, each)


def _salvage(text: bytes, error: str, each: Callable[[Any], Any] | None) -> Elements:
    """Read an array element by element as far as it goes. In UTF-8: as one text it might take four times the memory."""
    start = _array_start(text)
    if start is None:
        return Elements([], error)
    values: list[Any] = []
    position = start
    room, size, broken = MAX_WEIGHT, MAX_TEXT, False
    while True:
        if each is not None:
            room, size = MAX_WEIGHT, MAX_TEXT
        position = _skip_space(text, position)
        if text[position : position + 1] == b"]":
            # Too much for one decoding, or with an undecodable element, it is whole after all; else the trouble lies behind.
            whole = error == TOO_MANY or broken
            return Elements(values, None if whole else error)
        begin = position
        end = _element_end(text, begin, room)
        if end is None:
            return Elements(values, error)
        element = text[begin:end]
        room -= 1 + sum(element.count(sign) * weight for sign, weight in _WEIGHTS)
        size -= _text_size(element)
        if room < 0 or size < 0 or len(values) >= MAX_ELEMENTS:
            return Elements(values, TOO_MANY)
        value = _element(element.decode("utf-8", "replace"))
        broken |= isinstance(value, Undecodable)
        values.append(value if each is None else each(value))
        position = end
        position = _skip_space(text, position)
        if text[position : position + 1] == b",":
            position += 1
        elif text[position : position + 1] != b"]":
            return Elements(values, error)


def _array_start(text: bytes) -> int | None:
    """Return where the elements begin: those of a bare array, or of the one called "data" in an object; None: neither."""
    start = _skip_space(text, 0)
    if text[start : start + 1] == b"[":
        return start + 1
    if text[start : start + 1] != b"{":
        return None
    depth = 0
    for token in islice(_TOKEN.finditer(text, start), MAX_WEIGHT):
        if token[0] in b"[{":
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
        elif depth == 1 and token[0] == b'"data"' and (opened := _OPENED.match(text, token.end())):
            return opened.end()
        if depth == 0:
            break
    return None


def _skip_space(text: bytes, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _element(text: str) -> Any:
    """Return the value of one element, Undecodable where it has none."""
    if not text:
        return Undecodable("nothing between two commas")
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        return Undecodable(f"nested deeper than {MAX_DEPTH} levels")
    except ValueError as error:
        return Undecodable(f"not JSON: {getattr(error, 'msg', error)}")
    # What stands round the elements counts too.
    if text.count("[") + text.count("{") > MAX_DEPTH - 2 and too_deep(value, MAX_DEPTH - 2):
        return Undecodable(f"nested deeper than {MAX_DEPTH} levels")
    return value


def _element_end(text: bytes, position: int, room: int) -> int | None:
    """Return where the value that starts at `position` ends, by its brackets alone.

    None where it does not end, or holds more than has room.
    """
    first = text[position : position + 1]
    if first == b",":
        return position
    if first not in (b"[", b"{", b'"'):
        scalar = _SCALAR.match(text, position)
        return scalar.end() if scalar and scalar.end() < len(text) else None
    depth = 0
    for token in islice(_TOKEN.finditer(text, position), room + 2):
        if token[0] in b"[{":
            depth += 1
        elif token[0] in b"]}":
            depth -= 1
        elif len(token[0]) < 2 or not token[0].endswith(b'"'):
            return None
        if depth <= 0:
            return token.end()
    return None
