"""Statements that write the rows of runs, and the values they get."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from flowtui.model.run.row import UNKNOWN, Run
from flowtui.model.state.changes import Trail
from flowtui.model.state.known_runs import ThreadState
from flowtui.store.rows import CLASS_NUMBER
from flowtui.store.sqlite import Database
from flowtui.store.tables import IS_ACTIVE, NO_ROW, NOT_SEEN, TOKENS_FELL, WENT_BACK
from flowtui.store.words import Words
from flowtui.store.writing.sums import Share, stored_share

_COLUMNS: Final = (
    "thread, raw_id, place, agent, status, class, model, flags, created, started, expires, cancelled, failed, "
    "completed, prompt, completion, total, unreadable, config, ended, at, rev, nth, trail_first, trail_changed, "
    "trail_moves"
)
_REPLACED: Final = (
    *(
        "agent",
        "status",
        "class",
        "model",
        "created",
        "started",
        "expires",
        "cancelled",
        "failed",
        "completed",
    ),
    *("prompt", "completion", "total", "unreadable", "ended", "at", "rev"),
)
_OF_TRAIL: Final = ("nth", "trail_first", "trail_changed", "trail_moves")

UPSERT: Final = f"""INSERT INTO run({_COLUMNS}) VALUES({",".join("?" * len(_COLUMNS.split(",")))})
ON CONFLICT(thread, raw_id) DO UPDATE SET {",".join(f"{name}=excluded.{name}" for name in _REPLACED)},
place=CASE WHEN run.flags & {NO_ROW} THEN excluded.place ELSE run.place END,
first_seen=CASE WHEN run.flags & {NO_ROW} THEN NULL ELSE coalesce(run.first_seen, run.at) END,
flags=CASE WHEN excluded.nth IS NULL THEN excluded.flags | (run.flags & {TOKENS_FELL}) ELSE excluded.flags END,
config=coalesce(excluded.config, run.config),
{",".join(f"{name}=CASE WHEN excluded.nth IS NULL THEN run.{name} ELSE excluded.{name} END" for name in _OF_TRAIL)}
WHERE excluded.at >= run.at OR run.at > ?"""
"""Writes a run, unless a newer observation of it is stored. The last value: now. An observation of the future does not
count, as a clock that was ahead would else keep its rows for ever."""

_STORED: Final = (
    "SELECT id, at, flags, agent, class, ended, started, prompt, completion, total FROM run "
    "WHERE thread=? AND raw_id=?"
)
_FACTS: Final = f"""UPDATE run SET config=coalesce(?, config),
flags=(flags & ~{WENT_BACK}) | ?,
nth=coalesce(?, nth), trail_first=coalesce(?, trail_first), trail_changed=coalesce(?, trail_changed),
trail_moves=coalesce(?, trail_moves), rev=? WHERE id=?"""
_NONE: Final = Run("", "", "", "", "", UNKNOWN, "", False, *[None] * 10)


class Stored(NamedTuple):
    """What is stored of a run."""

    id: int
    at: float
    flags: int
    share: Share | None
    """What it has added to the sums."""


def stored_run(database: Database, thread: int, raw_id: str) -> Stored | None:
    """Return what is stored of a run; None: nothing. `thread`: the number of its thread."""
    row = database.row(_STORED, (thread, raw_id))
    if row is None:
        return None
    number, at, flags, agent, status_class, ended, started, *tokens = row
    share = stored_share(agent, status_class, ended, started, (tokens[0], tokens[1], tokens[2]))
    return Stored(number, at, flags, share)


class Given(NamedTuple):
    """What the row of a run gets beside the run itself."""

    thread: int
    """The number of its thread."""
    place: int
    at: float
    rev: int
    nth: int | None
    """Of its trail; None: the trail has not changed, or there is none."""


def values_of(state: ThreadState, raw_id: str, words: Words, given: Given) -> tuple[Any, ...]:
    """Return the values for `UPSERT`, but the last. A raw id without a run gives a row that only holds its trail."""
    run = state.runs.get(raw_id)
    trail = state.trails.get(raw_id)
    flags = _flags(state, raw_id, run, trail)
    config = state.configs.get(raw_id)
    run = run or _NONE
    kept = (None, None, None, None) if given.nth is None or trail is None else _trail(given.nth, trail)
    return (
        given.thread,
        raw_id,
        given.place,
        words.id(run.agent_id),
        words.id(run.status),
        CLASS_NUMBER[run.status_class],
        words.id(run.model),
        flags,
        *run[8:18],
        None if config is None else words.id(config),
        run.ended,
        given.at,
        given.rev,
        *kept,
    )


def write_facts(
    database: Database,
    state: ThreadState,
    raw_id: str,
    stored: Stored,
    words: Words,
    *,
    rev: int,
    nth: int | None,
) -> None:
    """Write what is known of a run beside its row, which has left memory or was dropped."""
    trail = state.trails.get(raw_id)
    config = state.configs.get(raw_id)
    kept = (None, None, None, None) if nth is None or trail is None else _trail(nth, trail)
    flags = _flags(state, raw_id, None, trail) & ~NO_ROW
    database.run(_FACTS, (None if config is None else words.id(config), flags, *kept, rev, stored.id))


def drop_row(database: Database, thread: int, raw_id: str) -> None:
    """Take the row of a placeholder out of its thread; its trail stays."""
    database.run(
        "DELETE FROM run WHERE thread=? AND raw_id=? AND nth IS NULL AND config IS NULL", (thread, raw_id)
    )
    database.run(
        f"UPDATE run SET flags=(flags & ~{NOT_SEEN}) | {NO_ROW}, created=NULL, ended=NULL "
        "WHERE thread=? AND raw_id=?",
        (thread, raw_id),
    )


def _trail(nth: int, trail: Trail) -> tuple[int, float, float, int]:
    return nth, trail.first, trail.changed_at, len(trail.status_changes)


def _flags(state: ThreadState, raw_id: str, run: Run | None, trail: Trail | None) -> int:
    flags = NO_ROW if run is None else IS_ACTIVE * run.is_active
    flags |= NOT_SEEN * (raw_id in state.not_seen)
    flags |= WENT_BACK * (raw_id in state.went_back)
    return flags | TOKENS_FELL * (trail is not None and trail.tokens_fell)
