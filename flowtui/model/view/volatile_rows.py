"""The runs of which a view may say something else though nothing happened to them. Pure.

A run that has ended stands still: time moves only what is active, and what a look at a thread shows besides is written
in its `ThreadState`, where it can be compared. So it takes neither a walk over all runs nor a guess to name them. What
may be named in vain costs a comparison; what is left out would be wrong on the screen.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from flowtui.model.columns.volatility import LIVELY, Turn, Unrest
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.known_runs import ThreadState

if TYPE_CHECKING:
    from flowtui.model.columns.context import Context

_FAR: Final = 600.0  # seconds for which turns are foreseen: of most runs they are past, or days ahead
_NEAR: Final = 1.5  # seconds: a turn is told to the second


class Restless:
    """Follows one view from one picture to the next. `unrest` and `turns` are those of its filter and its order."""

    def __init__(self, runs: Iterable[Run], unrest: Unrest, turns: Sequence[Turn], context: Context) -> None:
        self._lively = unrest >= LIVELY
        self._turns = turns
        self._until = context.now + _FAR
        self._moving: set[RunKey] = set()
        self._due: list[tuple[float, RunKey]] = []
        if self._lively or turns:
            rows = list(runs)
            self._moving = {run.key for run in rows if _moves(run)} if self._lively else set()
            self._due = sorted(due for run in rows for due in self._turning(run, context.now))

    def between(self, before: Context, after: Context) -> set[RunKey] | None:
        """Return the runs of which something else may be said after than before; None: of any."""
        found: set[RunKey] = set()
        if self._turns:
            if not before.now <= after.now < self._until - _NEAR:
                return None
            self._due = self._due[bisect_left(self._due, (before.now - _NEAR,)) :]
            found.update(key for _, key in self._due[: bisect_left(self._due, (after.now + _NEAR,))])
        if self._lively:
            found |= self._moving | before.pending_actions.keys() | after.pending_actions.keys()
            found |= _differ(before.reasons, after.reasons)
            for key, state in after.threads.items():
                known = before.threads.get(key)
                if known is not None and known is not state:
                    found.update((key, raw_id) for raw_id in _said_otherwise(known, state))
        return found

    def see(self, key: RunKey, run: Run | None, now: float) -> None:
        """Take in what became of a run; None: it is not there any more."""
        if self._lively and run is not None and _moves(run):
            self._moving.add(key)
        else:
            self._moving.discard(key)
        if run is not None:
            for due in self._turning(run, now):
                insort(self._due, due)

    def _turning(self, run: Run, now: float) -> list[tuple[float, RunKey]]:
        moments = [turn(run) for turn in self._turns]
        return [(at, run.key) for at in moments if at is not None and now - _NEAR <= at < self._until]


def _moves(run: Run) -> bool:
    """Whether time alone may change what is said of a run: its durations, its findings, what it waits for."""
    return run.active or run.is_active


def _said_otherwise(before: ThreadState, after: ThreadState) -> set[str]:
    """Return the runs (raw ids) of which a thread's state says something else, besides their rows."""
    found = set(before.not_seen ^ after.not_seen) | (before.went_back ^ after.went_back)
    for one, other in (
        (before.trails, after.trails),
        (before.configs, after.configs),
        (before.extras, after.extras),
    ):
        found |= _differ(one, other)
    # Whether a lock is an orphan's follows from when the thread was looked at: it may be at any look.
    holders = (state.thread.active_run for state in (before, after) if state.thread is not None)
    found.update(holder for holder in holders if holder is not None)
    return found


def _differ(before: Mapping[Any, object], after: Mapping[Any, object]) -> set[Any]:
    """Return the keys of what is not the same object."""
    if before is after:
        return set()
    find = before.get
    return {key for key, one in after.items() if find(key) is not one} | (before.keys() - after.keys())
