"""The dashboard on a pseudo-terminal: bytes go in, what it draws comes back as lines of cells and as raw bytes. POSIX only."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence

import pyte

# Synchronised output: a program asks whether the terminal knows it, and marks where its frames begin and end.
_SYNCHRONISED = re.compile(rb"\x1b\[\?2026(\$p|h|l)")
_LONGEST = 8  # bytes of one of these that may have come before the rest of it
_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[(>\d+|<\d*)u")
# What a shell starts with: the cursor is shown and lines wrap, all else that dashboards switch on is off.
_ON_AT_HOME = frozenset({7, 25})
_NAMES = {
    7: "line wrapping",
    25: "the cursor",
    1000: "the mouse",
    1002: "the mouse",
    1003: "the mouse",
    1004: "focus reports",
    1006: "mouse coordinates",
    1015: "mouse coordinates",
    1049: "the alternate screen",
    2004: "bracketed paste",
    2026: "synchronised output",
    2048: "size reports",
}


class Pty:
    """A process on a terminal of its own. With `draw` what it sends is drawn as well, for `lines`."""

    def __init__(
        self, words: Sequence[str], environ: Mapping[str, str], *, columns: int, lines: int, draw: bool = True
    ) -> None:
        self.columns, self.rows = columns, lines
        self.raw = bytearray()
        self.answered = time.monotonic()
        """When the process sent something last, by the monotonic clock."""
        self.in_frame = False
        self._master, self._slave = pty.openpty()
        self._tell_size()
        self._before = termios.tcgetattr(self._slave)
        self._screen = pyte.Screen(columns, lines) if draw else None
        self._stream = pyte.ByteStream(self._screen) if self._screen is not None else None
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), self._slave)
        self.process = subprocess.Popen(
            list(words), cwd=environ["HOME"], env=dict(environ), start_new_session=True, **ends
        )

    def _tell_size(self) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def lines(self) -> list[str]:
        """The screen, one sign a cell; the second cell of a wide sign is NUL."""
        if self._screen is None:
            return []
        buffer = self._screen.buffer
        return [
            "".join((buffer[y][x].data or "\0")[0] for x in range(self.columns)) for y in range(self.rows)
        ]

    def press(self, data: bytes) -> None:
        """Send bytes, all at once; what the terminal does not take within a moment is dropped."""
        while data:
            if not select.select((), [self._master], (), 1.0)[1]:
                return
            data = data[os.write(self._master, data[:512]) :]

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size, as a terminal does."""
        self.columns, self.rows = columns, lines
        if self._screen is not None:
            self._screen.resize(lines, columns)
        self._tell_size()
        if self.alive:
            self.process.send_signal(signal.SIGWINCH)  # it is not its controlling terminal

    def read(self, seconds: float) -> bool:
        """Take what has come, waiting so long for something; return whether there was anything."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the last process on it has gone
            return False
        came = len(self.raw)
        self.raw += data
        self.answered = time.monotonic()
        if self._stream is not None:
            self._stream.feed(data)
        for mark in _SYNCHRONISED.findall(self.raw, max(0, came - _LONGEST)):
            if mark == b"$p":
                self.press(b"\x1b[?2026;2$y")  # it is known, and off
            else:
                self.in_frame = mark == b"h"
        return bool(data)

    def wait(self, seconds: float) -> None:
        """Read on for so long, or until the process ends."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.alive:
            self.read(min(left, 0.1))

    def rest(self, seconds: float = 0.08, most: float = 1.5) -> bool:
        """Read on until nothing comes for so long; return whether that was so, and no frame is half drawn."""
        until = time.monotonic() + most
        while self.read(seconds) or self.in_frame:
            if time.monotonic() > until or not self.alive:
                return False
        return True

    def end(self, seconds: float) -> int | None:
        """Wait so long for the end, and return the exit code; None where it goes on."""
        self.wait(seconds)
        while self.read(0.05):
            pass
        return self.process.poll()

    def left_behind(self) -> list[str]:
        """Return what of the terminal is not as it was before the process, in words."""
        left: dict[int, bool] = {}
        for numbers, how in _MODES.findall(bytes(self.raw)):
            left.update(dict.fromkeys(map(int, numbers.split(b";")), how == b"h"))
        wrong = [
            f"{_NAMES.get(mode, f'mode {mode}')} is left {'on' if on else 'off'}"
            for mode, on in sorted(left.items())
            if on != (mode in _ON_AT_HOME)
        ]
        kitty = 0
        for how in _KITTY.findall(bytes(self.raw)):
            kitty = kitty + 1 if how.startswith(b">") else max(0, kitty - 1)
        if kitty:
            wrong.append("the keyboard protocol is left on")
        if termios.tcgetattr(self._slave) != self._before:
            wrong.append("the line settings are others")
        return wrong

    def close(self) -> None:
        """End the process, whatever it does, and give the terminal away."""
        if self.alive:
            self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)
