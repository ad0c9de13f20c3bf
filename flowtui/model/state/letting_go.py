"""Lets older runs of a thread leave memory. Pure.

The newest runs of each thread are kept. An older run leaves once it is not active any more, unless a front end holds it,
as it is on the screen or watched. Nothing of it is kept but what `left_runs.py` needs to recognise it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.changes import LET_GO, Change
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.left_runs import LeftRuns
from flowtui.model.state.snapshot import Snapshot

Value = TypeVar("Value")

Hold = Callable[[], Container[RunKey]]
"""Returns the runs that must not leave memory now. It is called after each observation, so it must be fast."""


def no_run() -> Container[RunKey]:
    """Hold no run."""
    return ()


class Held:
    """The runs that a front end holds: some of those of the last snapshot that it took, and all that are newer.

    So a run leaves memory only after the front end has seen it.
    """

    def __init__(self, snapshot: Snapshot, keys: Container[RunKey]) -> None:
        self._snapshot, self._keys = snapshot, keys

    def __contains__(self, key: object) -> bool:
        return key in self._keys or self._snapshot.run(key) is None  # type: ignore[arg-type]  # only keys are asked for


class EveryRun:
    """All runs, as long as a front end may need each."""

    def __contains__(self, key: object) -> bool:
        return True


def apply_limit(
    state: ThreadState,
    limit: int,
    held: Container[RunKey],
    *,
    at: float,
    before: Mapping[str, Run] | None = None,
    changes: Iterable[Change] = (),
) -> tuple[ThreadState, list[Change]]:
    """Return the state without surplus runs, and the changes with one of the kind LET_GO for each run that leaves.

    `limit`: how many runs are kept. `before`: the runs before the last answer, whose changes are `changes`. A run that
    this answer showed first and that is older than all of these is on an older page: it is not taken in at all, and
    neither a change nor counted.
    """
    told = list(changes)
    leaving = _surplus(state.runs, limit, held)
    if not leaving:
        return state, told
    raw_ids = {run.raw_id for run in leaving}
    known = _known(leaving, state.runs if before is None else before, state.left)
    known_ids = {run.raw_id for run in known}
    strangers = raw_ids - known_ids
    if strangers:
        told = [change for change in told if change.after.raw_id not in strangers]
    new = replace(
        state,
        runs=_without(state.runs, raw_ids),
        not_seen=state.not_seen - raw_ids,
        went_back=state.went_back - raw_ids,
        trails=_without(state.trails, raw_ids),
        configs=_without(state.configs, raw_ids),
        extras=_without(state.extras, raw_ids),
        span_facts=_without(state.span_facts, raw_ids),
        left=state.left.plus(leaving, known_ids),
    )
    return new, told + [Change(LET_GO, run, run, state.observed, at) for run in known]


def _surplus(runs: Mapping[str, Run], limit: int, held: Container[RunKey]) -> list[Run]:
    """Return the runs that leave memory, the oldest first. `runs` has the newest run first."""
    if len(runs) <= limit:
        return []
    beyond = islice(runs.values(), limit, None)
    return [run for run in beyond if not run.active and run.key not in held][::-1]


def _known(leaving: Sequence[Run], before: Mapping[str, Run], left: LeftRuns) -> list[Run]:
    """Return the runs that were known before, or that are newer than the oldest run that was, even if that has left."""
    dates = [run.created for run in before.values()] + [one.created for one in left.ids.values() if one.known]
    oldest = min((date for date in dates if date is not None), default=math.inf)
    return [
        run for run in leaving if run.raw_id in before or (run.created is not None and run.created > oldest)
    ]


def _without(mapping: Mapping[str, Value], raw_ids: set[str]) -> Mapping[str, Value]:
    """Return a mapping without these runs; the same object if it has none of them."""
    if mapping.keys().isdisjoint(raw_ids):
        return mapping
    return {raw_id: value for raw_id, value in mapping.items() if raw_id not in raw_ids}
