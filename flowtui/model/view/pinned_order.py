"""The still table: what the user reads stays where it is. Pure: (shown order, newest order) → what to show, what waits.

While keys come, the order does not change at all, and what waits is counted. Some seconds after the last key the newest
order is shown: the run under the cursor moves as few lines as possible.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from flowtui.model.run.row import RunKey


class PendingChanges(NamedTuple):
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


NOTHING = PendingChanges()


class Arrangement(NamedTuple):
    """The order to show, the row at the top of the window (None: leave it), and what waits."""

    order: Sequence[RunKey]
    top: int | None
    waiting: PendingChanges


def waiting(shown: Sequence[RunKey], wanted: Sequence[RunKey]) -> PendingChanges:
    """Return what showing `wanted` in place of `shown` would do; moves are the fewest that make the one the other."""
    if shown == wanted:
        return NOTHING
    head, tail = _alike(shown, wanted), 0
    if head < min(len(shown), len(wanted)):
        tail = _alike(shown[head:][::-1], wanted[head:][::-1])
    shown, wanted = shown[head : len(shown) - tail], wanted[head : len(wanted) - tail]
    places = {key: place for place, key in enumerate(wanted)}
    common = [places[key] for key in shown if key in places]
    return PendingChanges(
        len(wanted) - len(common), len(common) - _longest_rising(common), len(shown) - len(common)
    )


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
    anchor: RunKey | None,
    line: int,
    page: int,
    held: bool,
) -> Arrangement:
    """Return the order to show now.

    `held`: nothing may move, so the shown order stays and what waits is counted. Otherwise the newest order is shown.
    `anchor` is the run that stays where it is, on `line` of a window of `page` rows, as far as the ends of the list
    allow: the run under the `cursor`, or the first one in sight where the user scrolled away from it. None while the
    user has not chosen a run: then the window stays at its place. A run under the cursor that left the order keeps its
    place among its neighbours until the cursor moves.
    """
    if not shown or (anchor is None and not held):
        return Arrangement(wanted, None, NOTHING)
    if shown is wanted or shown == wanted:
        return Arrangement(shown, None, NOTHING)
    if held or anchor is None:
        return Arrangement(shown, None, waiting(shown, wanted))
    order, waits = wanted, NOTHING
    if cursor is not None and _place(wanted, cursor) is None and (left := _place(shown, cursor)) is not None:
        at = _place_after(wanted, shown[:left])
        order, waits = [*wanted[:at], cursor, *wanted[at:]], PendingChanges(gone=1)
    place = _place(order, anchor)
    if place is None:
        place = _next_place(order, shown, anchor, page)
    return Arrangement(order, min(max(0, place - line), max(0, len(order) - page)), waits)


def _place(order: Sequence[RunKey], key: RunKey) -> int | None:
    """Return where a run stands in an order, None where it does not."""
    try:
        return order.index(key)
    except ValueError:
        return None


def _place_after(order: Sequence[RunKey], above: Sequence[RunKey]) -> int:
    """Return the place behind the nearest of the runs `above` that is still in the order; 0 where none is."""
    still = set(order)
    nearest = next((key for key in reversed(above) if key in still), None)
    return 0 if nearest is None else order.index(nearest) + 1


def _next_place(order: Sequence[RunKey], shown: Sequence[RunKey], gone: RunKey, page: int) -> int:
    """Return where the first row below `gone`, of a window of `page` rows, stands in the order; its old place if none does."""
    before = _place(shown, gone) or 0
    places = (_place(order, key) for key in shown[before + 1 : before + page])
    return next((place for place in places if place is not None), before)
