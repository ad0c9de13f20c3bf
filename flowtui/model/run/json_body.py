"""The bytes of a body as JSON values, read as tolerantly as possible.

Handles everything that may be wrong with a body as a whole: byte order marks, lone surrogates, NaN, truncation, HTML,
deep nesting. Keeps what can be read and says what cannot. Knows nothing about runs.
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
"""The most levels of nesting that are read; pydantic's own parser stops at about the same depth."""

MAX_INT_DIGITS: Final = 4000
"""The most digits of a whole number that is read exactly.

Python converts up to 4,300 digits by default; the rest is left for sums, which have more digits.
"""

MAX_WEIGHT: Final = 300_000
"""The greatest weight of a body that is read at once.

Each comma weighs one, each opening bracket six. The weight estimates the memory for the values, which may be forty
times the size of the body.
"""

TOO_MANY: Final = "more values than are read at once"
"""The `error` of `Elements` if a body has more values than are read.

The first values, up to the limit, are kept.
"""

MAX_TEXT: Final = 10 * 2**20
"""The most bytes that the text of a body may take in memory to be decoded at once."""

MAX_ELEMENTS: Final = 5_000
"""The most elements of one body that are read; a page has a hundred."""

_BRACKET: Final = 6  # the weight of an opening bracket; a comma weighs 1
# the greatest weight of a byte of JSON: a pair of brackets weighs six and takes two bytes
_HEAVIEST: Final = 3
_WIDEST: Final = 4  # bytes in memory for each character, if the text has an emoji
_WIDE: Final = 2  # bytes in memory for each character, if the text is not ASCII but has no emoji
# An emoji, or its escape as surrogates. DEL counts too: the JSON output writes it as an escape of six characters.
_EMOJI: Final = re.compile(rb"[\xf0-\xff\x7f]|\\u[dD][89a-fA-F]")

_SPACE = re.compile(rb"[ \t\r\n]*")
# Possessive, and an unterminated string matches up to the end: otherwise hostile input takes quadratic time.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_OPENED = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*\[")
_WEIGHTS: Final = ((b",", 1), (b"[", _BRACKET), (b"{", _BRACKET))
_SCALAR = re.compile(rb"[^,\]\}\s]+")


class Undecodable(NamedTuple):
    """Stands in a list for an element whose JSON could not be decoded; `reason` says why."""

    reason: str


class Elements(NamedTuple):
    """The elements of an array."""

    values: list[Any]
    error: str | None
    """Why the body could not be read whole; None if it was read whole."""


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits.removeprefix("-")) <= MAX_INT_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_int=_integer)


def decode_text(body: bytes) -> str:
    """Return the body as text, without a byte order mark.

    Its first bytes tell whether it is UTF-8, UTF-16 or UTF-32. Bytes that cannot be decoded become �.
    """
    return body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")


def too_large(body: bytes) -> bool:
    """Whether decoding the whole body may take too much memory.

    This is a quick estimate, in which brackets inside strings count, too.
    """
    return too_many_values(body) or (len(body) > MAX_TEXT // _WIDEST and _text_size(body) > MAX_TEXT)


def too_many_values(body: bytes) -> bool:
    """Whether the values of a body may take too much memory, apart from the length of its texts."""
    return (
        len(body) > MAX_WEIGHT // _HEAVIEST  # a smaller body cannot weigh too much, and counting takes time
        and sum(body.count(sign) * weight for sign, weight in _WEIGHTS) > MAX_WEIGHT
    )


def _text_size(data: bytes) -> int:
    """Return an upper bound for the size in memory of this JSON as `str`, in bytes.

    CPython stores all characters of a string as wide as the widest.
    """
    if data.isascii() and b"\\u" not in data and b"\x7f" not in data:
        return len(data)
    return len(data) * (_WIDEST if _EMOJI.search(data) else _WIDE)


def too_deep(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether `value` is nested deeper than `limit` levels.

    Works without recursion, because deep nesting would exhaust the stack.
    """
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
    """Return the value of a body and None; or, if the body cannot be read as JSON, None and the reason."""
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
    """Return what the body is instead of JSON, in words for the user."""
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


def no_object(value: Any) -> str:
    """Return why an element that is no object cannot be read, in words for the user."""
    return value.reason if isinstance(value, Undecodable) else f"expected an object, got {type_name(value)}"


def type_name(value: Any) -> str:
    """Return the JSON name of a value's type with its article, such as `a string`."""
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
    """Return the elements of a bare array, or of the array in `{"data": [...]}`.

    With `each`, the result of `each` for every element is returned instead. As the elements themselves are then not
    kept, the body may be larger. If the body breaks off, the elements before the break are returned. An element that
    cannot be decoded becomes an `Undecodable`, and the others are read.
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
    """Read an array element by element, as far as possible.

    `text` is UTF-8, because a str might take four times the memory. `error` says why the body could not be decoded at
    once. `each` is that of `parse_elements`.
    """
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
            # The array ends here. If the body was only too large, or an element could not be decoded, everything is
            # read. Otherwise the error is in what follows the array.
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
    """Return the offset at which the elements of the array begin: a bare array, or the one under the key "data".

    None if there is no such array.
    """
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
    """Return the value of one element, or an `Undecodable`."""
    if not text:
        return Undecodable("nothing between two commas")
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        return Undecodable(f"nested deeper than {MAX_DEPTH} levels")
    except ValueError as error:
        return Undecodable(f"not JSON: {getattr(error, 'msg', error)}")
    # Two levels less: the array around the elements counts, and the object around the array.
    if text.count("[") + text.count("{") > MAX_DEPTH - 2 and too_deep(value, MAX_DEPTH - 2):
        return Undecodable(f"nested deeper than {MAX_DEPTH} levels")
    return value


def _element_end(text: bytes, position: int, room: int) -> int | None:
    """Return the offset after the value that starts at `position`, judged by its brackets alone.

    None if the value does not end, or if it has more than `room` brackets and strings.
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
