"""The forms in which a key may appear in a text: plain, or encoded as in URLs, HTML, JSON, base64 and hexadecimal. Pure.

Whoever searches a text for a key must search for all of these forms.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

MIN_LENGTH: Final = 8
"""In characters. A shorter key may be an ordinary word, so only a few of its forms are searched for."""

_SHORTEST: Final = 8  # characters of a base64 piece; a shorter one could match by chance
# The base64 of a text depends on the number of bytes before it, modulo 3.
_BEFORE: Final = (b"", b"\0", b"\0\0")


@lru_cache(maxsize=8)
def key_encodings(key: str) -> tuple[str, ...]:
    """Return all forms of a key, the longest first. If they are replaced in this order, no part of the key remains."""
    if not key:
        return ()
    raw = key.encode()
    forms = {*json_encodings(key), html.escape(key), repr(key)[1:-1]}
    if len(key) >= MIN_LENGTH:
        forms |= {quote(key, safe=""), quote_plus(key), quote(key), quote(key, safe="").lower()}
        forms |= {raw.hex(), raw.hex().upper(), "".join(f"&#{byte};" for byte in raw)}
        forms |= {"".join(f"%{byte:02X}" for byte in raw), "".join(f"%{byte:02x}" for byte in raw)}
        forms |= {form for encode in (b64encode, urlsafe_b64encode) for form in _base64(raw, encode)}
    return _longest_first(forms)


def json_encodings(key: str) -> tuple[str, ...]:
    """Return the forms of a key in JSON, also in JSON inside a JSON string. The longest come first."""
    escaped = json.dumps(key)[1:-1]
    return _longest_first({key, escaped, escaped.replace("/", "\\/"), json.dumps(escaped)[1:-1]})


def _longest_first(forms: set[str]) -> tuple[str, ...]:
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _base64(raw: bytes, encode: object) -> set[str]:
    """Return the base64 of the key for each offset (0 to 2 bytes before it), without digits that depend on other bytes."""
    forms = set()
    for before in _BEFORE:
        written = encode(before + raw).decode().rstrip("=")  # type: ignore[operator]
        first = -(-len(before) * 8 // 6)
        whole = (len(before) + len(raw)) * 8 // 6
        if whole - first >= _SHORTEST:
            forms.add(written[first:whole])
    return forms
