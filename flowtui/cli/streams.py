"""Makes the three streams usable whatever they are: closed, full, or of an encoding that lacks a sign."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # to import typing would cost `--version` a fifth of its time
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class SafeStderr:
    """stderr as long as it takes something: what is said there is worth no exit code of its own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write and flush, or lose the text."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            discard(self._stream)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several, or lose them."""
        self.write("".join(lines))

    def flush(self) -> None:
        """Everything is flushed already."""


def make_usable() -> None:
    """Make stdin, stdout and stderr usable: closed ones go nowhere, and a sign that the locale lacks is no crash."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # or the next file or socket would get the number, and what is written to the stream
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
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
    """Point a stream at nothing, or Python would complain about the same pipe once more when it exits."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
