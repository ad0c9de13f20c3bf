"""The still table: what one reads stays where it is. Pure: (what is shown, what is wanted) → what to show, what waits.

While somebody moves the cursor, the order does not change at all. Once the cursor rests, a new order is taken only if
the selected run can keep its line of the window with it; otherwise it waits to be applied by hand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from flowtui.model.run import RunKey


class Waiting(NamedTuple):
    """What an order that is not shown yet would do."""

    new: int = 0
    moved: int = 0
    gone: int = 0

    def __bool__(self) -> bool:
        return any(self)

    @property
    def text(self) -> str:
        """Say it: `3 new, 5 would move, 1 would go`."""
        parts = [f"{self.new} new"] if self.new else []
        if self.moved:
            parts.append(f"{self.moved} would move")
        if self.gone:
            parts.append(f"{self.gone} would go")
        return ", ".join(parts)


NOTHING = Waiting()


class Settled(NamedTuple):
    """The order to show, the row at the top of the window (None: leave it), and what waits."""

    order: Sequence[RunKey]
    top: int | None
    waiting: Waiting


def waiting(shown: Sequence[RunKey], wanted: Sequence[RunKey]) -> Waiting:
    """Return what showing `wanted` in place of `shown` would do; moves are the fewest that make the one the other."""
    if shown == wanted:
        return NOTHING
    head, tail = _alike(shown, wanted), 0
    if head < min(len(shown), len(wanted)):
        tail = _alike(shown[head:][::-1], wanted[head:][::-1])
    shown, wanted = shown[head : len(shown) - tail], wanted[head : len(wanted) - tail]
    places = {key: place for place, key in enumerate(wanted)}
    common = [places[key] for key in shown if key in places]
    return Waiting(len(wanted) - len(common), len(common) - _longest_rising(common), len(shown) - len(common))


def _alike(one: Sequence[RunKey], other: Sequence[RunKey]) -> int:
    """Return with how many equal rows both begin: of 100,000 rows all but a few are in both, and in the same order."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # halves are compared in C, which ends where they differ
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _longest_rising(places: Sequence[int]) -> int:
    """Return the length of the longest rising subsequence: the rows that can stay while the others move."""
    tails: list[int] = []
    for place in places:
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(tails)


def settle(
    shown: Sequence[RunKey],
    wanted: Sequence[RunKey],
    *,
    cursor: RunKey | None,
    line: int | None,
    page: int,
    navigating: bool,
) -> Settled:
    """Return the order to show now.

    `line` is the cursor's line in a window of `page` rows, None while nobody has chosen a run: then every order is
    welcome and the window stays at its place.
    """
    if line is None or cursor is None or not shown:
        return Settled(wanted, None, NOTHING)
    if shown is wanted or shown == wanted:
        return Settled(shown, None, NOTHING)
    if not navigating:
        top = _index(wanted, cursor) - line
        if 0 <= top <= max(0, len(wanted) - page):
            return Settled(wanted, top, NOTHING)
    return Settled(shown, None, waiting(shown, wanted))


def _index(order: Sequence[RunKey], key: RunKey) -> int:
    """Return where a run stands, before all others where it does not: a line above it is none."""
    try:
        return order.index(key)
    except ValueError:
        return -1
