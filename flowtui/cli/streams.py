"""Makes stdin, stdout and stderr usable even if one is closed or full, or if its encoding lacks a character."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # to import typing would cost `--version` a fifth of its time
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class SafeStderr:
    """A stderr that raises nothing: text that cannot be written is dropped, so that the exit code stays the same."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write and flush; drop the text if that fails. Returns the number of characters."""
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            discard(self._stream)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts; drop them if that fails."""
        self.write("".join(lines))

    def flush(self) -> None:
        """Do nothing: `write` flushes."""


def make_usable() -> None:
    """Connect closed streams to the null device. Make stdout print ? for a character that its encoding lacks."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # else the next opened file or socket would get this descriptor, and what is printed would go there
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
    """Connect a broken stream to the null device. Otherwise Python would report the same error again at exit."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
