"""A Python process on a pseudo-terminal: keys are typed as text, and the test waits for what the screen shows."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyte
import pytest
from pyte import charsets, modes
from wcwidth import wcwidth

from . import processes

sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks are no part of the package

from benchmarks.pty_sessions.account import environment
from benchmarks.pty_sessions.pseudo_terminal import PseudoTerminal

__all__ = ["PATIENCE", "Terminal", "environment"]

PATIENCE = processes.PATIENCE

_COLOUR: Final = re.compile(rb"\x1b\[[\d;]*m")
_COLOUR_TEXT: Final = re.compile(_COLOUR.pattern.decode())
_BEGUN: Final = re.compile(rb"(?:\x1b(?:\[[\d;]*)?)?\Z")  # a sequence whose end was not read yet


class _Colourless:
    """Drops colours: they are more than half of the bytes, and would take half of the emulator's time."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._rest = b""

    def feed(self, data: bytes) -> None:
        data = self._rest + data
        begun = _BEGUN.search(data)
        whole = begun.start() if begun is not None else len(data)
        self._rest = data[whole:]
        self._stream.feed(_COLOUR.sub(b"", data[:whole]))


class _Cells(dict[str, pyte.screens.Char | None]):
    """Character → its cell without colours; None where it does not take exactly one cell."""

    def __missing__(self, character: str) -> pyte.screens.Char | None:
        self[character] = cell = pyte.screens.Char(character) if wcwidth(character) == 1 else None
        return cell


_CELLS: Final = _Cells()


class _Screen(pyte.Screen):
    """Draws a text within a line in one step: pyte makes each cell anew, which is half of the time of these tests."""

    def draw(self, data: str) -> None:
        cursor = self.cursor
        end = cursor.x + len(data)
        cells = [_CELLS[character] for character in data]
        plain = not self.charset and self.g0_charset is charsets.LAT1_MAP and modes.IRM not in self.mode
        if not plain or end > self.columns or None in cells or cursor.attrs != _CELLS[" "]:
            super().draw(data)
            return
        self.buffer[cursor.y].update(zip(range(cursor.x, end), cells, strict=True))
        cursor.x = end
        self.dirty.add(cursor.y)


def emulator(columns: int, rows: int) -> tuple[Any, Callable[[str], None]]:
    """Return a screen, and a function that writes text to it, without colours."""
    screen = _Screen(columns, rows)
    stream = pyte.Stream(screen)
    return screen, lambda text: stream.feed(_COLOUR_TEXT.sub("", text))


class Terminal(PseudoTerminal):
    """Python with these arguments on a terminal, and what it has drawn there, without colours."""

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], *, columns: int = 150, rows: int = 40
    ) -> None:
        words = [sys.executable, *arguments]
        super().__init__(words, environ, columns=columns, rows=rows, start=processes.Process)
        self.screen: Any = _Screen(columns, rows)
        self._stream: Any = _Colourless(pyte.ByteStream(self.screen))
        self._rows_of_text: dict[int, str] = {}

    @property
    def text(self) -> str:
        """The screen as text, with all characters of each cell."""
        assert self.screen is not None
        for y in self.screen.dirty:  # the rows that were drawn since the last look
            row = self.screen.buffer[y]
            self._rows_of_text[y] = "".join([row[x].data for x in range(self.columns)])
        self.screen.dirty.clear()
        return "\n".join([self._rows_of_text[y] for y in range(self.rows)])

    def until(self, condition: Callable[[], object]) -> None:
        """Read until the condition holds on a screen that is not half drawn; fail after `PATIENCE` seconds."""
        deadline = time.monotonic() + PATIENCE
        over = False
        while not (condition() and self._settle() and (over or not self.in_frame) and condition()):
            over = not self.alive  # before the last read, so that the last output counts
            if (not self.read(0.1) and over) or time.monotonic() > deadline:
                pytest.fail(
                    f"it never came true; exit {self.process.poll()}, the terminal shows:\n{self.text}"
                )

    def _settle(self) -> bool:
        """Read until nothing is written for a moment: a key may cause more than one frame."""
        deadline = time.monotonic() + 1
        while self.read(0.01) and time.monotonic() < deadline:
            pass
        return True

    def press(self, *keys: str, then: Callable[[], object] | None = None) -> None:
        """Type the keys, then wait until the condition holds."""
        for key in keys:
            os.write(self.master, key.encode())
            self.read(0.02)  # a terminal tells keys apart by the pauses between them
        if then is not None:
            self.until(then)

    def sees(self, *words: str) -> Callable[[], bool]:
        """Return the condition that all words are on the screen."""
        return lambda: all(word in self.text for word in words)

    def has_seen(self, *words: str) -> Callable[[], bool]:
        """Return the condition that each word was on the screen since this call, not all at the same time."""
        missing = set(words)

        def look() -> bool:
            missing.difference_update([word for word in missing if word in self.text])
            return not missing

        return look

    def misses(self, *words: str) -> Callable[[], bool]:
        """Return the condition that none of the words is on the screen."""
        return lambda: not any(word in self.text for word in words)

    def end(self) -> int:
        """Wait for the end, read the rest, and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.alive and time.monotonic() < deadline:
            self.read(0.1)
        while self.read(0):
            pass
        return self.process.wait(1)

    def close(self) -> None:
        self.process.end()
        os.close(self.master)
        os.close(self.slave)

    def check_restored(self) -> None:
        """Assert that the terminal is as it was before the process, and that the process had changed it."""
        assert self.modes[1049] is False
        assert self.modes[25] is True
        assert self.left_behind() == []
