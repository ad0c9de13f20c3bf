"""The forms in which a key comes back to us: bare, and as URLs, HTML, JSON, base64 and hexadecimal usually write it.

Whoever looks for a key in a text looks for these. Pure.
"""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

MIN_LENGTH: Final = 8
"""A shorter key may be any word: other forms of it are nobody's secret."""

_SHORTEST: Final = 8  # characters of an encoded piece that can be nothing else
_BEFORE: Final = (b"", b"\0", b"\0\0")  # base64 has three forms of a text, by what stands before it


@lru_cache(maxsize=8)
def key_encodings(key: str) -> tuple[str, ...]:
    """Return how a key may be written, the longest first, so that no rest of one is left where another is taken out."""
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
    """Return how JSON holds a key, also one that is text in text, the longest first."""
    escaped = json.dumps(key)[1:-1]
    return _longest_first({key, escaped, escaped.replace("/", "\\/"), json.dumps(escaped)[1:-1]})


def _longest_first(forms: set[str]) -> tuple[str, ...]:
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _base64(raw: bytes, encode: object) -> set[str]:
    """Return what base64 makes of the key at each of its three places, without the digits that others share."""
    forms = set()
    for before in _BEFORE:
        written = encode(before + raw).decode().rstrip("=")  # type: ignore[operator]
        first = -(-len(before) * 8 // 6)
        whole = (len(before) + len(raw)) * 8 // 6
        if whole - first >= _SHORTEST:
            forms.add(written[first:whole])
    return forms
