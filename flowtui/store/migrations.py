"""Brings the tables of a file to the newest version: one function a version, forward only, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from flowtui.store.faults import DamagedError, RefusedError
from flowtui.store.sqlite import Database
from flowtui.store.tables import APPLICATION_ID, V1, VERSION


def _to_1(database: Database) -> None:
    for statement in V1:
        database.run(statement)


_STEPS: Final[Sequence[Callable[[Database], None]]] = (_to_1,)


def migrate(database: Database) -> bool:
    """Make the newest tables in this database; return whether it was empty.

    Raises:
        RefusedError: a newer flowtui, or another program, has written it. It is unchanged.
        DamagedError: its tables are not those of its version.
        HistoryError: it cannot be written now.
    """
    version = version_of(database)
    was_empty = version == 0
    if was_empty:
        # The header gets the id at once, before the -wal exists: it tells whose file this is.
        database.run("PRAGMA auto_vacuum=INCREMENTAL")
        database.run(f"PRAGMA application_id={APPLICATION_ID}")
    database.run("PRAGMA journal_mode=WAL")
    while version < VERSION:
        with database.writing():
            version = version_of(database)  # another process may have been faster
            if version < VERSION:
                _STEPS[version](database)
                version += 1
                database.run(f"PRAGMA user_version={version:d}")
    check_tables(database)
    return was_empty


def version_of(database: Database) -> int:
    """Return the version of the tables; 0 for an empty database.

    Raises:
        RefusedError: a newer flowtui, or another program, has written it.
        HistoryError: it cannot be read.
    """
    (application,) = database.row("PRAGMA application_id") or (0,)
    (version,) = database.row("PRAGMA user_version") or (0,)
    if application != APPLICATION_ID:
        (tables,) = database.row("SELECT count(*) FROM sqlite_schema") or (0,)
        if application or tables:
            raise RefusedError("it belongs to another program")
    elif version > VERSION:
        raise RefusedError("a newer flowtui wrote it")
    return int(version)


def check_version(database: Database) -> None:
    """Check that the tables are of the newest version.

    Raises:
        RefusedError: they are of an older or a newer one, or of another program.
        HistoryError: that cannot be read.
    """
    if version_of(database) < VERSION:
        raise RefusedError("an older flowtui wrote it; the next dashboard brings it up to date")


def check_tables(database: Database) -> None:
    """Check that the tables are exactly those of the newest version: their types are relied on, and nothing else is run.

    Raises:
        DamagedError: they are not.
        HistoryError: they cannot be read.
    """
    found = {
        sql
        for (sql,) in database.rows(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat_'"  # by ANALYZE
        )
    }
    if found != {statement for statement in V1 if statement.startswith("CREATE")}:
        raise DamagedError("its tables are not as flowtui makes them")
