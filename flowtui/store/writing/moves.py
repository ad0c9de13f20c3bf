"""Changes of status that observations showed, as rows of the table `move`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui.model.state.changes import StatusChange, Trail
from flowtui.store.rows import storable_text
from flowtui.store.sqlite import Database
from flowtui.store.words import Words

_MOST: Final = 32  # changes of status that a trail has
_STORED: Final = "SELECT before, after, at, since FROM move WHERE run=? ORDER BY id DESC LIMIT ?"

Move = tuple[float, float | None, int, int]
"""A change of status as it is stored: at, since, and the numbers of the status before and after."""
_Stored = tuple[int, int, float, float | None]  # before, after, at, since


class MoveFinder:
    """Finds the changes of status of one thread that are not stored yet. Raises as the database does."""

    def __init__(self, database: Database, words: Words, *, follows: bool) -> None:
        """`follows`: whether the states that are written certainly follow what is stored."""
        self._database = database
        self._words = words
        self._follows = follows

    def find(self, trail: Trail, old: Trail | None, run: int | None) -> list[Move]:
        """Return what a trail shows that is not stored. `run`: the number of its run; None: the run is not stored yet."""
        changes = trail.status_changes
        before = () if old is None else old.status_changes
        if not changes or changes == before:
            return []
        wanted = [change for change in changes if _good(change)]
        if run is not None:
            wanted = wanted[self._stored(run, before, wanted) :]
        words = self._words
        return [(one.at, one.since, words.id(one.before), words.id(one.after)) for one in wanted]

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


def _known(stored: Sequence[_Stored], wanted: Sequence[_Stored]) -> int:
    """Return how many of the first wanted changes are the last stored ones."""
    for count in range(min(len(stored), len(wanted)), 0, -1):
        if all(map(_same, stored[-count:], wanted[:count])):
            return count
    return 0


def _same(stored: _Stored, wanted: _Stored) -> bool:
    """Whether both are one change, which two programs may have seen at different times."""
    if stored[:2] != wanted[:2]:
        return False
    if stored[2] == wanted[2]:
        return True
    begin, other = stored[3], wanted[3]
    return begin is not None and other is not None and begin < wanted[2] and other < stored[2]
