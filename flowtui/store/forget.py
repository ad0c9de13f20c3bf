"""Deletes a history, or what it holds of the time before a moment. Import it only where that is wanted: it loads SQLite."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowtui.config.files.private_files import reason
from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.store.files.location import Place, belonging, place_of, set_aside_files, shown, size_of
from flowtui.store.files.opening import check_header, open_to_read
from flowtui.store.migrations import migrate
from flowtui.store.sqlite import Database
from flowtui.store.tables import NO_ROW
from flowtui.store.writing.removal import (
    STEP,
    remove_left_over,
    remove_runs,
    remove_sums,
    take_from_sums,
)

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret


class Forgotten(NamedTuple):
    """What was deleted."""

    path: Path | None
    """The file of the history; None if there was none."""
    files: tuple[Path, ...] = ()
    """The files that were deleted; () if only a part of the history was."""
    runs: int | None = None
    """How many runs were deleted; None if that is not known, because the file could not be read."""
    freed: int = 0
    """The bytes that the disk has got back."""
    in_use: bool = False
    """Whether another program has the history open, such as a dashboard. It begins a new one and may write again what it
    has in memory."""


def forget(settings: Settings, key: Secret, before: float | None) -> Forgotten:
    """Delete the history of these settings and this key; return what was deleted. Blocks.

    `before`: delete only runs that ended before this time (UTC epoch seconds), and the sums and spans of that time. None:
    delete the file with all that belongs to it, the files that were set aside too. Histories of other keys stay.

    Raises:
        HistoryError: the file cannot be read or deleted.
    """
    place = place_of(settings, key, make_salt=False)
    if place is None:
        return Forgotten(None)
    try:
        return _delete(place) if before is None else _remove(place, before)
    except HistoryError as error:
        raise HistoryError(
            f"The history in {shown(place.file)} could not be deleted: {error.message}"
        ) from None


def _delete(place: Place) -> Forgotten:
    """Delete the file and all that belongs to it.

    Raises:
        HistoryError: a file could not be deleted.
    """
    files = [*belonging(place.file), *set_aside_files(place.file)]
    if not files:
        return Forgotten(None)
    runs = None
    with suppress(HistoryError):
        database = open_to_read(place.file)
        if database is not None:
            with closing(database):
                (runs,) = database.row(f"SELECT count(*) FROM run WHERE NOT flags & {NO_ROW}") or (None,)
    in_use = Database.is_open_elsewhere(place.file)
    freed = 0
    try:
        for path in files:
            with suppress(FileNotFoundError):  # who closed it last may have been faster
                size = path.lstat().st_size
                path.unlink()
                freed += size
    except OSError as error:
        raise HistoryError(f"{path.name}: {reason(error)}") from None
    return Forgotten(place.file, tuple(files), runs, freed, in_use)


def _remove(place: Place, before: float) -> Forgotten:
    """Delete what lies before a moment.

    Raises:
        HistoryError: the file cannot be read or written.
    """
    if not place.file.exists():
        return Forgotten(None)
    check_header(place.file)
    in_use = Database.is_open_elsewhere(place.file)
    size = size_of(belonging(place.file))
    removed = 0
    with closing(Database.to_write(place.file)) as database:
        migrate(database)
        database.run("PRAGMA secure_delete=ON")  # what is deleted is overwritten at once
        take_from_sums(database, before)
        remove_sums(database, before)
        while (step := remove_runs(database, before)) > 0:
            removed += step
            if step < STEP:
                break
        remove_left_over(database, before)
        database.shrink(1 << 30)
        database.row("PRAGMA wal_checkpoint(TRUNCATE)")
    return Forgotten(place.file, (), removed, max(0, size - size_of(belonging(place.file))), in_use)
