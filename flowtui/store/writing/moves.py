"""Changes of status that observations showed, as rows of the table `move`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flowtui.model.state.changes import StatusChange
from flowtui.model.state.known_runs import ThreadState
from flowtui.store.rows import storable_text
from flowtui.store.sqlite import Database
from flowtui.store.words import Words

_MOST: Final = 32  # changes of status that a trail has
_ADD: Final = "INSERT INTO move(run, at, since, before, after) VALUES(?,?,?,?,?)"
_STORED: Final = "SELECT before, after, at, since FROM move WHERE run=? ORDER BY id DESC LIMIT ?"
_RUN: Final = "SELECT id FROM run WHERE thread=? AND raw_id=?"

_Move = tuple[int, int, float, float | None]  # before, after, at, since


def add_moves(
    database: Database,
    words: Words,
    thread: int,
    old: ThreadState | None,
    new: ThreadState,
    *,
    trails: Iterable[str],
    fresh: bool,
) -> None:
    """Add the changes of status of these trails (raw run ids) that are not stored yet. Raises as the database does.

    `fresh`: no run of the thread was stored before.
    """
    rows = []
    for raw_id in trails:
        changes = new.trails[raw_id].status_changes
        if not changes or not storable_text(raw_id):
            continue
        before = None if old is None else old.trails.get(raw_id)
        if before is not None and before.status_changes == changes:
            continue
        run = database.row(_RUN, (thread, raw_id))
        if run is None:  # it could not be stored
            continue
        wanted = [
            (words.id(one.before), words.id(one.after), one.at, one.since) for one in changes if _good(one)
        ]
        stored = [] if fresh else database.rows(_STORED, (run[0], _MOST))[::-1]
        rows += [
            (run[0], at, since, first, last) for first, last, at, since in wanted[_known(stored, wanted) :]
        ]
    if rows:
        database.many(_ADD, rows)


def _good(change: StatusChange) -> bool:
    return storable_text(change.before) and storable_text(change.after)


def _known(stored: Sequence[_Move], wanted: Sequence[_Move]) -> int:
    """Return how many of the first wanted changes are the last stored ones."""
    for count in range(min(len(stored), len(wanted)), 0, -1):
        if all(map(_same, stored[-count:], wanted[:count])):
            return count
    return 0


def _same(stored: _Move, wanted: _Move) -> bool:
    """Whether both are one change, which two programs may have seen at different times."""
    if stored[:2] != wanted[:2]:
        return False
    if stored[2] == wanted[2]:
        return True
    begin, other = stored[3], wanted[3]
    return begin is not None and other is not None and begin < wanted[2] and other < stored[2]
