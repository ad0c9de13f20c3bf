"""Reads whole threads back, as `ThreadState`s that equal those which were written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flowtui.model.run.row import Run
from flowtui.model.run.thread import Thread
from flowtui.model.state.changes import MAX_TRAILS, StatusChange, Trail
from flowtui.model.state.known_runs import ThreadState
from flowtui.store.faults import DamagedError
from flowtui.store.rows import MAX_UNREADABLE, RUN, WIDTH, known_time, run_of, time_of
from flowtui.store.sqlite import Database, Row
from flowtui.store.tables import NO_ROW, NOT_SEEN, TOKENS_FELL, WENT_BACK
from flowtui.store.words import Texts, marks
from flowtui.text import safe_name, safe_text, shorten

_THREADS: Final = (
    "SELECT id, raw_id, status, active_run, created, thread_at, observed, orphaned, whole AND NOT cut, unreadable, "
    "interval "
    "FROM thread WHERE id IN ({})"
)
_FACTS: Final = "r.id, r.config, r.nth, r.trail_first, r.trail_changed, r.trail_moves"
_RUNS: Final = (
    f"SELECT {RUN}, r.thread, {_FACTS} FROM run r JOIN thread t ON t.id = r.thread WHERE r.thread IN ({{}}) "
    "ORDER BY r.thread, r.place DESC"
)
_NEWEST: Final = (
    f"SELECT {RUN}, r.thread, {_FACTS} FROM run r JOIN thread t ON t.id = r.thread WHERE r.thread=? "
    "ORDER BY r.place DESC LIMIT ?"
)
_MOVES: Final = "SELECT run, before, after, since, at FROM move WHERE run IN ({}) ORDER BY id"
_CHUNK: Final = 400  # values of one statement


def thread_states(
    database: Database, texts: Texts, numbers: Sequence[int], most: int | None = None
) -> list[ThreadState]:
    """Return the states of these threads, given by their numbers, in this order. Threads that are gone are left out.

    `most`: read at most so many runs of a thread, the newest in its order; `whole` is False if there are more.

    Raises:
        HistoryError: they cannot be read, or are damaged.
    """
    with database.reading():
        threads = {row[0]: row for row in database.rows(_THREADS.format(marks(numbers)), numbers)}
        if most is None:
            rows = database.rows(_RUNS.format(marks(numbers)), numbers)
        else:
            rows = [row for number in numbers for row in database.rows(_NEWEST, (number, most + 1))]
        moving = [row[WIDTH + 1] for row in rows if row[WIDTH + 6]]
        moves: dict[int, list[Row]] = {}
        for start in range(0, len(moving), _CHUNK):
            part = moving[start : start + _CHUNK]
            for row in database.rows(_MOVES.format(marks(part)), part):
                moves.setdefault(row[0], []).append(row)
        known = texts.load(_numbers(threads.values(), rows, moves))
    by_thread: dict[int, list[Row]] = {number: [] for number in threads}
    for row in rows:
        by_thread[row[WIDTH]].append(row)
    return [
        _state(threads[number], by_thread[number], moves, known, most)
        for number in numbers
        if number in threads
    ]


def _numbers(threads: Any, rows: Sequence[Row], moves: dict[int, list[Row]]) -> set[int]:
    """Return the numbers of all words in these rows."""
    found = {row[2] for row in threads if row[2] is not None}
    for row in rows:
        found.update((row[2], row[3], row[5]))
        if row[WIDTH + 2] is not None:
            found.add(row[WIDTH + 2])
    for of_run in moves.values():
        for move in of_run:
            found.update(move[1:3])
    return found


def _state(
    thread: Row, rows: list[Row], moves: dict[int, list[Row]], texts: dict[int, str], most: int | None
) -> ThreadState:
    cut = most is not None and len(rows) > most
    runs: dict[str, Run] = {}
    configs: dict[str, str] = {}
    not_seen, went_back = [], []
    trails: list[tuple[int, str, Trail]] = []
    for row in rows[:most]:
        run = run_of(row, texts)
        flags = row[6]
        _, config, nth, first, changed, count = row[WIDTH + 1 :]
        if not flags & NO_ROW:
            runs[run.raw_id] = run
        if flags & NOT_SEEN:
            not_seen.append(run.raw_id)
        if flags & WENT_BACK:
            went_back.append(run.raw_id)
        if config is not None:
            configs[run.raw_id] = texts[config]
        if nth is not None:
            changes = _changes(moves.get(row[WIDTH + 1], ()), count or 0, texts)
            trail = Trail(known_time(first), known_time(changed), changes, bool(flags & TOKENS_FELL))
            trails.append((nth, run.raw_id, trail))
    trails.sort(key=lambda each: each[0])
    seen = time_of(thread[6])
    return ThreadState(
        thread[1],
        _interval(thread[10]),
        _listed(thread, texts),
        time_of(thread[5]),
        runs,
        seen,
        whole=bool(thread[8]) and not cut,
        not_seen=frozenset(not_seen),
        went_back=frozenset(went_back),
        orphaned=time_of(thread[7]),
        trails={raw: trail for _, raw, trail in trails[-MAX_TRAILS:]},
        configs=configs,
        restored=seen,
    )


def _listed(thread: Row, texts: dict[int, str]) -> Thread | None:
    """Return the row of the list of threads; None if the list has not shown it."""
    _, raw_id, status, active_run, created, *_, unreadable, _ = thread
    if status is None:
        return None
    problems = None if unreadable is None else safe_text(shorten(unreadable, MAX_UNREADABLE))
    return Thread(raw_id, safe_name(raw_id), texts[status], active_run, time_of(created), problems)


def _changes(moves: Sequence[Row], count: int, texts: dict[int, str]) -> tuple[StatusChange, ...]:
    return tuple(
        StatusChange(texts[before], texts[after], time_of(since), known_time(at))
        for _, before, after, since, at in (moves[-count:] if count > 0 else ())
    )


def _interval(value: Any) -> float:
    """Return a polling interval that was read. Raises DamagedError if it is none."""
    if not isinstance(value, float) or not 0.0 <= value < 1e9:
        raise DamagedError("an interval is out of range")
    return value
