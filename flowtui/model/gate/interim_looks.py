"""When the gate may look, and how sure each look has to be: who looks often sees everything once, by chance.

Looks are at fixed numbers of runs that grow by half, so that asking more often changes nothing. Early looks may spend
little of the error that is allowed, the last one all that is left. By the number of runs alone: no clock, no memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

FIRST: Final = 5
"""Runs on the new side at the first look."""

EARLY: Final = 0.25
"""The part of the error that all looks before the last one may spend together."""


class Look(NamedTuple):
    """A look at the first `runs` runs of the new side, which may be wrong with probability `share` times alpha."""

    runs: int
    share: float


def sizes() -> Iterator[int]:
    """Yield the numbers of runs at which is looked, without end: 5, 8, 12, 18, 27, 41, 62, ..."""
    size = FIRST
    while True:
        yield size
        size = -(-size * 3 // 2)


def look(new: int, base: int, *, final: bool) -> Look | None:
    """Return the look that `new` runs allow against `base` runs; None before the first one.

    What is spent depends on how the sides compare in size: with few new runs little can be known, and wrongly.
    """
    before, size = 0, 0
    for following in sizes():
        if following > new:
            break
        before, size = size, following
    spent = _spent(size, base)
    if final:
        return Look(new, 1.0 - spent) if new else None
    return Look(size, spent - _spent(before, base)) if size else None


def _spent(new: int, base: int) -> float:
    """Return the part of alpha that is spent once `new` runs have been looked at."""
    squared = (new / max(base, FIRST)) ** 2
    return EARLY * squared / (1.0 + squared)
