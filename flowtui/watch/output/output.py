"""Writes to stdout and to files. If the program that reads stdout ends, further text is dropped; the watch goes on."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TextIO

from flowtui.config.files.private_files import FILE, create_private, write_atomically
from flowtui.errors import UsageError
from flowtui.text import safe_text


def print_error(text: str) -> None:
    """Print a line on stderr; do nothing if stderr is closed."""
    try:
        sys.stderr.write(f"flowtui: {safe_text(text)}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


class Output:
    """Writes to a stream. After a write has failed, `gone` is True, and further text is dropped without an error."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.gone = False

    def write(self, text: str) -> None:
        """Write and flush. If that fails, print why on stderr and set `gone`; do nothing if `gone` is set."""
        if self.gone or not text:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError) as error:
            self.gone = True
            reason = getattr(error, "strerror", None) or "it is closed"
            print_error(f"stdout: {reason}; the watch goes on, and its exit code stands")
            _abandon(self._stream)


def _abandon(stream: TextIO) -> None:
    """Connect the stream to the null device. Otherwise Python would print an error about the closed pipe at exit."""
    try:
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    except (OSError, ValueError):
        pass


def check_writable(option: str, path: str) -> None:
    """Raise UsageError if the file at `path` cannot be written. Called before the watch begins."""
    target = Path(path)
    try:
        there = target if target.exists() else target.parent
        writable = target.parent.is_dir() and not target.is_dir() and os.access(there, os.W_OK)
    except (OSError, ValueError):
        writable = False
    if not writable:
        raise UsageError(f"{option}: {safe_text(path)} cannot be written")


def write_file(path: str, text: str) -> None:
    """Replace a file in one step, so that readers see the old or the new text. Errors are printed, not raised.

    A new file can be read by its owner only; an existing file keeps its permissions.
    """
    target = Path(path)
    try:
        there = target.stat().st_mode if target.exists() else None
        if there is not None and not stat.S_ISREG(there):  # /dev/stderr, a named pipe
            target.write_text(text, encoding="utf-8")
            return
        # The permissions of an existing file are kept.
        write_atomically(target, text.encode(), mode=FILE if there is None else stat.S_IMODE(there))
    except OSError as error:
        print_error(f"{path}: {error.strerror or 'cannot be written'}")


def append_file(path: str, text: str) -> None:
    """Append to a file; a new file can be read by its owner only. Errors are printed, not raised."""
    try:
        target = Path(path)
        try:
            descriptor = create_private(target)
        except FileExistsError:
            descriptor = os.open(target, os.O_WRONLY | os.O_APPEND)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print_error(f"{path}: {error.strerror or 'cannot be written'}")
