"""Finds the message of an HTML page or of an XML error. Pure."""

from __future__ import annotations

import html
import re
from typing import Final

MARKUP: Final = re.compile(
    r"<(?:!doctype|html|head|body|\?xml|error\b|errorresponse|response\b|soap|[a-z]{1,10}:envelope)[^>]{0,500}>?",
    re.IGNORECASE,
)
"""A pattern for the beginning of a page or of an XML error."""

_TAG: Final = re.compile(r"<[^<>]{0,1000}>")
_HIDDEN: Final = re.compile(r"<(script|style|svg|noscript)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_SIDE: Final = re.compile(
    r"(?:[\w-]{1,20}:)?(?:Server|Client|Receiver|Sender)"
)  # who is to blame, as SOAP says it
_SILENT: Final = re.compile(
    r"^(?:error|oops|sorry|whoops|an? error (?:has )?occurred|fehler|erreur|error page|server error)\W*$",
    re.IGNORECASE,
)


def message_of_markup(text: str) -> str:
    """Return the message of an HTML page or of an XML error."""
    text = _HIDDEN.sub(" ", text)
    code, message = (
        _element(text, "Code") or _element(text, "faultcode"),
        _element(text, "Message") or _element(text, "faultstring"),
    )
    if _SIDE.fullmatch(code):
        code = ""
    if message:
        return f"{code}: {message}" if code and code.replace(" ", "") != message.replace(" ", "") else message
    for name in ("title", "h1", "h2", "p"):
        found = _element(text, name)
        if found and not _SILENT.match(found):
            return found
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())[:400]


def _element(text: str, name: str) -> str:
    opened = re.compile(rf"<(?:\w{{1,12}}:)?{name}\b[^<>]{{0,500}}>", re.IGNORECASE).search(text)
    if opened is None:
        return ""
    inside = text[opened.end() : opened.end() + 2_000]
    closed = re.compile(rf"</(?:\w{{1,12}}:)?{name}\s*>", re.IGNORECASE).search(inside)
    inside = inside if closed is None else inside[: closed.start()]
    return " ".join(html.unescape(_TAG.sub(" ", inside)).split())
