"""What one transaction writes: gathered row by row, then written with one call a statement."""

from __future__ import annotations

from typing import Any, Final

from flowtui.store.sqlite import Database
from flowtui.store.tables import NO_ROW, NOT_SEEN
from flowtui.store.writing.sums import Share, change_sums

_DELETE: Final = "DELETE FROM run WHERE thread=? AND raw_id=? AND nth IS NULL AND config IS NULL"
_HIDE: Final = f"""UPDATE run SET flags=(flags & ~{NOT_SEEN}) | {NO_ROW}, created=NULL, ended=NULL
WHERE thread=? AND raw_id=?"""
_MOVE: Final = """INSERT INTO move(run, at, since, before, after)
SELECT id, ?, ?, ?, ? FROM run WHERE thread=? AND raw_id=?"""
_THREAD: Final = """UPDATE thread SET status=?, active_run=?, created=?, thread_at=?, observed=?, orphaned=?, whole=max(whole, ?),
unreadable=?, interval=?, newest=?, low=?, high=?, trails=?, rev=? WHERE id=?"""

Values = tuple[Any, ...]


class Batch:
    """The rows of one transaction. Each thread has a part in it at most once."""

    def __init__(self) -> None:
        self.runs: dict[str, list[Values]] = {}
        """Statement (see `upsert`) → the values of runs."""
        self.dropped: list[tuple[int, str]] = []
        """Placeholders whose rows their threads have no more; their trails stay. Number of the thread, raw id."""
        self.moves: list[Values] = []
        """Changes of status: at, since, before, after; number of the thread, raw id of the run."""
        self.threads: list[Values] = []
        """The rows of threads, in the order of the statement."""
        self.added: list[Share] = []
        """What the sums gain."""
        self.removed: list[Share] = []
        """What the sums lose."""

    def write(self, database: Database) -> None:
        """Write all of it, in the transaction of the caller. Raises as the database does."""
        for statement, values in self.runs.items():
            database.many(statement, values)
        if self.dropped:
            database.many(_DELETE, self.dropped)
            database.many(_HIDE, self.dropped)
        if self.moves:
            database.many(_MOVE, self.moves)
        database.many(_THREAD, self.threads)
        change_sums(database, self.added, self.removed)
