"""Reads whole threads back, as `ThreadState`s that equal those which were written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby, islice
from operator import itemgetter
from sys import intern
from typing import Any, Final

from flowtui.model.run.row import Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.changes import MAX_TRAILS, StatusChange, Trail
from flowtui.model.state.known_runs import ThreadState
from flowtui.store.faults import DamagedError
from flowtui.store.rows import (
    MAX_UNREADABLE,
    RUN_OF_THREAD,
    WIDTH,
    columns_of,
    known_time,
    runs_of,
    time_of,
    word_numbers,
)
from flowtui.store.sqlite import Database, Row
from flowtui.store.tables import NO_ROW, NOT_SEEN, TOKENS_FELL, WENT_BACK
from flowtui.store.words import Texts, marks
from flowtui.text import safe_name, safe_text, shorten

_THREADS: Final = (
    "SELECT id, raw_id, status, active_run, created, thread_at, observed, orphaned, whole AND NOT cut, unreadable, "
    "interval, trails "
    "FROM thread WHERE id IN ({})"
)
_RUN: Final = f"{RUN_OF_THREAD}, r.place, r.config"
# Threads that were read once have no trails, and of 100,000 runs the empty columns take a tenth of the time.
_TRAILED: Final = f"{_RUN}, r.id, r.nth, r.trail_first, r.trail_changed, r.trail_moves"
_RUNS: Final = "SELECT {} FROM run r WHERE r.thread IN ({}) ORDER BY r.thread LIMIT ?"
_NEWEST: Final = "SELECT {} FROM run r WHERE r.thread=? ORDER BY r.place DESC LIMIT ?"
_MOVES: Final = "SELECT run, before, after, since, at FROM move WHERE run IN ({}) ORDER BY id"
_CHUNK: Final = 400  # values of one statement
_THREAD: Final = itemgetter(0)
_RAW_ID: Final = itemgetter(1)
_FLAGS: Final = 6
_PLACE: Final = itemgetter(WIDTH)
_CONFIG: Final = WIDTH + 1  # places in a row of `_RUN`, and of `_TRAILED`
_ID, _NTH, _COUNT = WIDTH + 2, WIDTH + 3, WIDTH + 6
_MARKS: Final = NO_ROW | NOT_SEEN | WENT_BACK


def thread_states(
    database: Database, texts: Texts, numbers: Sequence[int], most: int | None = None
) -> list[ThreadState]:
    """Return the states of these threads, given by their numbers, in this order. Threads that are gone are left out.

    `most`: read at most so many runs of a thread, the newest in its order; `whole` is False if there are more.

    Raises:
        HistoryError: they cannot be read, or are damaged.
    """
    found: dict[int, ThreadState] = {}
    with database.reading():
        threads = {row[0]: row for row in database.rows(_THREADS.format(marks(numbers)), numbers)}
        for fields, trailed in ((_RUN, False), (_TRAILED, True)):
            own = {number: row for number, row in threads.items() if bool(row[-1]) is trailed}
            if own:
                rows = _rows(database, fields, list(own), most)
                found.update(_states(database, texts, own, rows, most))
    return [found[number] for number in numbers if number in found]


def _states(
    database: Database,
    texts: Texts,
    threads: Mapping[int, Row],
    found: Mapping[int, Sequence[Row]],
    most: int | None,
) -> dict[int, ThreadState]:
    """Return number → state of these threads, whose rows of runs are `found`, with or without trails."""
    rows = list(chain.from_iterable(found.values()))
    moves = _moves(database, rows)
    columns = columns_of(rows)
    words = texts.load(_numbers(threads.values(), columns, moves))
    keys = {number: intern(row[1]) for number, row in threads.items()}
    runs = iter(runs_of(columns, words, keys))
    marked = any(flags & _MARKS for flags in set(columns[_FLAGS])) if columns else False
    return {
        number: _state(
            threads[number], own, list(islice(runs, len(own))), moves, words, marked=marked, most=most
        )
        for number, own in found.items()
    }


def _moves(database: Database, rows: Sequence[Row]) -> Mapping[int, Sequence[Row]]:
    """Return number of a run → its changes of status, the oldest first, of those runs that have a trail."""
    found: dict[int, list[Row]] = {}
    moving = [row[_ID] for row in rows if row[_COUNT]] if rows and len(rows[0]) > _ID else []
    for start in range(0, len(moving), _CHUNK):
        part = moving[start : start + _CHUNK]
        for row in database.rows(_MOVES.format(marks(part)), part):
            found.setdefault(row[0], []).append(row)
    return found


def _rows(database: Database, fields: str, numbers: Sequence[int], most: int | None) -> dict[int, list[Row]]:
    """Return the rows of each of these threads, in its order, at most one more than `most` of a thread."""
    limit = -1 if most is None else (most + 1) * len(numbers)
    rows = database.rows(_RUNS.format(fields, marks(numbers)), (*numbers, limit))
    if most is not None and len(rows) == limit:  # a thread may have far more
        return {number: database.rows(_NEWEST.format(fields), (number, most + 1)) for number in numbers}
    found: dict[int, list[Row]] = {number: [] for number in numbers}
    for number, own in groupby(rows, key=_THREAD):
        # Sorting here is faster than in SQLite, which has no index by place.
        found[number] = sorted(own, key=_PLACE, reverse=True)[: None if most is None else most + 1]
    return found


def _numbers(
    threads: Iterable[Row], columns: Sequence[Sequence[Any]], moves: Mapping[int, Sequence[Row]]
) -> set[int]:
    """Return the numbers of all words in these rows and columns."""
    found = word_numbers(columns)
    if columns:
        found.update(columns[_CONFIG])
    found.update(row[2] for row in threads)
    found.discard(None)
    for of_run in moves.values():
        for move in of_run:
            found.update(move[1:3])
    return found


def _state(
    thread: Row,
    rows: Sequence[Row],
    runs: Sequence[Run],
    moves: Mapping[int, Sequence[Row]],
    texts: Mapping[int, str],
    *,
    marked: bool,
    most: int | None,
) -> ThreadState:
    """Return the state of a thread. `marked`: whether one of its runs may have one of the flags `_MARKS`."""
    cut = most is not None and len(rows) > most
    rows, runs = rows[:most], runs[:most]
    known = dict(zip(map(_RAW_ID, rows), runs, strict=True))
    flagged = [(row[1], row[_FLAGS]) for row in rows if row[_FLAGS] & _MARKS] if marked else []
    for raw_id, flags in flagged:
        if flags & NO_ROW:
            del known[raw_id]
    trails = sorted((row[_NTH], row) for row in rows if row[_NTH] is not None) if thread[-1] else []
    seen = time_of(thread[6])
    return ThreadState(
        thread[1],
        _interval(thread[10]),
        _listed(thread, texts),
        time_of(thread[5]),
        known,
        seen,
        whole=bool(thread[8]) and not cut,
        not_seen=frozenset(raw_id for raw_id, flags in flagged if flags & NOT_SEEN),
        went_back=frozenset(raw_id for raw_id, flags in flagged if flags & WENT_BACK),
        orphaned=time_of(thread[7]),
        trails={row[1]: _trail(row, moves, texts) for _, row in trails[-MAX_TRAILS:]},
        configs={row[1]: texts[row[_CONFIG]] for row in rows if row[_CONFIG] is not None},
        restored=seen,
    )


def _trail(row: Row, moves: Mapping[int, Sequence[Row]], texts: Mapping[int, str]) -> Trail:
    *_, first, changed, count = row
    changes = _changes(moves.get(row[_ID], ()), count or 0, texts)
    return Trail(known_time(first), known_time(changed), changes, bool(row[_FLAGS] & TOKENS_FELL))


def _listed(thread: Row, texts: Mapping[int, str]) -> Thread | None:
    """Return the row of the list of threads; None if the list has not shown it."""
    _, raw_id, status, active_run, created, *_, unreadable, _, _ = thread
    if status is None:
        return None
    problems = None if unreadable is None else safe_text(shorten(unreadable, MAX_UNREADABLE))
    return Thread(raw_id, safe_name(raw_id), texts[status], active_run, time_of(created), problems)


def _changes(moves: Sequence[Row], count: int, texts: Mapping[int, str]) -> tuple[StatusChange, ...]:
    return tuple(
        StatusChange(texts[before], texts[after], time_of(since), known_time(at))
        for _, before, after, since, at in (moves[-count:] if count > 0 else ())
    )


def _interval(value: Any) -> float:
    """Return a polling interval that was read. Raises DamagedError if it is none."""
    if not isinstance(value, float) or not 0.0 <= value < 1e9:
        raise DamagedError("an interval is out of range")
    return value
