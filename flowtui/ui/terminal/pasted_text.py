"""What is pasted is text, whatever is in it. Owns the bytes between the start and the end of a paste, and no others.

Terminals mark a paste, and most take escapes out of it. From those that do not, Textual reads the sequences in it as
keys: coloured text, pasted, pressed `m` and digits, and a long one did so for minutes.
"""

from __future__ import annotations

from typing import Final

_START: Final = "\x1b[200~"
_END: Final = "\x1b[201~"
_ESCAPE: Final = "\x1b"
_INTERRUPT: Final = "\x03"


class PastedText:
    """Takes the escapes out of what is pasted, piece by piece as it comes."""

    def __init__(self) -> None:
        self._inside = False
        self._before = ""  # what came last: outside it may begin a start, inside it may begin the end

    def clean(self, data: str) -> str:
        """Return what is to be read of a piece. ctrl+c alone ends a paste whose end was lost on the line."""
        if self._inside and data == _INTERRUPT:
            self._inside, self._before = False, ""
            return _END + _INTERRUPT
        cleaned = ""
        while data:
            text, data = (self._pasted if self._inside else self._typed)(data)
            cleaned += text
        return cleaned

    def _typed(self, data: str) -> tuple[str, str]:
        """Return what is read before and with the start of a paste, and the rest."""
        text = self._before + data
        start = text.find(_START)
        if start < 0:
            self._before = text[-(len(_START) - 1) :]
            return data, ""
        read = len(text) - len(data)
        self._inside, self._before = True, ""
        return text[read : start + len(_START)], text[start + len(_START) :]

    def _pasted(self, data: str) -> tuple[str, str]:
        """Return what is pasted until its end, and the rest."""
        text = self._before + data
        end = text.find(_END)
        if end >= 0:
            self._inside, self._before = False, ""
            return text[:end].replace(_ESCAPE, "") + _END, text[end + len(_END) :]
        held = next((size for size in range(len(_END) - 1, 0, -1) if text.endswith(_END[:size])), 0)
        self._before = text[len(text) - held :]
        return text[: len(text) - held].replace(_ESCAPE, ""), ""
