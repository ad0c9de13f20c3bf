"""What there is of the history of one profile and key, for `flowtui history`. Never makes or changes a file.

Import it only where that is wanted: it loads SQLite.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowtui.config.settings import Settings
from flowtui.errors import HistoryError
from flowtui.model.run.row import STATUS_CLASSES
from flowtui.store.files.location import belonging, place_of, set_aside_files, size_of
from flowtui.store.files.opening import open_to_read
from flowtui.store.rows import time_of
from flowtui.store.sqlite import Database
from flowtui.store.tables import NO_ROW, QUARTER

if TYPE_CHECKING:
    from flowtui.config.files.plain_key import Secret


class HistoryFacts(NamedTuple):
    """What there is of a history. Times are UTC epoch seconds. Numbers that could not be read are None."""

    path: Path
    """The file."""
    size: int
    """The bytes on the disk: of the file, and of what is not in it yet (`-wal`)."""
    begin: float | None = None
    """When the first span began that was watched; None if nothing was watched."""
    end: float | None = None
    """When the last span ended that was watched; None if nothing was watched."""
    runs: int | None = None
    """How many runs are remembered."""
    threads: int | None = None
    """How many threads are remembered."""
    by_class: Mapping[str, int] = {}
    """Status class → how many runs of it are remembered."""
    forgotten: float | None = None
    """Runs that ended before this time are not remembered any more; None if none was removed."""
    sums_begin: float | None = None
    """Since when there are sums of ended runs, which outlive the runs; None if there are none."""
    set_aside: tuple[Path, ...] = ()
    """Files that could not be read and were renamed."""
    other_keys: tuple[Path, ...] = ()
    """Files of the same profile, address and team that another key wrote. They are not opened."""
    trouble: str = ""
    """Why the file cannot be read, display-safe; "" if it can."""


def read_facts(settings: Settings, key: Secret) -> HistoryFacts | None:
    """Return what there is of the history of these settings and this key; None if there is no file. Blocks. Never raises."""
    place = place_of(settings, key, make_salt=False)
    if place is None:
        return None
    files, broken = belonging(place.file), tuple(set_aside_files(place.file))
    if not files and not broken:
        return None
    facts = HistoryFacts(place.file, size_of(files), set_aside=broken, other_keys=tuple(place.other_keys))
    try:
        database = open_to_read(place.file)
        if database is None:
            return facts
        try:
            return _count(database, facts)
        finally:
            database.close()
    except HistoryError as error:
        return facts._replace(trouble=error.message)


def _count(database: Database, facts: HistoryFacts) -> HistoryFacts:
    """Return the facts with what the file tells.

    Raises:
        HistoryError: it cannot be read.
    """
    with database.reading():
        begin, end = database.row("SELECT min(since), max(until) FROM watched") or (None, None)
        (threads,) = database.row("SELECT count(*) FROM thread") or (None,)
        classes = database.rows(f"SELECT class, count(*) FROM run WHERE NOT flags & {NO_ROW} GROUP BY class")
        (forgotten,) = database.row("SELECT forgotten FROM scope") or (None,)
        (quarter,) = database.row("SELECT min(hour) FROM hour") or (None,)
    return facts._replace(
        begin=time_of(begin),
        end=time_of(end),
        threads=threads,
        runs=sum(count for _, count in classes),
        by_class={
            STATUS_CLASSES[number]: count for number, count in classes if 0 <= number < len(STATUS_CLASSES)
        },
        forgotten=time_of(forgotten),
        sums_begin=None if quarter is None else quarter * QUARTER,
    )
