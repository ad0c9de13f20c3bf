"""Says on stderr what a one-shot command reads and how far it is, so that minutes of reading do not look like a hang.

On a terminal it is one line, which is rewritten and erased at the end. In a log it is a line after some seconds, and then
one every half minute.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO

from flowtui.formatting import count, plural
from flowtui.headless.retry import Progress
from flowtui.text import cut_cells

_REWRITE: Final = 0.1  # seconds between two rewrites; a terminal over a slow network gets no more
_FIRST: Final = 12.0  # seconds after which a log gets the first line; all retries of a server that does not answer take less
_NEXT: Final = 30.0  # seconds between two lines of a log
_LONG_PAUSE: Final = 5.0  # seconds
_WIDTH: Final = 80
_ERASE: Final = "\r\x1b[K"


class ProgressLine(Progress):
    """Says how far the reading of one command is.

    `live`: whether the stream is a terminal on which a line can be rewritten. `monotonic`: returns seconds since an
    arbitrary start.
    """

    def __init__(self, stream: TextIO, monotonic: Callable[[], float], *, live: bool) -> None:
        self._stream, self._monotonic, self._live = stream, monotonic, live
        self._due = monotonic() + (0.0 if live else _FIRST)
        self._shown = False
        self._what, self._noun = "", ""
        self._total: int | None = None
        self._done = self._rows = 0
        self._paused = False  # whether a pause was said that no answer has ended yet

    @contextmanager
    def reading(self, what: str, noun: str, total: int | None = None) -> Iterator[None]:
        """Inside this, say that `what` is read, such as `runs`. Of `total` things called `noun` each is a `step`."""
        self._what, self._noun, self._total = what, noun, total
        self._done = self._rows = 0
        self._say()
        try:
            yield
        finally:
            self._erase()
            self._what = ""

    def step(self) -> None:
        """Count one more thing that is read."""
        self._done += 1
        self._paused = False
        self._say()

    def got(self, rows: int) -> None:
        """Count rows of an answer."""
        self._rows += rows
        self._paused = False
        self._say()

    def pause(self, seconds: float) -> None:
        """Say at once that the next request has to wait so long for the request budget."""
        if seconds >= _LONG_PAUSE and not self._paused:
            self._paused = True
            self._due = self._monotonic()
            self._say("; waiting, as the request budget of this minute is used up")

    def _say(self, more: str = "") -> None:
        stream, now = self._stream, self._monotonic()
        if not self._what or now < self._due:
            return
        self._due = now + (_REWRITE if self._live else _NEXT)
        text = f"flowtui: reading {self._what}{self._how_far()}{more}"
        if self._live:
            self._shown = True
            stream.write(f"{_ERASE}{cut_cells(text, _columns(stream) - 1)}")
            stream.flush()
        else:
            stream.write(f"{text}\n")

    def _how_far(self) -> str:
        parts = [] if self._total is None else [f"{count(self._done)} of {plural(self._total, self._noun)}"]
        if self._rows and self._total is None:
            parts.append(plural(self._rows, self._noun))
        elif self._rows:
            parts.append(plural(self._rows, "run"))
        return f": {', '.join(parts)}" if parts else ""

    def _erase(self) -> None:
        if self._shown:
            self._shown = False
            self._stream.write(_ERASE)
            self._stream.flush()
            self._due = self._monotonic()


def _columns(stream: Any) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _WIDTH
    except (OSError, ValueError):
        return _WIDTH
