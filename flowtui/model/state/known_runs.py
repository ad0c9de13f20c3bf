"""The state of one thread, and functions that apply one observation to it.

Pure: (old state, one observation) → (new state, changes). `at` is when the observation was made, in UTC epoch seconds
of the local clock. If an answer should have shown a known run and does not, the run is marked as not seen. It is never
deleted, unless it is a placeholder; but older runs leave memory (see `letting_go.py`). A failure is kept beside the
last good rows and does not replace them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from flowtui.model.run.raw_paths import Extras
from flowtui.model.run.row import QUEUED, RUNNING, UNKNOWN, Run
from flowtui.model.run.span_facts import SpanFacts, combine
from flowtui.model.run.thread import Thread
from flowtui.model.state.changes import (
    APPEARED,
    CHANGED,
    DROPPED,
    NOT_SEEN,
    SEEN_AGAIN,
    Change,
    Trail,
    follow_trails,
)
from flowtui.model.state.left_runs import NONE_LEFT, LeftRuns
from flowtui.model.state.locks import Lock, list_is_newer, lock_of
from flowtui.model.state.run_order import dropped_placeholders, missing_runs, newest_first, places
from flowtui.text import safe_name

MAX_UNLISTED: Final = 200
"""Runs of a thread that spans name and that no list has shown, of which the facts are kept."""

Item = TypeVar("Item")

_RANK: Final = {QUEUED: 0, RUNNING: 1}
_ENDED: Final = 2


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a thread or the list of threads cannot be read now. Times are UTC epoch seconds of the local clock."""

    kind: str
    """The kind of the `ApiError`."""
    message: str
    """The error in words, display-safe."""
    since: float
    """When the failures began."""
    attempts: int = 1
    """How many requests have failed since then."""
    retry_at: float | None = None
    """When the next request is due; None: no request is made until something changes."""

    @property
    def final(self) -> bool:
        """Whether no further request is made until something changes."""
        return self.retry_at is None

    def after(self, last: Failure | None) -> Failure:
        """Return this failure as one more in the series of `last`; None: it is the first."""
        return self if last is None else replace(self, since=last.since, attempts=last.attempts + 1)


@dataclass(frozen=True, slots=True)
class ThreadState:
    """Everything known about one thread. Times are UTC epoch seconds of the local clock."""

    key: str
    """The raw id."""
    interval: float
    """The polling interval in seconds that was promised at the last observation."""
    thread: Thread | None = None
    """The thread's own row in the list of threads; None if the list has not shown it."""
    thread_at: float | None = None
    """When the list was read that showed this row."""
    runs: Mapping[str, Run] = field(default_factory=dict)
    """Raw id → row, the newest run first, as far as the server's times tell."""
    observed: float | None = None
    """When the last complete answer came; None: never."""
    whole: bool = False
    """Whether `runs` are all runs of the thread, apart from those that have left memory."""
    not_seen: frozenset[str] = frozenset()
    """The raw ids of runs that a later answer should have shown and did not."""
    went_back: frozenset[str] = frozenset()
    """The raw ids of runs whose status once went backwards."""
    orphaned: float | None = None
    """Since when the lock seems to belong to no active run; None: it does not seem so."""
    failure: Failure | None = None
    """Why the thread cannot be read now; None if it can."""
    trails: Mapping[str, Trail] = field(default_factory=dict)
    """Raw run id → its trail."""
    configs: Mapping[str, str] = field(default_factory=dict)
    """Raw run id → the fingerprint of its configuration."""
    extras: Mapping[str, Extras] = field(default_factory=dict)
    """Raw run id → its values at the paths of the user's own columns."""
    span_facts: Mapping[str, SpanFacts] = field(default_factory=dict)
    """Raw run id → what the spans read so far say about the run. A run without an entry was named by no span."""
    asked: float | None = None
    """When the first request since the last complete answer was sent; None: no request was sent since."""
    restored: float | None = None
    """When an earlier start of flowtui last observed the runs, if they come from the history and this start has not observed
    them yet; else None. `observed` is the same time then."""
    gone: bool = False
    """Whether the thread is restored, and the whole list of threads does not show it. It is not read, and stays restored."""
    silent: bool = False
    """Whether the thread is restored and was not active since, as the spans of all that time do not name it."""
    left: LeftRuns = NONE_LEFT
    """The older runs that have left memory."""

    @property
    def let_go(self) -> int:
        """How many runs this start has known that have left memory."""
        return self.left.number

    @property
    def all_here(self) -> bool:
        """Whether `runs` are certainly all runs of the thread."""
        return self.whole and not self.left.ids

    @property
    def id(self) -> str:
        """The thread's id, display-safe."""
        return self.thread.id if self.thread is not None else safe_name(self.key)

    @property
    def read(self) -> bool:
        """Whether the runs were read at least once; until then their number is unknown."""
        return self.observed is not None or bool(self.runs)

    @property
    def current(self) -> bool:
        """Whether nothing is known to be missing since the last observation, or could still be read."""
        return self.restored is None or self.silent or self.gone

    @property
    def active(self) -> bool:
        """Whether the thread has an active run or a lock, so that changes are likely soon."""
        return (self.thread is not None and self.thread.locked) or any(
            run.active for run in self.runs.values()
        )

    @property
    def shows_active(self) -> bool:
        """Whether the server shows an active run; a run that is not seen does not count."""
        return any(run.active and run.raw_id not in self.not_seen for run in self.runs.values())

    @property
    def orphan(self) -> bool:
        """Whether the lock certainly belongs to no active run.

        It is certain once both the list and the runs were read again, at least one polling interval after `orphaned`.
        """
        if self.orphaned is None or self.thread_at is None or self.observed is None:
            return False
        return min(self.thread_at, self.observed) - self.orphaned >= self.interval

    def lock(self, *, active: bool | None = None) -> Lock:
        """Return the thread's lock, as the newer of two sources shows it: the runs, or the row in the list of threads.

        `active` says whether any run is active. If it is None, all runs are searched for an active one, which takes
        time.
        """
        if not self._list_counts and (active is None or (active and self.not_seen)):
            active = self.shows_active
        return lock_of(self.thread, self.thread_at, self.observed, active=bool(active), orphan=self.orphan)

    @property
    def active_run(self) -> str | None:
        """The raw id of the run that holds the thread's lock; None if none is known.

        This is the active run with `is_active`. If there is none, or if the list of threads is newer than the runs, it
        is the run that the list names.
        """
        return self.held_by(lock_holder(self.runs.values()))

    def held_by(self, holder: str | None) -> str | None:
        """Return `active_run`, for a caller that already knows the runs' `lock_holder`, which is `holder`.

        A run that the list names but that has ended does not count, as the list is out of date. It counts only if the
        lock is an `orphan`.
        """
        if self.thread is None or (holder is not None and not self._list_counts):
            return holder
        named = self.thread.active_run
        run = self.runs.get(named or "")
        ended = named in self.left.ids if run is None else run.terminal
        return None if ended and not self.orphan else named

    @property
    def _list_counts(self) -> bool:
        return list_is_newer(self.thread, self.thread_at, self.observed)


def lock_holder(runs: Iterable[Run]) -> str | None:
    """Return the raw id of the active run with `is_active`, which holds its thread's lock; None if there is none."""
    return next((run.raw_id for run in runs if run.is_active and run.active), None)


def apply_runs(
    state: ThreadState,
    rows: Iterable[Run],
    *,
    at: float,
    whole: bool,
    configs: Mapping[str, str] | None = None,
    extras: Mapping[str, Extras] | None = None,
) -> tuple[ThreadState, list[Change]]:
    """Return the state after an answer with these rows (newest first), and what changed.

    `whole`: the rows are all runs of the thread. `configs` is raw id → fingerprint, for the runs whose configuration
    was first shown by this answer. `extras` is raw id → values at the paths of the user's own columns.

    A run counts as not seen only if this answer should have shown it: the rows are all runs, or the run is newer than
    the last two rows. A placeholder that is not seen is dropped, because without an id it cannot be recognised later.
    Runs that have left memory are ignored, unless they are active again.
    """
    shown: dict[str, Run] = {}
    for row in rows:
        shown.setdefault(row.raw_id, row)
    absent = missing_runs(state.runs, shown, whole=whole) | dropped_placeholders(state.runs, shown)
    seen = _without_left(state, shown)
    changes, back = _compared(state, seen, at)
    missing = frozenset(raw_id for raw_id in absent if not state.runs[raw_id].placeholder)
    dropped = absent - missing
    for kind, raw_ids in ((NOT_SEEN, missing - state.not_seen), (DROPPED, dropped)):
        changes += [
            Change(kind, state.runs[raw_id], state.runs[raw_id], state.observed, at) for raw_id in raw_ids
        ]
    if state.restored is not None:
        changes = [change._replace(catch_up=True) for change in changes]
    new = replace(
        state,
        runs=_merged(state.runs, seen, dropped, changes),
        observed=at,
        whole=whole or state.whole,
        not_seen=(state.not_seen - seen.keys()) | missing,
        went_back=state.went_back | back,
        failure=None,
        asked=None,
        restored=None,
        gone=False,
        silent=False,
        trails=follow_trails(state.trails, changes, at),
        configs={**state.configs, **_of_known(configs, state, seen)} if configs else state.configs,
        extras=_with_extras(state, extras and _of_known(extras, state, seen)),
        left=state.left.minus(seen),
    )
    return _judge_lock(new, at), changes


def _without_left(state: ThreadState, shown: dict[str, Run]) -> dict[str, Run]:
    """Return the rows of an answer without runs that have left memory and are not active."""
    left = state.left
    if left is NONE_LEFT:
        return shown
    old = [
        run.raw_id
        for place, run in places(shown.values())
        if run.raw_id not in state.runs and not run.active and left.shows(run.raw_id, place)
    ]
    return {raw_id: run for raw_id, run in shown.items() if raw_id not in set(old)} if old else shown


def _of_known(found: Mapping[str, Item], state: ThreadState, seen: Mapping[str, Run]) -> Mapping[str, Item]:
    """Return the values of runs that have not left memory."""
    if state.left is NONE_LEFT:
        return found
    return {raw_id: value for raw_id, value in found.items() if raw_id in seen or raw_id in state.runs}


def _compared(state: ThreadState, seen: Mapping[str, Run], at: float) -> tuple[list[Change], set[str]]:
    """Return the changes that an answer's rows show, and the raw ids of runs whose status went backwards."""
    changes: list[Change] = []
    back: set[str] = set()
    for raw_id, row in seen.items():
        before = state.runs.get(raw_id)
        if before is None:
            kind = SEEN_AGAIN if state.left.knew(raw_id) else APPEARED
            changes.append(Change(kind, None, row, state.observed, at))
        elif before != row:
            changes.append(Change(CHANGED, before, row, state.observed, at))
            if _backwards(before, row):
                back.add(raw_id)
        elif raw_id in state.not_seen:
            changes.append(Change(SEEN_AGAIN, before, row, state.observed, at))
    return changes, back


def _merged(
    known: Mapping[str, Run], seen: Mapping[str, Run], dropped: frozenset[str], changes: Iterable[Change]
) -> Mapping[str, Run]:
    """Return the known runs updated with the rows of an answer. If nothing changed, this is the same object."""
    if dropped:
        known = {raw_id: run for raw_id, run in known.items() if raw_id not in dropped}
    if any(change.before is None for change in changes):
        return newest_first({**seen, **{raw_id: run for raw_id, run in known.items() if raw_id not in seen}})
    if any(change.kind == CHANGED for change in changes):
        return {**known, **seen}  # each row keeps its place
    return known


def _with_extras(state: ThreadState, extras: Mapping[str, Extras] | None) -> Mapping[str, Extras]:
    """Return the state's `extras` updated with new ones.

    If none is new, this is the same object, as callers compare by identity.
    """
    if not extras or all(state.extras.get(raw_id) == found for raw_id, found in extras.items()):
        return state.extras
    return {**state.extras, **extras}


def _backwards(before: Run, after: Run) -> bool:
    """Whether the status of a run went backwards.

    This is so if an ended run is active again or ended differently, or if a running run is queued.
    """
    if UNKNOWN in (before.status_class, after.status_class) or before.status_class == after.status_class:
        return False
    old, new = _RANK.get(before.status_class, _ENDED), _RANK.get(after.status_class, _ENDED)
    return new < old or old == _ENDED


def apply_unchanged(state: ThreadState, *, at: float) -> ThreadState:
    """Return the state after an answer equal to the last one."""
    return replace(state, observed=at, failure=None, asked=None, restored=None, gone=False, silent=False)


def apply_request(state: ThreadState, at: float | None) -> ThreadState:
    """Return the state after a request was sent at `at`; None: no request is unanswered now.

    After a failure, `asked` keeps the time of the first request since the last complete answer.
    """
    if state.asked == at or (state.failure is not None and state.asked is not None):
        return state
    return replace(state, asked=at)


def apply_span_facts(state: ThreadState, facts: Mapping[str, SpanFacts]) -> ThreadState:
    """Return the state after spans said this about runs of the thread, by raw run id. Some of the runs may not be listed yet."""
    if not facts:
        return state
    known = dict(state.span_facts)
    for raw_id, found in facts.items():
        if raw_id not in state.left.ids:
            known[raw_id] = combine(known.get(raw_id), found)
    surplus = len(known) - len(state.runs) - MAX_UNLISTED
    if surplus > 0:
        for raw_id in [raw_id for raw_id in known if raw_id not in state.runs][:surplus]:
            del known[raw_id]
    return replace(state, span_facts=known)


def apply_failure(state: ThreadState, failure: Failure) -> ThreadState:
    """Return the state after the thread could not be read. The rows and the time of the first failure are kept."""
    asked = failure.since if state.asked is None else state.asked
    return replace(state, failure=failure.after(state.failure), asked=asked)


def apply_thread(state: ThreadState, thread: Thread, *, at: float) -> ThreadState:
    """Return the state after a page of threads showed this row.

    If the row names another lock holder than before, `orphaned` starts again.
    """
    same = state.thread is not None and state.thread.active_run == thread.active_run
    orphaned = state.orphaned if same else None
    return _judge_lock(replace(state, thread=thread, thread_at=at, orphaned=orphaned, gone=False), at)


def _judge_lock(state: ThreadState, at: float) -> ThreadState:
    """Return the state with a new `orphaned`: since when the list and the runs contradict each other about the lock.

    The two are read at different times, so one contradiction proves nothing; see `ThreadState.orphan`.
    """
    orphaned = False
    if state.thread is not None and state.thread.locked and state.observed is not None:
        named = state.runs.get(state.thread.active_run or "")
        if named is not None:
            orphaned = named.terminal
        else:
            named_id = state.thread.active_run
            orphaned = named_id is None or state.whole or named_id in state.left.ids
    if orphaned == (state.orphaned is not None):
        return state
    return replace(state, orphaned=at if orphaned else None)
