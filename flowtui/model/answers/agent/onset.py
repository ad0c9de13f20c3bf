"""In which buckets more runs failed than usual, and since when that goes on. Pure; times are UTC epoch seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.model.answers.agent.buckets import Bucket
from flowtui.model.state.marks import Mark

RARE: Final = 0.02
"""A bucket is unusual if chance alone makes so many failures less often than this."""

_LEAST: Final = 0.005  # share of failures that may be chance even where none failed before
_MISSES: Final = 1  # buckets that are not unusual between two that are


class Onset(NamedTuple):
    """Since when more runs have failed than is usual."""

    at: float
    release: str
    """The release at which that began, within a bucket; "" if there was none."""


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


def onset_of(buckets: Sequence[Bucket], unusual: frozenset[int], releases: Sequence[Mark]) -> Onset | None:
    """Return since when the last buckets have been unusual; None if they are not. `releases`: the newest last."""
    begin, misses = None, 0
    for place in range(len(buckets) - 1, -1, -1):
        if place in unusual:
            begin, misses = buckets[place], 0
        elif buckets[place].numbers.ended:
            misses += 1
            if misses > _MISSES:
                break
    if begin is None:
        return None
    step = begin.until - begin.since
    near = [mark for mark in releases if begin.since - step <= mark.at < begin.until]
    return Onset(near[-1].at, near[-1].name) if near else Onset(begin.since, "")
