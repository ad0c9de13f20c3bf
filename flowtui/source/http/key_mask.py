"""Holds the API key, and replaces it by `***` in texts and bodies of a server, in whatever encoding it occurs there.

A key that is split over lines is masked in texts, but not in bodies: that search would take too long in megabytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flowtui.config.key.key import clean_key
from flowtui.config.key.key_encodings import MIN_LENGTH, json_encodings, key_encodings
from flowtui.errors import ConfigError

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret

MASK: Final = "***"
_LONG: Final = 1 << 20  # bytes
_BREAK: Final = r"(?:[\s\\\"'+]|\\[nrt]|%0[aAdD]|&#1[03];)*"
_ESCAPED: Final = re.compile(rb"\\u00[2-7][0-9a-fA-F]")


def mask_text(text: str, key: str) -> str:
    """Return a text with `***` in place of the key, even if the key is split over lines."""
    for form in key_encodings(key):
        text = text.replace(form, MASK)
    if len(key) >= MIN_LENGTH:
        text = _pattern(key, _BREAK).sub(MASK, text)
    return text


def mask_body(body: bytes, key: str) -> bytes:
    """Return the body of an answer with `***` in place of the key. A very short key is not masked, as it may be an ordinary word.

    In a body beyond 1 MiB only the encodings of the key that JSON allows are masked: searching for all takes too long.
    """
    if len(key) < MIN_LENGTH:
        return body
    for form in key_encodings(key) if len(body) <= _LONG else json_encodings(key):
        body = body.replace(form.encode(), MASK.encode())
    # the body escapes letters that need no escape: letters of the key may be escaped, too
    if _ESCAPED.search(body):
        body = _pattern(key, "").sub(MASK, body.decode("latin-1")).encode("latin-1")
    return body


def _pattern(key: str, between: str) -> re.Pattern[str]:
    """Return a pattern for the key in which any letter may be escaped as in JSON, URLs or HTML.

    `between`: a pattern for what may stand between two letters.
    """
    letters = (
        rf"(?:{re.escape(char)}|\\u00(?i:{ord(char):02x})|%(?i:{ord(char):02x})|&#(?:{ord(char)}|x(?i:{ord(char):x}));|\\{re.escape(char)})"
        for char in key
    )
    return re.compile(between.join(letters))


class HeaderKey:
    """The key as requests send it: alone (scheme `key`) or after `Bearer ` (scheme `bearer`). Only this class reads the secret.

    Raises:
        ConfigError: the key is empty, or no header can carry it.
    """

    def __init__(self, key: Secret, scheme: str) -> None:
        self._key = key
        self._prefix = "Bearer " if scheme == "bearer" else ""
        failure = None
        try:
            self._bare()
        except ConfigError as error:
            failure = ConfigError(error.message, hint=error.hint)
        if failure is not None:
            raise failure  # raised here: the frames below hold the key in their locals

    def __repr__(self) -> str:
        return "HeaderKey(***)"

    def header(self) -> str:
        """Return the value of the `Authorization` header."""
        return self._prefix + self._bare()

    def mask(self, text: str) -> str:
        """Return `text` with `***` in place of the key, in every encoding."""
        return mask_text(text, self._bare())

    def mask_body(self, body: bytes) -> bytes:
        """Return `body` with `***` in place of the key: a server may echo request headers."""
        return mask_body(body, self._bare())

    def _bare(self) -> str:
        return clean_key(self._key.get_secret_value(), "its source")
