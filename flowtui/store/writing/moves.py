"""Changes of status that observations showed, as rows of the table `move`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from flowtui.model.state.changes import StatusChange, Trail
from flowtui.store.rows import storable_text
from flowtui.store.sqlite import Database
from flowtui.store.words import Words

_MOST: Final = 32  # changes of status that a trail has
_ADD: Final = "INSERT INTO move(run, at, since, before, after) VALUES(?,?,?,?,?)"
_STORED: Final = "SELECT before, after, at, since FROM move WHERE run=? ORDER BY id DESC LIMIT ?"
_RUN: Final = "SELECT id FROM run WHERE thread=? AND raw_id=?"

_Move = tuple[int, int, float, float | None]  # before, after, at, since


class MoveWriter:
    """Adds the changes of status of one thread that are not stored yet. Raises as the database does."""

    def __init__(self, database: Database, words: Words, thread: int, *, follows: bool) -> None:
        """`thread`: its number. `follows`: whether the states that are written certainly follow what is stored."""
        self._database = database
        self._words = words
        self._thread = thread
        self._follows = follows

    def add(
        self,
        old: Mapping[str, Trail],
        new: Mapping[str, Trail],
        moved: Iterable[str],
        numbers: Callable[[str], int | None],
    ) -> None:
        """Add what these trails (`moved`: raw run ids) show. `numbers` returns the number of a run that was stored before."""
        rows: list[tuple[int, float, float | None, int, int]] = []
        for raw_id in moved:
            changes = new[raw_id].status_changes
            before = old[raw_id].status_changes if raw_id in old else ()
            if not changes or changes == before or not storable_text(raw_id):
                continue
            known = numbers(raw_id)
            run = self._number(raw_id) if known is None else known
            if run is None:  # it could not be stored
                continue
            wanted = [change for change in changes if _good(change)]
            if known is not None:
                wanted = wanted[self._stored(run, before, wanted) :]
            words = self._words
            rows += [(run, one.at, one.since, words.id(one.before), words.id(one.after)) for one in wanted]
        if rows:
            self._database.many(_ADD, rows)

    def _number(self, raw_id: str) -> int | None:
        found = self._database.row(_RUN, (self._thread, raw_id))
        return None if found is None else int(found[0])

    def _stored(self, run: int, before: Sequence[StatusChange], wanted: Sequence[StatusChange]) -> int:
        """Return how many of the first wanted changes are stored."""
        if self._follows and before == tuple(wanted[: len(before)]):
            return len(before)
        stored = self._database.rows(_STORED, (run, _MOST))[::-1]
        words = self._words
        return _known(
            stored, [(words.id(one.before), words.id(one.after), one.at, one.since) for one in wanted]
        )


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
