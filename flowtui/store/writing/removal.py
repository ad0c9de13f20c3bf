"""Removes what is old, a few rows at a time, so that nobody waits for long. Sums outlive the runs."""

from __future__ import annotations

import math
from typing import Final

from flowtui.store.sqlite import Database, Row
from flowtui.store.tables import QUARTER
from flowtui.store.writing.sums import Share, change_sums, stored_share

STEP: Final = 500
"""Runs that are removed in one transaction."""

_ENDED: Final = "SELECT id, thread FROM run WHERE ended < ? ORDER BY ended LIMIT ?"
_OLD: Final = "SELECT id, thread FROM run WHERE created < ? AND ended IS NULL AND at < ? LIMIT ?"
_UNDATED: Final = "SELECT id, thread FROM run WHERE created IS NULL AND ended IS NULL AND at < ? LIMIT ?"
_ODD: Final = "SELECT id, thread FROM run WHERE ended IS NULL AND class NOT IN (0, 1) ORDER BY at LIMIT ?"
_FORGOTTEN: Final = "UPDATE scope SET forgotten=max(coalesce(forgotten, ?), ?)"
_EMPTY_THREADS: Final = """DELETE FROM thread WHERE coalesce(observed, thread_at, 0.0) < ?
AND NOT EXISTS(SELECT 1 FROM run WHERE run.thread = thread.id)"""
_UNUSED_REASONS: Final = (
    "DELETE FROM reason WHERE NOT EXISTS(SELECT 1 FROM failure WHERE failure.reason = reason.id)"
)


def remove_runs(database: Database, before: float, most: int = STEP) -> int:
    """Remove runs that ended before a time, and those that show no end and have not changed since; return how many.

    At most `most` are removed, the oldest first. They are not stored again if the API lists them. Raises as the database
    does.
    """
    removed = 0
    with database.writing():
        database.run(_FORGOTTEN, (before, before))
        for chosen, values in ((_ENDED, (before,)), (_OLD, (before, before)), (_UNDATED, (before,))):
            if removed < most:
                removed += _remove(database, database.rows(chosen, (*values, most - removed)))
    return removed


def _remove(database: Database, rows: list[Row]) -> int:
    """Remove runs, given by their number and that of their thread, which is not whole any more; return how many."""
    if rows:
        database.many("UPDATE thread SET cut=1 WHERE id=?", {(thread,) for _, thread in rows})
        database.many("DELETE FROM run WHERE id=?", [(run,) for run, _ in rows])
    return len(rows)


def remove_left_over(database: Database, before: float) -> None:
    """Remove the threads without runs that were not observed since a time, and reasons that no run has any more."""
    with database.writing():
        database.run(_EMPTY_THREADS, (before,))
        database.run(_UNUSED_REASONS)


def oldest(database: Database, count: int) -> float | None:
    """Return a time before which about so many runs ended; None if no run has ended. Raises as the database does."""
    row = database.row(
        "SELECT ended FROM run WHERE ended IS NOT NULL ORDER BY ended LIMIT 1 OFFSET ?", (count,)
    )
    if row is None:
        row = database.row("SELECT max(ended) FROM run")
        if row is None or row[0] is None:
            return None
    return math.nextafter(row[0], math.inf)


def remove_sums(database: Database, before: float) -> None:
    """Remove the sums and the watched spans of the time before a moment. Raises as the database does."""
    quarter = int(before // QUARTER)
    with database.writing():
        database.run("DELETE FROM hour WHERE hour < ?", (quarter,))
        database.run("DELETE FROM watched WHERE until <= ?", (before,))
        database.run("UPDATE watched SET since=? WHERE since < ?", (before, before))


def take_from_sums(database: Database, before: float) -> None:
    """Take runs that ended before a moment out of the sums of its quarter hour, before they are removed."""
    begin = before // QUARTER * QUARTER
    with database.writing():
        rows = database.rows(
            "SELECT agent, class, ended, started, prompt, completion, total FROM run WHERE ended >= ? AND ended < ?",
            (begin, before),
        )
        shares = [
            stored_share(agent, status_class, ended, started, (prompt, completion, total))
            for agent, status_class, ended, started, prompt, completion, total in rows
        ]
        gone: list[Share] = [share for share in shares if share is not None]
        change_sums(database, [], gone)


def remove_odd(database: Database) -> int:
    """Remove runs that are not active and show no end, those first that have not changed for the longest time."""
    with database.writing():
        return _remove(database, database.rows(_ODD, (STEP,)))


def remove_oldest_sums(database: Database) -> int:
    """Remove the oldest sums, those of ten days; return how many."""
    with database.writing():
        return database.run("DELETE FROM hour WHERE hour < (SELECT min(hour) FROM hour) + 960")
