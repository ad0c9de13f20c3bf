"""Opens, makes, and sets aside the file of a history."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from flowtui.config.files.private_files import FILE, create_private, make_folder, reason
from flowtui.store.faults import DamagedError, PausedError, RefusedError
from flowtui.store.files.location import BESIDE, WAL, Place, aside, belonging
from flowtui.store.migrations import check_tables, check_version, migrate
from flowtui.store.sqlite import Database, closed_here
from flowtui.store.tables import APPLICATION_ID

_MAGIC: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_FRACTIONS: Final = slice(21, 24)
_ALWAYS: Final = b"\x40\x20\x20"  # in each SQLite file
_APPLICATION: Final = slice(68, 72)
_OTHERS: Final = 0o077
_TRIES: Final = 20  # of opening, while other programs open it too
_PAUSE: Final = 0.05  # seconds between them
_SCOPE: Final = (
    "INSERT INTO scope(one, profile, base_url, made, writer) VALUES(1,?,?,?,?) ON CONFLICT(one) DO NOTHING"
)


class Opened(NamedTuple):
    """A file that was opened to write."""

    database: Database
    identity: tuple[int, int]
    """Which file it is: its device and number there."""
    is_new: bool


def open_to_write(place: Place, now: float, version: str, wait: Callable[[float], object]) -> Opened:
    """Open the file of a place, or make it; only its owner can read it. Blocks.

    `wait`: waits so many seconds, if another program keeps it locked.

    Raises:
        DamagedError: it is not as flowtui writes it.
        RefusedError: it belongs to another program or a newer flowtui, or it may not be written.
        PausedError: it cannot be written now.
    """
    path = place.file
    _make(path, own=place.own)
    check_header(path)
    for _ in range(_TRIES):
        with suppress(PausedError):  # programs that start at once keep one another waiting
            return _open(path, place, now, version)
        wait(_PAUSE)
    return _open(path, place, now, version)


def _open(path: Path, place: Place, now: float, version: str) -> Opened:
    database = Database.to_write(path, wait=_PAUSE)
    try:
        is_new = migrate(database)
        if database.row("SELECT 1 FROM scope") is None:
            with database.writing():
                database.run(_SCOPE, (place.profile, place.address, now, version))
        database.be_patient()
        return Opened(database, identity(path), is_new)
    except BaseException:
        database.close()
        raise


def open_to_read(path: Path, *, beside_writer: bool = False) -> Database | None:
    """Open an existing file to read; None if there is none. Blocks.

    `beside_writer`: whether this process writes to it.

    Raises:
        HistoryError: it cannot be read.
    """
    if not path.exists():
        return None
    check_header(path)
    # Without a -wal nobody writes: opened as it is, no file is made beside it.
    wal = path.with_name(path.name + WAL)
    database = Database.to_read(path, alone=not beside_writer and not wal.exists())
    try:
        check_version(database)
        check_tables(database)
    except BaseException:
        database.close()
        raise
    return database


def take_over(old: Path, new: Path) -> None:
    """Rename a file of a history, unless there is one of the new name. What SQLite keeps beside it is brought in before.

    Raises:
        HistoryError: it cannot be written or renamed.
    """
    database = Database.to_write(old)
    try:
        database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()
    try:
        if not new.exists():
            old.rename(new)
            for end in ("", *BESIDE):
                broken = aside(old).with_name(aside(old).name + end)
                if broken.exists():
                    broken.replace(aside(new).with_name(aside(new).name + end))
    except OSError as error:
        raise RefusedError(f"it cannot be renamed ({reason(error)})") from None


def check_header(path: Path) -> None:
    """Look at the beginning of a file without SQLite, which might change a file of another program.

    Does nothing for a file that this process has open already.

    Raises:
        DamagedError: it is no database.
        RefusedError: it belongs to another program, or cannot be read.
    """
    with closed_here(identity(path)) as closed:
        header = _header(path) if closed else b""
    if not header:
        return
    if len(header) < _HEADER or not header.startswith(_MAGIC) or header[_FRACTIONS] != _ALWAYS:
        raise DamagedError("it is no database")
    application = int.from_bytes(header[_APPLICATION])
    if application not in (0, APPLICATION_ID):
        raise RefusedError("it belongs to another program")


def _header(path: Path) -> bytes:
    """Return the beginning of a file.

    Raises:
        RefusedError: it cannot be read, or is no file.
    """
    try:
        # Non-blocking: if there is a named pipe instead of a file, this would else wait for a writer.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise RefusedError("it is no file")
            return file.read(_HEADER)
    except (OSError, ValueError) as error:
        raise RefusedError(f"it cannot be read ({reason(error)})") from None


def identity(path: Path) -> tuple[int, int]:
    """Return which file is at a path; (0, 0) if there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return (0, 0)
    return (found.st_dev, found.st_ino)


def set_aside(path: Path, only: tuple[int, int] | None = None) -> Path | None:
    """Rename a damaged file and what belongs to it; one that was set aside before is replaced. Return its new path.

    `only`: which file is meant; if another one is there by now, nothing happens. None is returned then, and if it cannot
    be renamed.
    """
    if only is not None and identity(path) != only:
        return None
    target = aside(path)
    with suppress(OSError, ValueError):
        for end in BESIDE:
            target.with_name(target.name + end).unlink(missing_ok=True)  # of the file that is replaced now
        path.replace(target)
        for end in BESIDE:
            beside, moved = path.with_name(path.name + end), target.with_name(target.name + end)
            with suppress(FileNotFoundError):
                if end == WAL:
                    beside.replace(moved)
                else:
                    beside.unlink()  # it holds no data
        return target
    return None


def _make(path: Path, *, own: bool) -> None:
    """Make an empty private file unless there is one; take the rights of others away.

    Raises:
        RefusedError: it cannot be made.
        PausedError: the disk is full.
    """
    try:
        make_folder(path.parent, own=own)
        with suppress(FileExistsError):
            os.close(create_private(path))
        for each in belonging(path):
            if os.name == "posix" and stat.S_IMODE(each.stat().st_mode) & _OTHERS:
                each.chmod(FILE)
    except (OSError, ValueError) as error:
        raise RefusedError(f"it cannot be made ({reason(error)})") from None
