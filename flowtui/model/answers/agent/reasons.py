"""Why runs of an agent failed in a time range: each reason with its trend, and when it came. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.model.answers.agent.time_ranges import Grid
from flowtui.model.history.statistics import moment_of
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Mark

ONCE: Final = "once"
SINCE_RELEASE: Final = "since release"
SINCE: Final = "since"
STRETCH: Final = "stretch"
SCATTERED: Final = "scattered"

_SHORT: Final = 8  # a reason that came and went did so in at most this part of the range
_OVER: Final = 12  # a reason is over that did not come in this part of the range, its last one


class ReasonUse(NamedTuple):
    """A reason, and the runs that failed for it in a time range."""

    reason: Reason
    runs: Sequence[Run]
    """The runs, the one that ended last first."""
    trend: Sequence[int]
    """How many of them ended in each bucket."""
    first: float
    """When the first of them ended."""
    last: float
    when: str
    """ONCE; STRETCH: it came and went between `first` and `last`; SINCE_RELEASE: it goes on, and only runs created since
    `release` failed for it, though earlier ones are known; SINCE: it goes on since `first`, and was not seen before;
    SCATTERED: none of these."""
    release: str = ""
    """The name of a release, see `when`."""


class ReasonsOfRange(NamedTuple):
    """The reasons of a time range."""

    uses: Sequence[ReasonUse]
    """Those of most runs first; of as many, the latest first."""
    unexplained: Sequence[Run]
    """The failed runs whose reason is not known, the one that ended last first."""


def reasons_of_range(
    failed: Iterable[Run],
    known: Mapping[RunKey, Reason],
    grid: Grid,
    now: float,
    *,
    oldest: float | None,
    releases: Sequence[Mark],
    before: Container[Reason],
) -> ReasonsOfRange:
    """Return why runs failed that ended in a range.

    `failed`: the failed runs of the agent, the one that ended last first. `known`: why runs failed. `grid`: the buckets of
    the trends. `oldest`: when the first run of the range was created, also of those that did not fail. `releases`: of all
    time, the newest last. `before`: the reasons for which runs failed before the range.
    """
    found: defaultdict[Reason, list[Run]] = defaultdict(list)
    unexplained = []
    for run in failed:
        reason = known.get(run.key)
        if reason is None:
            unexplained.append(run)
        else:
            found[reason].append(run)
    uses = [
        _use(
            reason,
            own,
            grid,
            now,
            _release(own, oldest, releases, old=reason in before),
            old=reason in before,
        )
        for reason, own in found.items()
    ]
    uses.sort(key=lambda use: (-len(use.runs), -use.last, use.reason))
    return ReasonsOfRange(uses, unexplained)


def _use(reason: Reason, runs: list[Run], grid: Grid, now: float, release: str, *, old: bool) -> ReasonUse:
    ends = [moment_of(run) or 0.0 for run in runs]
    trend = [0] * grid.cells
    for at in ends:
        trend[grid.place(at)] += 1
    first, last = min(ends), max(ends)
    length = now - grid.begin
    over = last < now - length / _OVER
    if len(runs) == 1:
        when = ONCE
    elif over:
        when = STRETCH if last - first <= length / _SHORT else SCATTERED
    elif release:
        when = SINCE_RELEASE
    else:
        when = SCATTERED if old or first <= grid.begin + length / _OVER else SINCE
    return ReasonUse(reason, runs, trend, first, last, when, release if when == SINCE_RELEASE else "")


def _release(runs: Sequence[Run], oldest: float | None, releases: Sequence[Mark], *, old: bool) -> str:
    """Return the last release before all of these runs were created, if known runs were created before it; else ""."""
    created = [run.created for run in runs if run.created is not None]
    if old or oldest is None or len(created) < max(2, len(runs)):
        return ""
    first = min(created)
    release = max((mark for mark in releases if mark.at <= first), default=None)
    return release.name if release is not None and oldest < release.at else ""
