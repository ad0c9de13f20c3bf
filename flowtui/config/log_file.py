"""A log file of limited size that only its owner can read. A thread writes it, so that a slow disk delays nothing else.

If the disk is full, lines are lost, and a later line says how many. Several processes may write to the same file.
Secrets are removed from each line before it is written: see `add_mask`.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from flowtui.config.files.private_files import append_private

LIMIT: Final = 5 * 2**20
"""Bytes. A longer log F is renamed to F.1, which replaces an older F.1, so both together have at most twice as many."""

_MAX_WAITING: Final = 10_000  # lines that may wait for the disk; further ones are dropped and counted
_MAX_BATCH: Final = 200  # lines per write
_CLOSE_WAIT: Final = 2.0  # seconds that `flush` and `close` wait for the disk

# Until a command starts a log, lines go nowhere: without a handler, the logging module would write over the screen.
logging.getLogger("flowtui").addHandler(logging.NullHandler())

Mask = Callable[[str], str]
_masks: list[Mask] | None = None


def reset_masks(*, on: bool) -> None:
    """Drop all masks. `on`: whether a log is written from now on; if not, `add_mask` does nothing."""
    global _masks  # noqa: PLW0603  a process has one log
    _masks = [] if on else None


def add_mask(mask: Mask) -> None:
    """From now on apply `mask`, a function that removes a secret from a text, to each line. Does nothing without a log."""
    if _masks is not None:
        _masks.append(mask)


def without_secrets(text: str) -> str:
    """Return a text with all masks applied."""
    for mask in tuple(_masks or ()):
        text = mask(text)
    return text


class LogFile(logging.Handler):
    """A logging handler that appends to a file. To log a line never blocks.

    Raises OSError or ValueError if the file cannot be opened.
    """

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        super().__init__()
        self._path = path.absolute()  # the current folder may change later
        self._limit = limit
        self._file = append_private(self._path)
        self._waiting: SimpleQueue[logging.LogRecord | threading.Event | None] = SimpleQueue()
        self._lost = 0
        self._counting = threading.RLock()  # reentrant: a signal handler may log while the lock is held
        self._mid_line = False
        self._closed_down = False
        self._thread = threading.Thread(target=self._work, name="flowtui-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a line to the writing thread; if 10,000 lines wait already, drop and count it.

        Arguments are inserted into the message here, as they may change later.
        """
        if self._waiting.qsize() >= _MAX_WAITING:
            with self._counting:
                self._lost += 1
            return
        whole = logging.makeLogRecord(record.__dict__)
        # Without the exception: its message may hold data.
        whole.msg, whole.args, whole.exc_info, whole.stack_info = record.getMessage(), None, None, None
        self._waiting.put(whole)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is logging's
        """Do nothing: the base class would print a traceback over the screen."""

    def flush(self) -> None:
        """Wait for at most 2 s until all lines that were logged before this call are in the file."""
        if self._thread.is_alive():
            done = threading.Event()
            self._waiting.put(done)
            done.wait(_CLOSE_WAIT)

    def close(self) -> None:
        """Write the waiting lines, for at most 2 s, and close the file."""
        if not self._closed_down:
            self._closed_down = True
            self._waiting.put(None)
            self._thread.join(_CLOSE_WAIT)
        super().close()

    # -- the thread ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        ended = False
        while not ended:
            lines, waiters, ended = self._take()
            if lines:
                with suppress(Exception):  # no error may end the thread
                    self._write(lines)
            for event in waiters:
                event.set()
        with suppress(OSError):
            os.close(self._file)

    def _take(self) -> tuple[list[str], list[threading.Event], bool]:
        """Wait for lines. Return them, the events to set after they are written, and whether these are the last lines."""
        lines: list[str] = []
        waiters: list[threading.Event] = []
        item = self._waiting.get()
        while True:
            if item is None:
                return lines, waiters, True
            if isinstance(item, threading.Event):
                waiters.append(item)
            else:
                lines.append(self.format(item))
            if len(lines) >= _MAX_BATCH:
                return lines, waiters, False
            try:
                item = self._waiting.get_nowait()
            except Empty:
                return lines, waiters, False

    def _write(self, lines: list[str]) -> None:
        with self._counting:
            lost, self._lost = self._lost, 0
        if lost:
            lines.insert(0, self._missing_line(lost))
        data = b"".join(f"{line}\n".encode(errors="backslashreplace") for line in lines)
        try:
            self._make_room(len(data))
            data = b"\n" + data if self._mid_line else data
            while data:
                written = os.write(self._file, data)
                data, self._mid_line = data[written:], not data[:written].endswith(b"\n")
        except OSError:
            rest = data.count(b"\n")
            with self._counting:
                self._lost += rest if rest < len(lines) else lost + len(lines) - bool(lost)

    def _missing_line(self, lost: int) -> str:
        text = f"{lost:,} lines are missing here: they could not be written"
        return self.format(logging.LogRecord("flowtui.log", logging.WARNING, "", 0, text, None, None))

    def _make_room(self, size: int) -> None:
        """Start a new file if `size` more bytes would exceed the limit; if another process has started one already, open that."""
        mine = os.fstat(self._file)
        if not stat.S_ISREG(mine.st_mode):
            return  # a pipe or a terminal
        if not self._is_ours(mine):
            self._open_again()
        elif mine.st_size and mine.st_size + size > self._limit:
            self._rotate(mine)

    def _is_ours(self, mine: os.stat_result) -> bool:
        try:
            return os.path.samestat(mine, self._path.stat())
        except OSError:
            return False

    def _open_again(self) -> None:
        with suppress(OSError, ValueError):  # the folder was deleted: go on with the old file
            new = append_private(self._path)
            os.close(self._file)
            self._file, self._mid_line = new, False

    def _rotate(self, mine: os.stat_result) -> None:
        """Rename the log F to `F.1` and start a new one. If it cannot be renamed, empty it: the newest lines matter most."""
        whole = Path(os.path.realpath(self._path))
        with _exclusive(self._file):
            if self._is_ours(mine):
                try:
                    whole.replace(f"{whole}.1")
                except OSError:
                    os.ftruncate(self._file, 0)
                    return
        self._open_again()


@contextmanager
def _exclusive(descriptor: int) -> Iterator[None]:
    """Hold a lock on the file inside the context, so that only one process renames it. Some systems have no such lock."""
    with suppress(ImportError, OSError):
        import fcntl  # noqa: PLC0415  not on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield
    with suppress(ImportError, OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
