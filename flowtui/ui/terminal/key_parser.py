"""Parser of terminal input. Escape followed at once by another key is two keys here, not alt+key.

A slow connection delivers escape and `q` in one packet: the same bytes that a terminal sends for alt+q. flowtui has no
keys with alt, so both keys count. Textual reads alt+q, which nothing handles, or drops the escape. A line feed is read
as enter: a terminal sends it for enter until flowtui has switched the terminal to its own modes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from flowtui.ui.terminal.pasted_text import PastedText

_ESCAPE: Final = "\x1b"
_SEQUENCE_STARTS: Final = "[O"
"""Characters that may continue a longer sequence after escape. Textual waits for the rest of it."""


def _is_escape_and_key(sequence: str) -> bool:
    """Whether a sequence is escape and a key. One that Textual names is a single key: escape and `f` are ctrl+right."""
    known = isinstance(ANSI_SEQUENCES_KEYS.get(sequence), tuple)
    key = sequence[1:]
    return (
        sequence.startswith(_ESCAPE)
        and len(key) == 1
        and key not in _SEQUENCE_STARTS
        and _plain(key)
        and not known
    )


def _plain(key: str) -> bool:
    return key.isprintable() or key == "\r"


class KeyParser(XTermParser):
    """Textual's parser, except that escape and a key are two keys, a line feed is enter, and pasted text is cleaned."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasted = PastedText()

    def feed(self, data: str) -> Iterable[Message]:
        """Return the messages that the input causes; "" means that the input has ended."""
        cleaned = self._pasted.clean(data)
        return super().feed(cleaned) if cleaned or not data else ()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if _is_escape_and_key(sequence):
            sequence, alt = sequence[1:], True
        elif sequence == "\n":
            sequence = "\r"
        if alt:
            yield events.Key("escape", _ESCAPE)
        yield from super()._sequence_to_key_events(sequence)
