"""Statements that write the rows of runs, and the values they get."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from flowtui.model.run.row import UNKNOWN, Run
from flowtui.model.state.changes import Trail
from flowtui.model.state.known_runs import ThreadState
from flowtui.store.rows import CLASS_NUMBER
from flowtui.store.sqlite import Database
from flowtui.store.tables import IS_ACTIVE, NO_ROW, NOT_SEEN, TOKENS_FELL, WENT_BACK
from flowtui.store.words import Words, marks
from flowtui.store.writing.sums import Share, stored_share

CREATED: Final = 8
"""The place of the time of creation in the values of a run."""
_AGENT, _CLASS, _STARTED, _TOKENS, _ENDED = 3, 5, 9, slice(14, 17), 19
_COLUMNS: Final = (
    "thread, raw_id, place, agent, status, class, model, flags, created, started, expires, cancelled, failed, "
    "completed, prompt, completion, total, unreadable, config, ended, at, rev, nth, trail_first, trail_changed, "
    "trail_moves"
)
_REPLACED: Final = (
    *("agent", "status", "model", "started", "expires", "cancelled", "failed", "completed"),
    *("prompt", "completion", "total", "unreadable", "at", "rev"),
)
_INDEXED: Final = (("created",), ("class", "ended"))
_OF_TRAIL: Final = ("nth", "trail_first", "trail_changed", "trail_moves")


def _upsert(*indexed: str) -> str:
    """Return the statement that writes a run. Of the columns with an index it replaces only `indexed`: an index is slow to change."""
    columns = (*_REPLACED, *indexed)
    return f"""INSERT INTO run({_COLUMNS}) VALUES({",".join("?" * len(_COLUMNS.split(",")))})
ON CONFLICT(thread, raw_id) DO UPDATE SET {",".join(f"{name}=excluded.{name}" for name in columns)},
place=CASE WHEN run.flags & {NO_ROW} THEN excluded.place ELSE run.place END,
first_seen=CASE WHEN run.flags & {NO_ROW} THEN NULL ELSE coalesce(run.first_seen, run.at) END,
flags=CASE WHEN excluded.nth IS NULL THEN excluded.flags | (run.flags & {TOKENS_FELL}) ELSE excluded.flags END,
config=coalesce(excluded.config, run.config),
{",".join(f"{name}=CASE WHEN excluded.nth IS NULL THEN run.{name} ELSE excluded.{name} END" for name in _OF_TRAIL)}
WHERE excluded.at >= run.at OR run.at > ?"""


_UPSERTS: Final = tuple(
    tuple(_upsert(*(_INDEXED[0] if created else ()), *(_INDEXED[1] if ended else ())) for ended in (0, 1))
    for created in (0, 1)
)
_AT_ONCE: Final = 32  # runs of one question; SQLite keeps a prepared statement for each number
_STORED: Final = tuple(
    "SELECT raw_id, id, at, flags, agent, class, created, ended, started, prompt, completion, total FROM run "
    f"WHERE thread=? AND raw_id IN ({marks(range(count))})"
    for count in range(_AT_ONCE + 1)
)
_FACTS: Final = f"""UPDATE run SET config=coalesce(?, config),
flags=(flags & ~{WENT_BACK}) | ?,
nth=coalesce(?, nth), trail_first=coalesce(?, trail_first), trail_changed=coalesce(?, trail_changed),
trail_moves=coalesce(?, trail_moves), rev=? WHERE id=?"""
_NONE: Final = Run("", "", "", "", "", UNKNOWN, "", False, *[None] * 10)


class Stored(NamedTuple):
    """What is stored of a run; the fields are columns of the table `run`."""

    id: int
    at: float
    flags: int
    agent: int
    status_class: int
    created: float | None
    ended: float | None
    started: float | None
    prompt: int | None
    completion: int | None
    total: int | None

    @property
    def share(self) -> Share | None:
        """What it has added to the sums."""
        if self.ended is None or self.flags & NO_ROW:
            return None
        tokens = (self.prompt, self.completion, self.total)
        return stored_share(self.agent, self.status_class, self.ended, self.started, tokens)


def stored_runs(database: Database, thread: int, raw_ids: Sequence[str]) -> dict[str, Stored]:
    """Return what is stored of these runs. `thread`: the number of their thread. Raises as the database does."""
    found: dict[str, Stored] = {}
    for begin in range(0, len(raw_ids), _AT_ONCE):
        part = raw_ids[begin : begin + _AT_ONCE]
        for raw_id, *values in database.rows(_STORED[len(part)], (thread, *part)):
            found[raw_id] = Stored._make(values)
    return found


def upsert(values: tuple[Any, ...], stored: Stored | None) -> str:
    """Return the statement that writes a run with these values, of which this is stored: see `values_of`.

    It takes one value more: now. A newer observation that is stored is kept, unless it is of the future: a clock that was
    ahead would else keep its rows for ever. What has an index is written only if it has changed.
    """
    if stored is None:
        return _UPSERTS[1][1]
    ended = values[_ENDED] != stored.ended or values[_CLASS] != stored.status_class
    created = values[CREATED] != stored.created
    return _UPSERTS[bool(created)][bool(ended)]


def share_of(values: tuple[Any, ...]) -> Share | None:
    """Return what a run with these values (see `values_of`) adds to the sums; None: nothing."""
    ended = values[_ENDED]
    if ended is None:
        return None
    return stored_share(values[_AGENT], values[_CLASS], ended, values[_STARTED], values[_TOKENS])


class Given(NamedTuple):
    """What the row of a run gets beside the run itself; the fields are columns of the table `run`."""

    thread: int
    """The number of its thread."""
    place: int
    at: float
    """When the thread was observed (UTC epoch seconds)."""
    rev: int
    """The number of this write."""
    nth: int | None
    """Of its trail; None: the trail has not changed, or there is none."""


def values_of(state: ThreadState, raw_id: str, words: Words, given: Given) -> tuple[Any, ...]:
    """Return the values for `upsert`, but the last. A raw id without a run gives a row that only holds its trail."""
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


def _trail(nth: int, trail: Trail) -> tuple[int, float, float, int]:
    return nth, trail.first, trail.changed_at, len(trail.status_changes)


def _flags(state: ThreadState, raw_id: str, run: Run | None, trail: Trail | None) -> int:
    flags = NO_ROW if run is None else IS_ACTIVE * run.is_active
    flags |= NOT_SEEN * (raw_id in state.not_seen)
    flags |= WENT_BACK * (raw_id in state.went_back)
    return flags | TOKENS_FELL * (trail is not None and trail.tokens_fell)
