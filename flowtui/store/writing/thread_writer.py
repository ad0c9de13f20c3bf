"""Writes what has changed of threads, within a transaction of the caller."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from flowtui.model.state.known_runs import ThreadState
from flowtui.store.rows import storable, storable_text
from flowtui.store.sqlite import Database
from flowtui.store.tables import NO_ROW, PLACE_STEP
from flowtui.store.words import Words
from flowtui.store.writing.batch import Batch
from flowtui.store.writing.diff import changed_runs, dropped_runs, moved_trails, places
from flowtui.store.writing.moves import MoveFinder
from flowtui.store.writing.run_rows import (
    CREATED,
    Given,
    Stored,
    share_of,
    stored_runs,
    upsert,
    values_of,
    write_facts,
)

_NEW: Final = (
    """INSERT INTO thread(raw_id, whole, interval, low, high, trails, rev) VALUES(?,0,0.0,0,0,0,0)"""
)


@dataclass(slots=True)
class _Row:
    """The row of a thread. `low`, `high`, `trails`, `newest`: as in the table."""

    id: int
    low: int = 0
    high: int = 0
    trails: int = 0
    newest: float | None = None
    fresh: bool = False
    """Whether no run of the thread is stored."""


class Moment(NamedTuple):
    """When and after what a state is written."""

    rev: int
    """The number of this write."""
    now: float
    forgotten: float | None
    """Runs that ended before this time are not stored again."""
    follows: bool
    """Whether the state certainly follows what is stored, whatever the clock said: nobody else has written."""

    def is_older(self, at: float, stored_at: float) -> bool:
        """Whether an observation is older than the stored one.

        A stored observation of the future does not count: a clock that was ahead would else keep its rows for ever.
        """
        return not self.follows and at < stored_at <= self.now


class ThreadWriter:
    """Writes threads. It remembers numbers that were given, so call `forget` after a transaction that was taken back."""

    def __init__(self, database: Database) -> None:
        self.words = Words(database)
        self.left_out = 0
        """How many rows could not be stored, because no database holds their text or numbers."""
        self._database = database
        self._rows: dict[str, _Row] = {}
        self._batch = Batch()

    def forget(self) -> None:
        """Forget all numbers: the last transaction was taken back, or another program has written."""
        self.words.clear()
        self._rows.clear()
        self._batch = Batch()

    def number(self, raw_id: str) -> int | None:
        """Return the number of a thread; None if it is not stored."""
        row = self._row(raw_id) if storable_text(raw_id) else None
        return None if row is None else row.id

    def write(self, old: ThreadState | None, new: ThreadState, when: Moment) -> int:
        """Gather the difference between the stored state `old` and `new`; return how many runs are written by `finish`."""
        if not storable_text(new.key):
            self.left_out += 1
            return 0
        row = self._row(new.key) or self._new_row(new.key)
        at = when.now if new.observed is None else min(new.observed, when.now)
        moved = moved_trails(old, new)
        ids = changed_runs(old, new, moved)
        stored = {} if row.fresh else stored_runs(self._database, row.id, [*filter(storable_text, ids)])
        if when.forgotten is not None:
            self._leave_out(row, new, ids, stored, when.forgotten)
        order = self._places(row, old, new, ids, stored)
        trails = {raw_id: nth for nth, raw_id in enumerate(moved, row.trails + 1)}
        row.trails += len(trails)
        count = 0
        for raw_id in _in_order(ids, new, first=old is None):
            known = stored.get(raw_id)
            if known is not None and raw_id not in new.runs:
                if raw_id in new.trails or raw_id in new.configs or raw_id in new.went_back:
                    nth = trails.get(raw_id)
                    write_facts(self._database, new, raw_id, known, self.words, rev=when.rev, nth=nth)
            elif self._is_news(new, raw_id, known, at, when):
                given = Given(row.id, order.get(raw_id, 0), at, when.rev, trails.get(raw_id))
                self._add_run(row, values_of(new, raw_id, self.words, given), known, when)
                count += 1
        self._batch.dropped += [
            (row.id, raw_id) for raw_id in dropped_runs(old, new) if storable_text(raw_id)
        ]
        self._add_moves(row, old, new, trails, stored, follows=when.follows)
        self._add_thread(row, new, when.rev)
        return count

    def finish(self) -> None:
        """Write what was gathered. Raises as the database does."""
        batch, self._batch = self._batch, Batch()
        batch.write(self._database)

    # -- runs ------------------------------------------------------------------------------------------------

    def _leave_out(
        self,
        row: _Row,
        new: ThreadState,
        ids: set[str],
        stored: Mapping[str, Stored],
        forgotten: float,
    ) -> None:
        """Take those runs out of `ids` that were removed from the history, as they ended too long ago."""
        gone = {raw_id for raw_id in ids if raw_id not in stored and _ended_before(new, raw_id, forgotten)}
        if gone:
            ids -= gone
            self._database.run("UPDATE thread SET cut=1 WHERE id=?", (row.id,))

    def _is_news(self, new: ThreadState, raw_id: str, stored: Stored | None, at: float, when: Moment) -> bool:
        """Whether a row is to be written: no newer observation of it is stored, and the database can hold it."""
        if raw_id not in new.runs and raw_id not in new.trails and raw_id not in new.configs:
            return False  # it has left memory
        if stored is not None and when.is_older(at, stored.at):
            return False
        return self._storable(new, raw_id)

    def _storable(self, state: ThreadState, raw_id: str) -> bool:
        """Whether the database can hold a run; else it counts as left out."""
        run = state.runs.get(raw_id)
        config = state.configs.get(raw_id)
        good = storable_text(raw_id) and (config is None or self.words.can_have(config))
        if run is not None and good:
            can_have = self.words.can_have
            good = can_have(run.agent_id) and can_have(run.status) and can_have(run.model)
            good = good and storable(run[14:18])
        self.left_out += not good
        return good

    def _add_run(self, row: _Row, values: tuple[Any, ...], stored: Stored | None, when: Moment) -> None:
        """Add the values of a run to what is written, and to the sums what they gain and lose by it."""
        created = values[CREATED]
        if created is not None and (row.newest is None or created > row.newest):
            row.newest = created
        statement = upsert(values, stored)
        self._batch.runs.setdefault(statement, []).append((*values, -math.inf if when.follows else when.now))
        before = None if stored is None else stored.share
        after = share_of(values)
        if before != after:
            self._batch.added += [after] if after is not None else []
            self._batch.removed += [before] if before is not None else []

    def _places(
        self,
        row: _Row,
        old: ThreadState | None,
        new: ThreadState,
        ids: set[str],
        stored: Mapping[str, Stored],
    ) -> dict[str, int]:
        """Return a place for each run that needs one."""
        found = places(old, new)
        given: dict[str, int] = {}
        if not found.mixed:
            for raw_id in reversed(found.before):
                row.high += PLACE_STEP
                given[raw_id] = row.high
            for raw_id in found.after:
                row.low -= PLACE_STEP
                given[raw_id] = row.low
            if all(raw_id in given or stored.get(raw_id) or raw_id not in new.runs for raw_id in ids):
                return given
        return self._renumbered(row, new)

    def _renumbered(self, row: _Row, new: ThreadState) -> dict[str, int]:
        """Give each run of the thread a new place; return all. Runs that have left memory stay behind their neighbours."""
        known = self._database.rows(
            f"SELECT raw_id, id FROM run WHERE thread=? AND NOT flags & {NO_ROW} ORDER BY place DESC",
            (row.id,),
        )
        behind: dict[str, list[str]] = {}
        last = ""
        for raw_id, _ in known:
            if raw_id in new.runs:
                last = raw_id
            else:
                behind.setdefault(last, []).append(raw_id)
        order = behind.get("", [])
        for raw_id in new.runs:
            order += [raw_id, *behind.get(raw_id, ())]
        row.low, row.high = PLACE_STEP, len(order) * PLACE_STEP
        given = {raw_id: row.high - place * PLACE_STEP for place, raw_id in enumerate(order)}
        self._database.many(
            "UPDATE run SET place=? WHERE id=?", [(given[raw_id], number) for raw_id, number in known]
        )
        return given

    def _add_moves(
        self,
        row: _Row,
        old: ThreadState | None,
        new: ThreadState,
        moved: Iterable[str],
        stored: Mapping[str, Stored],
        *,
        follows: bool,
    ) -> None:
        """Add the changes of status to what is written that these trails (`moved`: raw run ids) show for the first time."""
        finder = MoveFinder(self._database, self.words, follows=follows)
        before = {} if old is None else old.trails
        for raw_id in moved:
            if storable_text(raw_id):
                known = stored.get(raw_id)
                found = finder.find(
                    new.trails[raw_id], before.get(raw_id), None if known is None else known.id
                )
                self._batch.moves += [(*move, row.id, raw_id) for move in found]

    # -- the row of the thread ---------------------------------------------------------------------------------

    def _row(self, raw_id: str) -> _Row | None:
        known = self._rows.get(raw_id)
        if known is None:
            found = self._database.row(
                "SELECT id, low, high, trails, newest FROM thread WHERE raw_id=?", (raw_id,)
            )
            if found is None:
                return None
            known = self._rows[raw_id] = _Row(*found)
        return known

    def _new_row(self, raw_id: str) -> _Row:
        row = _Row(self._database.insert(_NEW, (raw_id,)), fresh=True)
        self._rows[raw_id] = row
        return row

    def _add_thread(self, row: _Row, new: ThreadState, rev: int) -> None:
        """Add the row of a thread to what is written."""
        thread = new.thread
        if thread is not None and not storable(thread):
            self.left_out += 1
            thread = None
        of_list = (
            (None, None, None, None, None)
            if thread is None
            else (
                self.words.id(thread.status),
                thread.active_run,
                thread.created,
                new.thread_at,
                thread.unreadable,
            )
        )
        *listed, unreadable = of_list
        self._batch.threads.append(
            (
                *(*listed, new.observed, new.orphaned, int(new.whole), unreadable, new.interval),
                *(row.newest, row.low, row.high, row.trails, rev, row.id),
            )
        )
        row.fresh = False


def _ended_before(state: ThreadState, raw_id: str, time: float) -> bool:
    run = state.runs.get(raw_id)
    ended = None if run is None else run.ended
    return ended is not None and ended < time


def _in_order(ids: set[str], state: ThreadState, *, first: bool) -> list[str]:
    """Return raw ids in the order in which they are stored. Those of a new thread lie as they will be read, the oldest first."""
    if not first:
        return sorted(ids)
    rows = [raw_id for raw_id in reversed(list(state.runs)) if raw_id in ids]
    return rows + sorted(ids.difference(rows))
