"""Removes escape characters from pasted text, so that no sequence in it is read as a key.

Terminals mark the start and the end of a paste, and most remove escapes from it. With the others, Textual reads the
sequences as keys: pasting coloured text triggered the actions of `m` and of digits, and after a long paste this went on
for minutes.
"""

from __future__ import annotations

from typing import Final

_START: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_ESCAPE: Final = "\x1b"
_INTERRUPT: Final = "\x03"


class PastedText:
    """Removes escapes from the pasted parts of the input, which arrives in pieces."""

    def __init__(self) -> None:
        self._inside = False
        self._before = ""  # the end of the last piece: a start or an end marker may begin there

    def clean(self, data: str) -> str:
        """Return a piece of input without the escapes in pasted text. A lone ctrl+c ends a paste whose end marker was lost."""
        if self._inside and data == _INTERRUPT:
            self._inside, self._before = False, ""
            return _END + _INTERRUPT
        cleaned = ""
        while data:
            text, data = (self._pasted if self._inside else self._typed)(data)
            cleaned += text
        return cleaned

    def _typed(self, data: str) -> tuple[str, str]:
        """Return the input up to the end of the start marker, and the rest; without a marker, all of the input."""
        text = self._before + data
        start = text.find(_START)
        if start < 0:
            self._before = text[-(len(_START) - 1) :]
            return data, ""
        read = len(text) - len(data)
        self._inside, self._before = True, ""
        return text[read : start + len(_START)], text[start + len(_START) :]

    def _pasted(self, data: str) -> tuple[str, str]:
        """Return the pasted text up to the end of its end marker, without escapes, and the rest.

        Without an end marker, the rest is empty; a beginning of one is kept for the next piece.
        """
        text = self._before + data
        end = text.find(_END)
        if end >= 0:
            self._inside, self._before = False, ""
            return text[:end].replace(_ESCAPE, "") + _END, text[end + len(_END) :]
        held = next((size for size in range(len(_END) - 1, 0, -1) if text.endswith(_END[:size])), 0)
        self._before = text[len(text) - held :]
        return text[: len(text) - held].replace(_ESCAPE, ""), ""
