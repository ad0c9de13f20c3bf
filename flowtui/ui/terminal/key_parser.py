"""Keys of somebody in haste, which Textual reads otherwise than they were meant. Owns nothing else of the keys.

Escape and a key that come in one packet, as a slow line brings them, are both heard. A terminal sends the bytes of alt
and `q` for it as well, and nothing of ours has alt. Textual makes alt+q of them, which no one hears, or the second key
alone. Enter that was typed before the terminal was ours is enter: it comes as a line feed.
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
"""What follows escape in longer sequences: it is known only later that nothing more comes."""


def _is_escape_and_key(sequence: str) -> bool:
    """Whether these are two keys: those that Textual has a name for (alt and arrows of some terminals) are one."""
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
    """Textual's reader of what a terminal sends."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasted = PastedText()

    def feed(self, data: str) -> Iterable[Message]:
        """Read what came; "" when nothing more does."""
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
