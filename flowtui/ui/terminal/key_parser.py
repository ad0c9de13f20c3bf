"""Parser of terminal input. Escape followed at once by another key is two keys here, not alt+key.

A slow connection delivers escape and `q` in one packet: the same bytes that a terminal sends for alt+q. flowtui has no
keys with alt, so both keys count. Textual reads alt+q, which nothing handles, or drops the escape. A line feed is
enter: enter sends it when typed before flowtui had switched the terminal to its own modes.
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
"""Characters that begin a longer sequence after escape: whether more follows is known only later."""


def _is_escape_and_key(sequence: str) -> bool:
    """Whether a sequence is escape and a key. A sequence that Textual has a name for is one key, such as alt+arrow."""
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
    """Textual's parser of terminal input, with these corrections and pasted text cleaned."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasted = PastedText()

    def feed(self, data: str) -> Iterable[Message]:
        """Return the messages of the input; "" says that the input has ended."""
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
