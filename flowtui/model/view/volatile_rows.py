"""Finds the runs whose place in a view may change although the runs themselves did not.

They are found without going through all runs. Time alone changes only active runs. What else an observation shows is in
`ThreadState`, which is compared with the previous one. If a run is found without need, this costs one comparison; if a
run were missed, it would be shown in a wrong place.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flowtui.model.columns.context import Context
from flowtui.model.columns.volatility import TRACKED, ChangeTime, Volatility
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.known_runs import ThreadState

# seconds from now within which change times are kept; the others are mostly past or days ahead
_FAR: Final = 600.0
_NEAR: Final = 1.5  # seconds, as change times are exact to 1 s only


class VolatileRows:
    """Follows one view from snapshot to snapshot.

    `volatility` is that of its filter and its order. `change_times` are those of its filter.
    """

    def __init__(
        self,
        runs: Iterable[Run],
        volatility: Volatility,
        change_times: Sequence[ChangeTime],
        context: Context,
    ) -> None:
        self._tracked = volatility >= TRACKED
        self._change_times = change_times
        self._until = context.now + _FAR
        self._active: set[RunKey] = set()
        self._due: list[tuple[float, RunKey]] = []
        if self._tracked or change_times:
            rows = list(runs)
            self._active = {run.key for run in rows if _is_time_dependent(run)} if self._tracked else set()
            self._due = sorted(due for run in rows for due in self._changes_of(run, context.now))

    @property
    def follows(self) -> bool:
        """Whether the state of a run matters here; if not, `update` has no effect."""
        return self._tracked or bool(self._change_times)

    def between(self, before: Context, after: Context) -> set[RunKey] | None:
        """Return the keys of the runs that may have changed in the view between two contexts.

        None: any run may have changed.
        """
        found: set[RunKey] = set()
        if self._change_times:
            if not before.now <= after.now < self._until - _NEAR:
                return None
            self._due = self._due[bisect_left(self._due, (before.now - _NEAR,)) :]
            found.update(key for _, key in self._due[: bisect_left(self._due, (after.now + _NEAR,))])
        if self._tracked:
            found |= self._active | before.pending_actions.keys() | after.pending_actions.keys()
            found |= _differ(before.reasons, after.reasons)
            for key, state in after.threads.items():
                known = before.threads.get(key)
                if known is not None and known is not state:
                    found.update((key, raw_id) for raw_id in _differing_runs(known, state))
        return found

    def update(self, key: RunKey, run: Run | None, now: float) -> None:
        """Take in the new state of a run. `run` None: the run was removed."""
        if self._tracked and run is not None and _is_time_dependent(run):
            self._active.add(key)
        else:
            self._active.discard(key)
        if run is not None:
            for due in self._changes_of(run, now):
                insort(self._due, due)

    def _changes_of(self, run: Run, now: float) -> list[tuple[float, RunKey]]:
        moments = [moment(run) for moment in self._change_times]
        return [(at, run.key) for at in moments if at is not None and now - _NEAR <= at < self._until]


def _is_time_dependent(run: Run) -> bool:
    """Whether time alone may change the row of a run: its durations, its findings, or the run that it waits for."""
    return run.active or run.is_active


def _differing_runs(before: ThreadState, after: ThreadState) -> set[str]:
    """Return the raw ids of runs that may be shown differently although their rows are the same.

    These are the runs of which the two states of their thread have different details, and the runs that hold its lock.
    """
    found = set(before.not_seen ^ after.not_seen) | (before.went_back ^ after.went_back)
    for name in ("trails", "configs", "extras", "span_facts"):
        found |= _differ(getattr(before, name), getattr(after, name))
    # Whether a lock is orphaned depends on when the thread was observed, so any observation may change it.
    holders = (state.thread.active_run for state in (before, after) if state.thread is not None)
    found.update(holder for holder in holders if holder is not None)
    return found


def _differ(before: Mapping[Any, object], after: Mapping[Any, object]) -> set[Any]:
    """Return the keys whose values are not the same object in both mappings."""
    if before is after:
        return set()
    find = before.get
    return {key for key, one in after.items() if find(key) is not one} | (before.keys() - after.keys())
