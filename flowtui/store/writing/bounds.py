"""Keeps a history within its bounds of time and size, a step at a time, and searches it for damage once a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from flowtui.store.faults import DamagedError, PausedError, RemovedError
from flowtui.store.sqlite import Database
from flowtui.store.writing.removal import (
    STEP,
    oldest,
    remove_left_over,
    remove_odd,
    remove_oldest_sums,
    remove_runs,
    remove_sums,
)

SUMS_FOR: Final = 400 * 86_400.0
"""Seconds for which sums are kept at least, however short runs are remembered."""

MIN_BYTES: Final = 1 << 20
"""A smaller bound would not hold a day."""

_STEPS: Final = 10  # of removing, in one call
_AGE_EVERY: Final = 600.0  # seconds between two searches for runs that are too old
_CHECK_EVERY: Final = 86_400.0
_CHECK_AFTER: Final = 60.0  # seconds after the start, which has better things to do
_PAGES: Final = 1_000  # that are given back to the disk in one step
_SHARE: Final = (
    0.9  # of the bound is filled again after it was reached, so that it is not reached with each write
)
_JOURNAL: Final = 16 << 20  # bytes of the -wal that are kept after a checkpoint
_PAGE: Final = 4096


class Limits(NamedTuple):
    """How much is remembered."""

    seconds: float
    size: int
    """Bytes, of the file and its -wal together."""


class Bounds:
    """Keeps one database within its limits. For the thread that writes to it."""

    def __init__(self, database: Database, path: Path | None, limits: Limits, now: float) -> None:
        """`path`: None if the database is in memory. `now`: UTC epoch seconds of the local clock."""
        self._database = database
        self._path = path
        self._wal = None if path is None else path.with_name(path.name + "-wal")
        self._file = self._identity()
        self._limits = limits._replace(size=max(MIN_BYTES, limits.size))
        self._begun = now
        self._aged: float | None = None
        self._journal = min(_JOURNAL, self._limits.size // 8)
        database.run(f"PRAGMA journal_size_limit={self._journal:d}")
        database.run(f"PRAGMA wal_autocheckpoint={max(16, min(1_000, self._journal // _PAGE)):d}")

    def make_room(self) -> None:
        """Bring what was written into the file, if much waits for that.

        Raises:
            RemovedError: the file is not at its path any more, as after `flowtui history forget`.
            PausedError: another program reads for so long that it cannot be brought in, so that the -wal would only grow.
            HistoryError: it cannot be written.
        """
        if self._identity() != self._file:
            raise RemovedError("it was removed")
        if self._wal_size() > 2 * self._journal:
            self._checkpoint()
            if self._wal_size() > 2 * self._journal:
                raise PausedError("another program reads it and does not end")

    def keep(self, now: float, server_now: float | None) -> bool:
        """Remove what is too old or too much; return whether more is to be removed.

        `now`: UTC epoch seconds of the local clock. `server_now`: by the server's clock; None if that is not known: then
        nothing counts as too old, as the local clock may be wrong. Raises as the database does.
        """
        self._check(now)
        return self._keep_young(server_now) or self._keep_small()

    def _check(self, now: float) -> None:
        if self._wal is None or now - self._begun < _CHECK_AFTER:
            return
        row = self._database.row("SELECT checked FROM scope")
        if row is not None and row[0] is not None and abs(now - row[0]) < _CHECK_EVERY:
            return
        if self._database.rows("PRAGMA quick_check(1)") != [("ok",)]:
            raise DamagedError("it is damaged")
        with self._database.writing():
            self._database.run("UPDATE scope SET checked=?", (now,))

    def _keep_young(self, server_now: float | None) -> bool:
        if server_now is None or (self._aged is not None and abs(server_now - self._aged) < _AGE_EVERY):
            return False
        before = server_now - self._limits.seconds
        for _ in range(_STEPS):
            if remove_runs(self._database, before) < STEP:
                remove_left_over(self._database, before)
                remove_sums(self._database, server_now - max(self._limits.seconds, SUMS_FOR))
                self._aged = server_now
                return False
        return True

    def _keep_small(self) -> bool:
        if self._size() + self._wal_size() <= self._limits.size:
            return False
        self._checkpoint()
        for remove in self._removals():
            free = self._value("freelist_count")
            if self._size() - free * _PAGE <= self._limits.size * _SHARE:
                if free:
                    self._database.shrink(_PAGES)
                    self._checkpoint()
                if self._size() + self._wal_size() <= self._limits.size * _SHARE or not free:
                    return False
            elif not remove():
                raise PausedError("it has reached its size with what is still needed")
        return True

    def _removals(self) -> Iterator[Callable[[], bool]]:
        for _ in range(_STEPS):
            yield self._remove_some

    def _remove_some(self) -> bool:
        """Remove what is needed least; return whether there was anything."""
        before = oldest(self._database, STEP)
        if before is not None and remove_runs(self._database, before):
            return True
        return bool(remove_odd(self._database) or remove_oldest_sums(self._database))

    def _identity(self) -> tuple[int, int] | None:
        """Return which file is at the path: its device and number there; None if there is none."""
        if self._path is not None:
            with suppress(OSError):
                found = self._path.stat()
                return (found.st_dev, found.st_ino)
        return None

    def _checkpoint(self) -> None:
        self._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def _size(self) -> int:
        return self._value("page_count") * _PAGE

    def _wal_size(self) -> int:
        size = 0
        if self._wal is not None:
            with suppress(OSError):
                size = self._wal.stat().st_size
        return size

    def _value(self, name: str) -> int:
        row = self._database.row(f"PRAGMA {name}")
        return 0 if row is None else int(row[0])
