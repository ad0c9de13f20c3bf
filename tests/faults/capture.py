"""Reads the raw bytes that flowtui sent to a terminal, and says which of them are not flowtui's own."""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import Any, Final

from ..terminal import Terminal

# Set attributes 0 to 4, 7 and 9 and true colours, go to a place, set the modes of the list, ask for two of them.
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
_COLOUR: Final = re.compile(rb"\x1b\[[\d;]*m")
_BEGUN: Final = re.compile(rb"(?:\x1b(?:\[[\d;]*)?)?\Z")  # a sequence of which the end has not come yet
_COPIED: Final = re.compile(rb"\x1b\]52;c;([^\x07]*)\x07")
_TOLD: Final = re.compile(rb"\x1b\]9;([^\x07]*)\x07")


def foreign(raw: bytes, *, bells: int = 0) -> list[str]:
    """Return every control, bidi, invisible or unassigned character that is no part of a sequence of flowtui's own.

    What is no UTF-8 counts as what it is in Latin-1; `bells` are expected.
    """
    text = _OWN.sub("", "".join(raw.decode("utf-8", "surrogateescape")))
    found = [f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in _UNSAFE]
    for _ in range(bells):
        found.remove("U+0007")
    return found


def copied(raw: bytes) -> list[str]:
    """Return what was sent to the clipboard, in order."""
    return [base64.b64decode(data, validate=True).decode() for data in _COPIED.findall(raw)]


def told(raw: bytes) -> list[str]:
    """Return the notifications that the terminal was asked to show."""
    return [data.decode() for data in _TOLD.findall(raw)]


def unsafe(text: str, *, but: str = "\n") -> list[str]:
    """Return the characters of a text that a terminal, a browser or an editor could be steered by."""
    return [
        f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in _UNSAFE and char not in but
    ]


class Pale(Terminal):
    """A terminal that shows no colours: they are more than half of all bytes, and reading them costs as much time."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._stream = _Colourless(self._stream)


class _Colourless:
    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._rest = b""

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        whole = len(data) - len(_BEGUN.search(data)[0])
        self._rest = data[whole:]
        self._stream.feed(_COLOUR.sub(b"", data[:whole]))
