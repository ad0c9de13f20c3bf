"""A process on a pseudo-terminal of its own: keys go in as bytes, what it draws comes back as a screen and as raw bytes."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte
import pytest

from . import processes

PATIENCE = processes.PATIENCE

# Synchronised output: a program asks whether the terminal knows it, and marks where its frames begin and end.
_SYNCHRONISED = re.compile(rb"\x1b\[\?2026(\$p|h|l)")
_LONGEST = 8
"""Bytes of one of these that may have come before the rest of it."""
_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
# What a shell starts with: the cursor is shown, all else that dashboards switch on is off.
_AT_HOME = {
    1049: False,
    25: True,
    1000: False,
    1002: False,
    1003: False,
    1004: False,
    1006: False,
    2004: False,
}


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of an account in which nothing was ever set up, its homes under `home`."""
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    homes = {f"XDG_{name}_HOME": str(home / name) for name in ("STATE", "CONFIG", "CACHE", "DATA")}
    path = os.pathsep.join(filter(None, (str(Path.cwd()), os.environ.get("PYTHONPATH"))))
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(home), "PYTHONPATH": path}
    return {**inherited, **homes, **terminal, **more}


class Terminal:
    """Python with these arguments on a terminal, and what it has drawn there."""

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], *, columns: int = 150, lines: int = 40
    ) -> None:
        self.columns, self.lines = columns, lines
        self.master, self.slave = os.openpty()
        self._set_size()
        self.before = termios.tcgetattr(self.slave)
        self.raw = bytearray()
        """All bytes that the process sent."""
        self._in_frame = False
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), self.slave)
        self.process = processes.Process(
            [sys.executable, *arguments], cwd=environ["HOME"], env=environ, **ends
        )

    def _set_size(self) -> None:
        fcntl.ioctl(
            self.slave,
            termios.TIOCSWINSZ,
            struct.pack("HHHH", max(self.lines, 0), max(self.columns, 0), 0, 0),
        )

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size, as a terminal does."""
        self.columns, self.lines = columns, lines
        self.screen.resize(lines, columns)
        self.shake(columns, lines)

    def shake(self, columns: int, lines: int) -> None:
        """Tell the process of a size, and draw on as before."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process.send_signal(
            signal.SIGWINCH
        )  # it is not its controlling terminal, so the kernel does not

    @property
    def text(self) -> str:
        # Not `Screen.display`: between two reads a wide character may be half written, which it cannot bear.
        rows = (self.screen.buffer[y] for y in range(self.lines))
        return "\n".join("".join(row[x].data for x in range(self.columns)) for row in rows)

    def read(self, seconds: float) -> bool:
        """Take what has come, waiting so long for something; whether there was anything."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the last process on it has gone
            return False
        came = len(self.raw)
        self.raw += data
        self._stream.feed(data)
        for mark in _SYNCHRONISED.findall(self.raw, max(0, came - _LONGEST)):
            if mark == b"$p":
                os.write(self.master, b"\x1b[?2026;2$y")  # it is known, and off
            else:
                self._in_frame = mark == b"h"
        return bool(data)

    def until(self, condition: Callable[[], object]) -> None:
        """Read until something holds."""
        deadline = time.monotonic() + PATIENCE
        over = False
        while not (condition() and self._at_rest() and (over or not self._in_frame) and condition()):
            over = self.process.poll() is not None  # before the last look: what it left behind counts
            if (not self.read(0.1) and over) or time.monotonic() > deadline:
                pytest.fail(
                    f"it never came true; exit {self.process.poll()}, the terminal says:\n{self.text}"
                )

    def _at_rest(self) -> bool:
        """Read on until nothing comes for a moment: what a key does may be more than one frame."""
        deadline = time.monotonic() + 1
        while self.read(0.01) and time.monotonic() < deadline:
            pass
        return True

    def press(self, *keys: str, then: Callable[[], object] | None = None) -> None:
        """Type, and wait until the screen shows what should come of it."""
        for key in keys:
            os.write(self.master, key.encode())
            self.read(0.02)  # a terminal tells keys apart by the pauses between them
        if then is not None:
            self.until(then)

    def sees(self, *words: str) -> Callable[[], bool]:
        return lambda: all(word in self.text for word in words)

    def has_seen(self, *words: str) -> Callable[[], bool]:
        """Each of the words was there from now on, though not all at once: some are shown for a while only."""
        missing = set(words)

        def look() -> bool:
            missing.difference_update([word for word in missing if word in self.text])
            return not missing

        return look

    def misses(self, *words: str) -> Callable[[], bool]:
        return lambda: not any(word in self.text for word in words)

    def end(self) -> int:
        """Wait for the end, read the rest, and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.1)
        while self.read(0):
            pass
        return self.process.wait(1)

    def close(self) -> None:
        self.process.end()
        os.close(self.master)
        os.close(self.slave)

    @property
    def modes(self) -> dict[int, bool]:
        """The private modes that the process left behind, of those it touched."""
        left: dict[int, bool] = {}
        for numbers, how in _MODES.findall(bytes(self.raw)):
            left.update(dict.fromkeys(map(int, numbers.split(b";")), how == b"h"))
        return left

    def check_restored(self) -> None:
        """The terminal is as it was before the process."""
        assert self.modes[1049] is False
        assert self.modes[25] is True
        assert {mode: on for mode, on in self.modes.items() if _AT_HOME.get(mode, on) != on} == {}
        assert termios.tcgetattr(self.slave) == self.before
