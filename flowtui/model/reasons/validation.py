"""Shortens what pydantic says of invalid values to the fields and the kinds of error, without the values. Pure."""

from __future__ import annotations

import re
from typing import Final

_HEAD: Final = re.compile(r"(?:[\d#]{1,5} )?validation errors? for (?P<model>[\w.\[\], -]{1,80}?)(?::)?\s*\n")
_FLAT: Final = re.compile(
    r"(?:[\d#]{1,5} )?validation errors? for (?P<model>[\w.\[\]-]{1,80}):?\s(?P<field>[\w.\[\]`'-]{1,120})\s"
    r"(?P<message>[A-Z][^\[\n]{1,300}?)\s\[type=(?P<type>\w{1,60}),[^\n]{0,4000}"
)
_ERROR: Final = re.compile(
    r"^[ \t]*(?P<field>[^\s\n][^\n]{0,200})\n[ \t]+(?P<message>[^\n]{1,400}?)\s[\[(]type=(?P<type>[\w.]{1,60})[^\n]{0,4000}$",
    re.MULTILINE,
)
_INDEX: Final = re.compile(r"(?<![^.])\d+(?![^.])")
_MOST: Final = 3  # fields that are named
# These types say what was wrong; the rest of the sentence depends on the value.
_OWN_WORDS: Final = frozenset(("value_error", "assertion_error", "custom_error"))


def without_values(text: str) -> str:
    """Return a text with pydantic's errors as `validation errors for MODEL: FIELD: what is wrong (type)`."""
    head = _HEAD.search(text)
    if head is None:
        return _FLAT.sub(_flat, text, count=1)
    found = list(_ERROR.finditer(text, head.end()))[:50]
    if not found:
        return text
    told = sorted({_told(one["field"], one["message"], one["type"]) for one in found})
    return f"{text[: head.start()]}# validation errors for {head['model'].strip()}: {'; '.join(told[:_MOST])}"


def _flat(found: re.Match[str]) -> str:
    told = _told(found["field"], found["message"], found["type"])
    return f"# validation errors for {found['model']}: {told}"


def _told(field: str, message: str, kind: str) -> str:
    if kind not in _OWN_WORDS:
        message = message.split(", ", 1)[0] if " should be '" not in message else "Input should be one of […]"
    return f"{_INDEX.sub('#', field.strip())}: {message} ({kind})"
