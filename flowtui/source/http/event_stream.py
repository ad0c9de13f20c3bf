"""Reads server-sent events: the bytes of a stream in any pieces → the data of each event. No I/O.

As in the HTML standard, but more tolerant: the official SDK reads each line of data as an event of its own, so a line that
is a whole JSON object does not wait for the empty line after it. Names, ids and comments of events are not used.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import Final

MAX_EVENT: Final = 1 << 20
"""The most bytes of one event that are read."""

TOO_LONG: Final = b""
"""Stands for an event that has more bytes; no other event has empty data."""

_BREAK: Final = re.compile(rb"\r\n|\r|\n")
_DATA: Final = b"data"


class EventReader:
    """One stream of events: call `feed` with each piece as it comes, then `finish`."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._skips = False  # whether the rest of the line is skipped, as it is too long
        self._first = True  # whether the first line has not ended yet
        self._after_cr = False  # whether the last byte was CR: a LF then belongs to the same line break
        self._data: list[bytes] = []
        self._size = 0
        self._too_long = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of the events that this piece completes."""
        if not piece:
            return []
        rest = piece[1:] if self._after_cr and piece.startswith(b"\n") else piece
        self._after_cr = piece.endswith(b"\r")
        found: list[bytes] = []
        *lines, rest = _BREAK.split(rest)
        for line in lines:
            self._grow(line)
            self._end_line(found)
        self._grow(rest)
        return found

    def finish(self) -> list[bytes]:
        """Return the data of the last events: a stream may end without a line break."""
        found: list[bytes] = []
        self._end_line(found)
        self._end_event(found)
        return found

    def _grow(self, part: bytes) -> None:
        room = MAX_EVENT - len(self._line)
        self._line += part[:room]
        self._skips = self._skips or len(part) > room

    def _end_line(self, found: list[bytes]) -> None:
        line = bytes(self._line)
        self._line.clear()
        if self._first:
            line, self._first = line.removeprefix(BOM_UTF8), False
        if self._skips:
            self._skips = False
            if _name_of(line) == _DATA:  # a comment or another field may be as long as it likes
                found.append(TOO_LONG)
        elif not line:
            self._end_event(found)
        elif _name_of(line) == _DATA:
            self._take(line[len(_DATA) + 1 :].removeprefix(b" "), found)

    def _take(self, data: bytes, found: list[bytes]) -> None:
        """Read one line of data; a whole object that no other line precedes is an event."""
        if not self._data and _whole(data):
            found.append(data)
            return
        self._size += len(data) + 1
        if self._size > MAX_EVENT:
            self._data, self._too_long = [], True
        elif not self._too_long:
            self._data.append(data)

    def _end_event(self, found: list[bytes]) -> None:
        data = b"\n".join(self._data)
        if self._too_long or data.strip():
            found.append(TOO_LONG if self._too_long else data)
        self._data, self._size, self._too_long = [], 0, False


def _name_of(line: bytes) -> bytes:
    """Return the name of the field that a line sets; "" for a comment."""
    return line.partition(b":")[0]


def _whole(data: bytes) -> bool:
    text = data.strip()
    return text == b"[DONE]" or (text.startswith(b"{") and text.endswith(b"}"))
