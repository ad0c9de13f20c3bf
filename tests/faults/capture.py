"""Checks the raw bytes that flowtui sent to a terminal for control sequences that are not flowtui's own."""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import Final

# Attributes 0 to 4, 7 and 9, true colours, cursor positions, setting the listed modes, querying two of them.
_OWN: Final = re.compile(
    r"""
      \x1b\[(?:[0-479]|[34]8;2;\d{1,3};\d{1,3};\d{1,3})(?:;(?:[0-479]|[34]8;2;\d{1,3};\d{1,3};\d{1,3}))*m
    | \x1b\[\d+;\d+H
    | \x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1049|2004|2026|2048)[hl]
    | \x1b\[\?(?:2026|2048)\$p
    | \x1b\[[>=]\d+u | \x1b\[<u
    | \x1b\]22;[a-z-]+\x07
    | \x1b\]52;c;[A-Za-z0-9+/=]*\x07
    | \x1b\]9;flowtui:\ [^\x00-\x1f\x7f-\x9f]*\x07
    | \r\n
    """,
    re.VERBOSE,
)
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COPIED: Final = re.compile(rb"\x1b\]52;c;([^\x07]*)\x07")
_TOLD: Final = re.compile(rb"\x1b\]9;([^\x07]*)\x07")


def foreign(raw: bytes, *, bells: int = 0) -> list[str]:
    """Return each control, bidi, invisible or unassigned character outside flowtui's own sequences, such as `U+0007`.

    Invalid UTF-8 counts as Latin-1. `bells` is the expected number of BEL characters.
    """
    text = _OWN.sub("", "".join(raw.decode("utf-8", "surrogateescape")))
    found = unsafe(text, but="")
    for _ in range(bells):
        found.remove("U+0007")
    return found


def copied(raw: bytes) -> list[str]:
    """Return the texts sent to the clipboard, in order."""
    return [base64.b64decode(data, validate=True).decode() for data in _COPIED.findall(raw)]


def told(raw: bytes) -> list[str]:
    """Return the texts of the terminal notifications (OSC 9)."""
    return [data.decode() for data in _TOLD.findall(raw)]


def unsafe(text: str, *, but: str = "\n") -> list[str]:
    """Return the characters of a text that could control a terminal, a browser or an editor."""
    controls = {char for char in set(text) - set(but) if unicodedata.category(char) in _UNSAFE}
    return [f"U+{ord(char):04X}" for char in text if char in controls] if controls else []
