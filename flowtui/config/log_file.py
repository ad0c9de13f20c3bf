"""The log as a file: for its owner alone, bounded in size, and written by a thread, so that no slow disk holds us up.

A disk that fills up costs lines, which are counted and told once there is room again; never the program. Several
processes may share a file. What must not stand in it is taken out of each line before it is written: `add_mask`.
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
"""Bytes of a log; then it becomes `F.1`, in the place of the one before, so both take twice as much at most."""

_MAX_WAITING: Final = 10_000  # lines that wait for the disk; more are dropped and counted
_MAX_BATCH: Final = 200  # lines of one write
_CLOSE_WAIT: Final = 2.0  # seconds that the end of the program waits for the disk

# Without a command line of ours there is no log: logging's own last resort would write troubles over the screen.
logging.getLogger("flowtui").addHandler(logging.NullHandler())

Mask = Callable[[str], str]
_masks: list[Mask] | None = None


def reset_masks(*, on: bool) -> None:
    """Forget all masks: another log begins, or (`on` False) there is none, and masks are not kept."""
    global _masks  # noqa: PLW0603  a process has one log
    _masks = [] if on else None


def add_mask(mask: Mask) -> None:
    """Let `mask` take its secret out of all lines from now on, where there is a log."""
    if _masks is not None:
        _masks.append(mask)


def without_secrets(text: str) -> str:
    """Return a text without the secrets that are known by now."""
    for mask in tuple(_masks or ()):
        text = mask(text)
    return text


class LogFile(logging.Handler):
    """Appends to a file; blocks nobody. Raises OSError, ValueError: it cannot be opened."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        super().__init__()
        self._path = path.absolute()  # another part of us may change the folder
        self._limit = limit
        self._file = append_private(self._path)
        self._waiting: SimpleQueue[logging.LogRecord | threading.Event | None] = SimpleQueue()
        self._lost = 0
        self._counting = threading.RLock()  # a signal may come between, and say something too
        self._mid_line = False
        self._closed_down = False
        self._thread = threading.Thread(target=self._work, name="flowtui-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a line to the thread. Its text is made here: what it speaks of may have changed a moment later."""
        if self._waiting.qsize() >= _MAX_WAITING:
            with self._counting:
                self._lost += 1
            return
        whole = logging.makeLogRecord(record.__dict__)
        # Without what the exception says: that may be data.
        whole.msg, whole.args, whole.exc_info, whole.stack_info = record.getMessage(), None, None, None
        self._waiting.put(whole)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the name is logging's
        """Say nothing: logging's own way prints a traceback over the screen."""

    def flush(self) -> None:
        """Wait until what was handed over is in the file, for at most 2 s."""
        if self._thread.is_alive():
            done = threading.Event()
            self._waiting.put(done)
            done.wait(_CLOSE_WAIT)

    def close(self) -> None:
        """Write what waits, for at most 2 s, and close the file."""
        if not self._closed_down:
            self._closed_down = True
            self._waiting.put(None)
            self._thread.join(_CLOSE_WAIT)
        super().close()

    # -- the thread ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        ended = False
        while not ended:
            lines, told, ended = self._take()
            if lines:
                with suppress(Exception):  # nothing that goes wrong here may end the log
                    self._write(lines)
            for event in told:
                event.set()
        with suppress(OSError):
            os.close(self._file)

    def _take(self) -> tuple[list[str], list[threading.Event], bool]:
        """Return the lines that wait, who waits for them to be written, and whether they are the last."""
        lines: list[str] = []
        told: list[threading.Event] = []
        item = self._waiting.get()
        while True:
            if item is None:
                return lines, told, True
            if isinstance(item, threading.Event):
                told.append(item)
            else:
                lines.append(self.format(item))
            if len(lines) >= _MAX_BATCH:
                return lines, told, False
            try:
                item = self._waiting.get_nowait()
            except Empty:
                return lines, told, False

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
        said = f"{lost:,} lines are missing here: they could not be written"
        return self.format(logging.LogRecord("flowtui.log", logging.WARNING, "", 0, said, None, None))

    def _make_room(self, size: int) -> None:
        """Begin a new file where this one is full, or where another process has begun one."""
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
        with suppress(OSError, ValueError):  # the folder has gone: the old file is better than none
            new = append_private(self._path)
            os.close(self._file)
            self._file, self._mid_line = new, False

    def _rotate(self, mine: os.stat_result) -> None:
        """Make this file `F.1`. Where its folder cannot be changed it is emptied: the newest lines count."""
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
    """Keep other processes from turning the same file at the same time, where the system can."""
    with suppress(ImportError, OSError):
        import fcntl  # noqa: PLC0415  not on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield
    with suppress(ImportError, OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
