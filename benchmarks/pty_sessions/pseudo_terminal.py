"""A process on a pseudo-terminal: sends bytes to it, and keeps what it writes as raw bytes and as a screen. POSIX only."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pyte

# Synchronised output: a program asks whether the terminal supports it, and marks where its frames begin and end.
_SYNCHRONISED = re.compile(rb"\x1b\[\?2026(\$p|h|l)")
_LONGEST = 8  # bytes of such a sequence that may have been read before the rest of it
_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[(>\d+|<\d*)u")
# What a shell starts with: lines wrap and the cursor is shown; every other mode is off.
_ON_BY_DEFAULT = frozenset({7, 25})
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

Start = Callable[..., "subprocess.Popen[bytes]"]
_START: Start = partial(subprocess.Popen, start_new_session=True)


class PseudoTerminal:
    """A process on its own terminal, and what it has written there.

    `start` starts the process, with the arguments of `subprocess.Popen`. Without `draw` nothing is kept but the raw
    bytes: `screen` is None and `lines` is empty.
    """

    def __init__(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        *,
        columns: int,
        rows: int,
        draw: bool = True,
        start: Start = _START,
    ) -> None:
        self.columns, self.rows = columns, rows
        self.raw = bytearray()
        """All bytes that the process wrote."""
        self.in_frame = False
        """Whether a synchronised frame has begun and not ended."""
        self.master, self.slave = os.openpty()
        self._set_size(columns, rows)
        self.before = termios.tcgetattr(self.slave)
        """The line settings before the process started."""
        self.screen = pyte.Screen(columns, rows) if draw else None
        self._stream = pyte.ByteStream(self.screen) if self.screen is not None else None
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), self.slave)
        self.process = start(list(words), cwd=environ["HOME"], env=dict(environ), **ends)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, one character per cell; the second cell of a wide character is NUL."""
        if self.screen is None:
            return []
        # Not `Screen.display`: it fails on a wide character that was half written between two reads.
        buffer = self.screen.buffer
        return [
            "".join((buffer[y][x].data or "\0")[0] for x in range(self.columns)) for y in range(self.rows)
        ]

    def send(self, data: bytes) -> None:
        """Send bytes at once; what the terminal does not accept within a second is dropped."""
        while data:
            if not select.select((), [self.master], (), 1.0)[1]:
                return
            data = data[os.write(self.master, data[:512]) :]

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal and of the screen."""
        self.columns, self.rows = columns, rows
        if self.screen is not None:
            self.screen.resize(rows, columns)
        self.announce_size(columns, rows)

    def announce_size(self, columns: int, rows: int) -> None:
        """Tell the process a size; the screen keeps its own."""
        self._set_size(columns, rows)
        if self.alive:
            self.process.send_signal(signal.SIGWINCH)  # the kernel sends it to a controlling terminal only

    def read(self, seconds: float) -> bool:
        """Read what was written, waiting up to `seconds` for it; return whether there was anything."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the last process on this terminal has ended
            return False
        before = len(self.raw)
        self.raw += data
        if self._stream is not None:
            self._stream.feed(data)
        for mark in _SYNCHRONISED.findall(self.raw, max(0, before - _LONGEST)):
            if mark == b"$p":
                self.send(b"\x1b[?2026;2$y")  # supported, and off
            else:
                self.in_frame = mark == b"h"
        return bool(data)

    def wait(self, seconds: float) -> None:
        """Read for `seconds`, or until the process ends."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.alive:
            self.read(min(left, 0.1))

    def rest(self, seconds: float = 0.08, most: float = 1.5) -> bool:
        """Read until nothing is written for `seconds` and no frame is half drawn.

        Returns False where that takes longer than `most` seconds or the process ends first.
        """
        until = time.monotonic() + most
        while self.read(seconds) or self.in_frame:
            if time.monotonic() > until or not self.alive:
                return False
        return True

    def wait_for_exit(self, seconds: float) -> int | None:
        """Wait up to `seconds` for the end, read the rest, and return the exit code; None where it still runs."""
        self.wait(seconds)
        while self.read(0.05):
            pass
        return self.process.poll()

    @property
    def modes(self) -> dict[int, bool]:
        """The private modes that the process set or reset, as it left them: number -> whether it is on."""
        left: dict[int, bool] = {}
        for numbers, final in _MODES.findall(bytes(self.raw)):
            left.update(dict.fromkeys(map(int, numbers.split(b";")), final == b"h"))
        return left

    def left_behind(self) -> list[str]:
        """Return, in words, each terminal setting that is not as it was before the process."""
        wrong = [
            f"{_NAMES.get(mode, f'mode {mode}')} is left {'on' if on else 'off'}"
            for mode, on in sorted(self.modes.items())
            if on != (mode in _ON_BY_DEFAULT)
        ]
        kitty = 0
        for change in _KITTY.findall(bytes(self.raw)):
            kitty = kitty + 1 if change.startswith(b">") else max(0, kitty - 1)
        if kitty:
            wrong.append("the keyboard protocol is left on")
        if termios.tcgetattr(self.slave) != self.before:
            wrong.append("the line settings were changed")
        return wrong

    def close(self) -> None:
        """Kill the process where it still runs, and close the terminal."""
        if self.alive:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
