"""Interim looks of the gate: at which numbers of runs it is judged, and how much of alpha each look may spend.

Repeated looks raise the chance of a false alarm, so each look spends part of the error budget alpha (alpha spending).
The numbers of runs are fixed, each half as large again as the one before, so judging more often changes nothing. Early
looks may spend little. The final look may spend all that is left. The looks and their shares depend only on the numbers
of runs, not on time or earlier calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

FIRST: Final = 5
"""Number of runs on the new side at the first look."""

EARLY: Final = 0.25
"""The part of alpha that all looks before the final one may spend together."""


class Look(NamedTuple):
    """An interim look at the first runs of the new side."""

    runs: int
    """The number of these runs."""
    share: float
    """The part of alpha, 0 to 1, that the look may spend."""


def sizes() -> Iterator[int]:
    """Yield the number of runs at each interim look, without end: 5, 8, 12, 18, 27, ..."""
    size = FIRST
    while True:
        yield size
        size = -(-size * 3 // 2)


def look(new: int, base: int, *, final: bool) -> Look | None:
    """Return the latest look that is due with `new` runs on the new side; None before the first.

    If `final`, return the last look, at all `new` runs. `base` is the number of runs of the base. The fewer runs a look
    takes in, compared with the base, the less of alpha it may spend, as few runs say little.
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
    """Return the part of alpha that the looks at up to `new` runs have spent together."""
    squared = (new / max(base, FIRST)) ** 2
    return EARLY * squared / (1.0 + squared)
