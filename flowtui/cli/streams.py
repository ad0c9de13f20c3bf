"""Makes stdin, stdout and stderr usable when they are closed, full, or lack a character in their encoding."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # to import typing would cost `--version` a fifth of its time
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class SafeStderr:
    """stderr that loses text instead of raising: a message that cannot be written changes no exit code."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write and flush; lose the text if that fails. Returns the number of characters."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            discard(self._stream)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts; lose them if that fails."""
        self.write("".join(lines))

    def flush(self) -> None:
        """Do nothing: `write` has flushed."""


def make_usable() -> None:
    """Point closed streams at the null device, and replace characters that the locale lacks."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # else the next file or socket would get this number, and the stream's text
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  open until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  open until the process ends
    elif sys.stderr is sys.__stderr__:
        sys.stderr = SafeStderr(sys.stderr)
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def discard(stream: Any) -> None:
    """Point a broken stream at the null device: Python would fail on it again when it exits."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
