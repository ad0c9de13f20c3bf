"""The one module that knows SQLite: it opens a file, runs statements, and says what an error means for the history."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from flowtui.errors import HistoryError
from flowtui.store.faults import DamagedError, PausedError, RefusedError
from flowtui.text import safe_text

Row = tuple[Any, ...]

WRITER_WAIT: Final = 2.0
"""Seconds that a writer waits for the lock of another program."""
READER_WAIT: Final = 0.2
"""Seconds that a reader waits."""

MAX_TEXT: Final = 1 << 20
"""Most bytes of one text or statement; a longer text in a file is damage."""

_JOURNAL_LIMIT: Final = 16 << 20  # bytes of the -wal that are kept after a checkpoint
_SETTINGS: Final = (
    "PRAGMA trusted_schema=OFF",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)
_WRITER_SETTINGS: Final = (
    "PRAGMA synchronous=NORMAL",
    "PRAGMA secure_delete=FAST",
    f"PRAGMA journal_size_limit={_JOURNAL_LIMIT}",
)
_PAUSED: Final = {
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
    sqlite3.SQLITE_LOCKED: "another program keeps it locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_NOMEM: "there is too little memory",
    sqlite3.SQLITE_INTERRUPT: "reading was stopped",
    sqlite3.SQLITE_PROTOCOL: "another program keeps it locked",
}
_REFUSED: Final = {
    sqlite3.SQLITE_READONLY: "it cannot be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened, or its folder cannot be written",
    sqlite3.SQLITE_PERM: "it cannot be opened",
    sqlite3.SQLITE_AUTH: "it cannot be opened",
}
# SQLite calls these errors of the disk, but the file is at fault: it is shorter than it says.
_CUT_SHORT: Final = (sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS)


_open_files: Counter[tuple[int, int]] = Counter()
"""How often this process has which files open: their device and number there."""
_counting = threading.Lock()


@contextmanager
def closed_here(identity: tuple[int, int]) -> Iterator[bool]:
    """Tell whether this process has a file closed, and keep it so meanwhile. Only then may others than SQLite open it.

    The system drops all locks that a process holds on a file as soon as the process closes the file once.
    """
    with _counting:
        yield not _open_files[identity]


class Database:
    """An open database. Several threads may use it, one after the other."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._file: tuple[int, int] | None = None
        for limit in (sqlite3.SQLITE_LIMIT_LENGTH, sqlite3.SQLITE_LIMIT_SQL_LENGTH):
            connection.setlimit(limit, MAX_TEXT)

    @classmethod
    def in_memory(cls) -> Self:
        """Return an empty database that no file belongs to."""
        database = cls(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
        database._set(_SETTINGS)
        return database

    @classmethod
    def to_write(cls, path: Path, *, wait: float | None = None) -> Self:
        """Open an existing file, which may be empty, to read and write.

        `wait`: seconds to wait for other programs until `be_patient` is called; None: as a writer waits.

        Raises:
            HistoryError: it cannot be opened.
        """
        return cls._opened(
            path, "mode=rw", WRITER_WAIT if wait is None else wait, (*_SETTINGS, *_WRITER_SETTINGS)
        )

    def be_patient(self) -> None:
        """Wait for other programs as a writer does from now on."""
        self.run(f"PRAGMA busy_timeout={int(1000 * WRITER_WAIT):d}")

    @classmethod
    def to_read(cls, path: Path, *, alone: bool = False) -> Self:
        """Open an existing file to read. `alone`: nobody writes to the file, so that no files are made beside it.

        Raises:
            HistoryError: it cannot be opened.
        """
        return cls._opened(path, "immutable=1" if alone else "mode=ro", READER_WAIT, _SETTINGS)

    @classmethod
    def is_open_elsewhere(cls, path: Path) -> bool:
        """Whether another connection has this file open. False as well if that cannot be found out."""
        try:
            database = cls._opened(path, "mode=rw", 0.0, ("PRAGMA locking_mode=EXCLUSIVE",))
        except HistoryError:
            return False
        try:
            database.row("SELECT count(*) FROM sqlite_schema")
        except PausedError:
            return True
        except HistoryError:
            return False
        finally:
            database.close()
        return False

    @classmethod
    def _opened(cls, path: Path, how: str, wait: float, settings: Iterable[str]) -> Self:
        with _counting:
            try:
                connection = sqlite3.connect(
                    f"{path.absolute().as_uri()}?{how}",
                    uri=True,
                    timeout=wait,
                    isolation_level=None,
                    check_same_thread=False,
                )
            except (sqlite3.Error, ValueError) as error:
                raise fault(error) from None
            database = cls(connection)
            with suppress(OSError):
                found = path.stat()
                database._file = (found.st_dev, found.st_ino)
                _open_files[database._file] += 1
        try:
            database._set(settings)
        except BaseException:
            database.close()
            raise
        return database

    def _set(self, settings: Iterable[str]) -> None:
        for each in settings:
            self.run(each)

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement and return its rows.

        Raises:
            HistoryError: the file is damaged, or cannot be used now.
        """
        with self._lock:
            try:
                return self._connection.execute(statement, values).fetchall()
            except (sqlite3.Error, UnicodeError, OverflowError) as error:
                raise fault(error) from None

    def row(self, statement: str, values: Sequence[Any] = ()) -> Row | None:
        """Run a statement and return its first row; None if there is none. Raises as `rows` does."""
        with self._lock:
            try:
                found: Row | None = self._connection.execute(statement, values).fetchone()
            except (sqlite3.Error, UnicodeError, OverflowError) as error:
                raise fault(error) from None
            return found

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it changed. Raises as `rows` does."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).rowcount
            except (sqlite3.Error, UnicodeError, OverflowError) as error:
                raise fault(error) from None

    def insert(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement that inserts one row and return the row's id. Raises as `rows` does."""
        with self._lock:
            try:
                return self._connection.execute(statement, values).lastrowid or 0
            except (sqlite3.Error, UnicodeError, OverflowError) as error:
                raise fault(error) from None

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each of these rows. Raises as `rows` does."""
        with self._lock:
            try:
                self._connection.executemany(statement, rows)
            except (sqlite3.Error, UnicodeError, OverflowError) as error:
                raise fault(error) from None

    def shrink(self, pages: int) -> None:
        """Give up to so many free pages back to the file system. Raises as `rows` does."""
        with self._lock:
            try:
                # `execute` would free a single page.
                self._connection.executescript(f"PRAGMA incremental_vacuum({pages:d})")
            except sqlite3.Error as error:
                raise fault(error) from None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold one transaction: all of what is written in it is kept, or nothing. Raises as `rows` does."""
        with self._lock:
            self.run("BEGIN IMMEDIATE")
            try:
                yield
                self.run("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one view of the data for several statements. Raises as `rows` does."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self.run("BEGIN")
            try:
                yield
            finally:
                with suppress(sqlite3.Error):
                    self._connection.rollback()

    def stop(self) -> None:
        """End the statement that another thread is running, with a PausedError."""
        with suppress(sqlite3.Error):
            self._connection.interrupt()

    def close(self) -> None:
        """Close the database. Never raises."""
        with self._lock:
            with suppress(sqlite3.Error):
                self._connection.close()
            if self._file is not None:
                with _counting:
                    _open_files[self._file] -= 1
                self._file = None


def fault(error: Exception) -> HistoryError:
    """Return what an error of SQLite means for the history. The message is display-safe."""
    code = getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR
    kind = code & 0xFF
    if code in _CUT_SHORT:
        return DamagedError("its end is missing")
    if kind in _PAUSED:
        return PausedError(_PAUSED[kind])
    if kind in _REFUSED:
        return RefusedError(_REFUSED[kind])
    if isinstance(error, sqlite3.ProgrammingError):
        return PausedError("it is closed")
    if isinstance(error, UnicodeError):
        return DamagedError("it holds text that is not UTF-8")
    return DamagedError(safe_text(error)[:120])
