"""What of a thread has changed since it was written last. Pure: compares two states, first by identity."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import filterfalse, islice
from typing import NamedTuple

from flowtui.model.state.known_runs import ThreadState


class Places(NamedTuple):
    """Which runs have no place in the order of the thread yet. Raw ids, the newest run first."""

    before: list[str]
    """Runs that are newer than all that were written."""
    after: list[str]
    """Runs that are older than all that were written."""
    mixed: bool
    """Whether the order of the runs is another one, so that each needs a new place."""


def same_content(old: ThreadState | None, new: ThreadState) -> bool:
    """Whether nothing has changed but when the thread was observed and asked for."""
    return old is not None and (
        old is new
        or (
            old.runs is new.runs
            and old.trails is new.trails
            and (old.configs is new.configs or old.configs == new.configs)
            and old.not_seen == new.not_seen
            and old.went_back == new.went_back
            and old.thread == new.thread
            and old.whole == new.whole
            and old.orphaned == new.orphaned
            and old.restored == new.restored
        )
    )


def changed_runs(old: ThreadState | None, new: ThreadState, trails: Iterable[str]) -> set[str]:
    """Return the raw ids of the runs and trails whose row has to be written, and those of rows that are gone.

    `trails`: see `moved_trails`.
    """
    if old is None:
        return {*new.runs, *new.trails, *new.configs, *new.went_back}
    ids: set[str] = set(old.not_seen ^ new.not_seen) | (old.went_back ^ new.went_back)
    if old.runs is not new.runs:
        known = old.runs.get
        for raw_id, run in new.runs.items():
            before = known(raw_id)
            if before is not run and before != run:
                ids.add(raw_id)
    if old.configs is not new.configs:
        ids.update(raw_id for raw_id, config in new.configs.items() if old.configs.get(raw_id) != config)
    ids.update(trails)
    return ids


def dropped_runs(old: ThreadState | None, new: ThreadState) -> list[str]:
    """Return the raw ids of placeholders that the thread has no more. Other runs that are missing have only left memory."""
    if old is None or old.runs is new.runs:
        return []
    gone = filterfalse(new.runs.__contains__, old.runs)
    return [raw_id for raw_id in gone if old.runs[raw_id].placeholder]


def moved_trails(old: ThreadState | None, new: ThreadState) -> list[str]:
    """Return the raw ids of the trails that stand at another place or have changed, in order: what changed stands last."""
    if old is None:
        return list(new.trails)
    if old.trails is new.trails:
        return []
    names = list(new.trails)
    known = iter(old.trails.items())
    for place, (raw_id, trail) in enumerate(new.trails.items()):
        for before_id, before in known:
            if before_id == raw_id:
                if before is not trail and before != trail:
                    return names[place:]
                break
        else:
            return names[place:]
    return []


def places(old: ThreadState | None, new: ThreadState) -> Places:
    """Return which runs need a place."""
    if old is None:
        return Places(list(new.runs), [], mixed=False)
    if old.runs is new.runs:
        return Places([], [], mixed=False)
    names = list(new.runs)
    first, last = 0, len(names)
    while first < last and names[first] not in old.runs:
        first += 1
    while last > first and names[last - 1] not in old.runs:
        last -= 1
    if first == last:  # no run of those that were written is in memory any more
        older = bool(old.runs) and _newest(new) < _newest(old)
        return Places([], names, mixed=False) if older else Places(names, [], mixed=False)
    return Places(names[:first], names[last:], mixed=not _same_order(old, new, names[first:last]))


def _same_order(old: ThreadState, new: ThreadState, kept: list[str]) -> bool:
    """Whether those of the old runs that the new state has are exactly `kept`, in this order.

    `kept`: the new runs from the first to the last that the old state has.
    """
    # All that both have are among `kept`: once so many have been found, there is no other.
    both = filter(new.runs.__contains__, old.runs)
    return list(islice(both, len(kept))) == kept


def _newest(state: ThreadState) -> float:
    """Return when the first run with a known time was created."""
    return next((run.created for run in state.runs.values() if run.created is not None), math.inf)
