"""In which buckets more runs failed than usual, and since which release that goes on. Pure; times are UTC epoch seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from flowtui.model.answers.agent.buckets import Bucket
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.run.row import FAILED, Run
from flowtui.model.state.marks import Mark

RARE: Final = 0.02
"""A bucket is unusual if chance alone makes so many failures less often than this."""

_LEAST: Final = 0.005  # share of failures that may be chance even where none failed before


def is_rare(failed: int, ended: int, usual: float) -> bool:
    """Whether so many failures of so many runs are rare, if usually this share of them fails (see `RARE`).

    A bucket has few runs: one failure of five is 20 %, and no news even if 4 % are usual.
    """
    share = min(1.0, max(usual, _LEAST))
    if failed <= share * ended or not failed:
        return False
    fewer = sum(
        math.comb(ended, count) * share**count * (1 - share) ** (ended - count) for count in range(failed)
    )
    return 1.0 - fewer < RARE


def unusual_buckets(buckets: Sequence[Bucket], usual: float) -> frozenset[int]:
    """Return the indexes of the buckets in which more runs failed than is usual. `usual`: the upper end of the usual shares."""
    return frozenset(
        place
        for place, bucket in enumerate(buckets)
        if is_rare(bucket.numbers.failed, bucket.numbers.ended, usual)
    )


def since_release(
    runs: EndedRuns, begin: float, length: float, usual: float, releases: Sequence[Mark]
) -> Mark | None:
    """Return the last release since which more runs fail than is usual; None if there is none.

    They did so from the release on, still do, and did not before it. `begin`: of the time range. `length`: the seconds before
    and after the release that are compared. `usual`: the upper end of the usual shares. `releases`: the newest last.
    """
    for release in reversed(releases):
        if release.at < begin:
            return None
        after = _rare(runs.between(release.at), usual)
        soon = _rare(runs.between(release.at, release.at + length), usual)
        if after and soon and not _rare(runs.between(release.at - length, release.at), usual):
            return release
    return None


def _rare(runs: Sequence[Run], usual: float) -> bool:
    failed = sum(run.status_class == FAILED for run in runs)
    return is_rare(failed, sum(run.terminal for run in runs), usual)
