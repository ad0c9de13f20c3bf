"""What changed since the newest release: how many of the known runs failed since, and how many in the day before. Pure.

A run belongs to the side on which it was created. Times are UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.model.answers.recent_runs import earliest_created
from flowtui.model.run.row import FAILED, TERMINAL, Run, getter
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

NEWS: Final = 86_400.0
"""Seconds for which a release is new, and of the time before it that counts."""

ENOUGH: Final = 5
"""With fewer ended runs than this, no share is known."""

_READ: Final = getter("status_class", "created")


class Side(NamedTuple):
    """The runs of one side."""

    runs: int = 0
    ended: int = 0
    failed: int = 0

    @property
    def share(self) -> float | None:
        """The share of the ended runs that failed; None if too few have ended."""
        return self.failed / self.ended if self.ended >= ENOUGH else None


class SinceRelease(NamedTuple):
    """The newest release, and the runs on both sides of it.

    `least`, `before_least`: of since it, or of the day before it, runs may be missing: they left memory, or were not read.
    """

    mark: Mark
    since: Side
    before: Side
    least: bool = False
    before_least: bool = False


def newest_release(marks: Sequence[Mark], now: float) -> Mark | None:
    """Return the newest release, if it is less than a day old. `marks`: the newest last."""
    mark = next((each for each in reversed(marks) if each.at <= now), None)
    return mark if mark is not None and now - mark.at <= NEWS else None


class ReleaseCounts:
    """Counts both sides, and reads only the threads that have changed since the last time."""

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._made: tuple[object, SinceRelease] | None = None
        self._known: dict[str, tuple[Mapping[str, Run], Side, Side, float | None]] = {}

    def count(
        self, snapshot: Snapshot, mark: Mark, shown: Callable[[Run], bool] | None, key: object
    ) -> SinceRelease:
        """Return the counts of the runs that are `shown`; None: of all. `key`: changes whenever `shown` does."""
        if (mark, key) != self._of:
            self._of, self._known, self._made = (mark, key), {}, None
        if self._made is not None and self._made[0] is snapshot.threads:
            return self._made[1]
        before, self._known = self._known, {}
        for thread, state in snapshot.threads.items():
            known = before.get(thread)
            if known is None or known[0] is not state.runs:
                known = (state.runs, *_sides(state.runs, mark, shown), earliest_created(state.runs))
            self._known[thread] = known
        parts = list(self._known.values())
        since, earlier = _added(part[1] for part in parts), _added(part[2] for part in parts)
        unread = any(not state.read for state in snapshot.threads.values())
        pairs = zip(parts, snapshot.threads.values(), strict=True)
        cut = [part[3] for part, state in pairs if not state.whole and part[3] is not None]
        missing = max(snapshot.newest_left, *cut, -math.inf)  # runs created until then may be missing
        least, before_least = (unread or missing >= begin for begin in (mark.at, mark.at - NEWS))
        found = SinceRelease(mark, since, earlier, least, before_least)
        self._made = snapshot.threads, found
        return found


def _added(sides: Iterable[Side]) -> Side:
    return Side(*map(sum, zip(Side(), *sides, strict=True)))


def _sides(runs: Mapping[str, Run], mark: Mark, shown: Callable[[Run], bool] | None) -> tuple[Side, Side]:
    counts = [[0, 0, 0], [0, 0, 0]]
    for run in runs.values():
        status, created = _READ(run)
        if created is None:
            continue
        if created < mark.at - NEWS:
            break  # the newest come first
        if shown is None or shown(run):
            own = counts[created < mark.at]
            own[0] += 1
            own[1] += status in TERMINAL
            own[2] += status == FAILED
    return Side(*counts[0]), Side(*counts[1])
