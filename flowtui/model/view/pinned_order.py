"""Keeps rows in place while the user presses keys: decides when the newest order replaces the shown one.

While the user presses keys, the shown order stays, and the pending changes are counted. Some seconds after the last key
the newest order is shown; then the run under the cursor moves as few lines as possible.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from flowtui.model.run.row import RunKey


class PendingChanges(NamedTuple):
    """How the newest order would change the shown rows."""

    new: int = 0
    """How many rows would be added."""
    moved: int = 0
    """How many rows would move."""
    gone: int = 0
    """How many rows would be removed."""

    def __bool__(self) -> bool:
        return any(self)

    @property
    def text(self) -> str:
        """The text for the user: `3 new, 5 would move, 1 would go`."""
        parts = [f"{self.new} new"] if self.new else []
        if self.moved:
            parts.append(f"{self.moved} would move")
        if self.gone:
            parts.append(f"{self.gone} would go")
        return ", ".join(parts)


NOTHING = PendingChanges()


class Arrangement(NamedTuple):
    """What to show."""

    order: Sequence[RunKey]
    """The keys of the runs, in the order to show."""
    top: int | None
    """The index of the first row in sight; None: do not scroll."""
    waiting: PendingChanges
    """The changes that are not shown yet."""


def waiting(shown: Sequence[RunKey], wanted: Sequence[RunKey]) -> PendingChanges:
    """Return the changes from the order `shown` to the order `wanted`.

    `moved` counts the smallest number of rows that must move.
    """
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
    """Return how many rows at the beginning of both orders are equal.

    Bisects, as most of 100,000 rows are usually equal.
    """
    low, high = 0, min(len(one), len(other))
    while low < high:  # slices are compared in C, up to the first difference
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

    If `held`, the order `shown` stays, and the pending changes are counted. Otherwise the newest order, `wanted`, is
    shown. If `wanted` lacks the run under the cursor (`cursor`), this run keeps its place among its neighbours until
    the cursor moves.

    `page` is the number of rows of the viewport. `anchor` is the run that stays on its line, `line`, as far as the ends
    of the list allow: the run under the cursor or, if the user scrolled away from the cursor, the first run in sight.
    `anchor` is None until the user has chosen a run; until then the viewport does not scroll.
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
    """Return the index of a run in an order; None if the order does not contain the run."""
    try:
        return order.index(key)
    except ValueError:
        return None


def _place_after(order: Sequence[RunKey], above: Sequence[RunKey]) -> int:
    """Return the index after the lowest of the runs `above` that is still in the order.

    0 if none of them is. `above` are runs in their old order, from the top.
    """
    still = set(order)
    nearest = next((key for key in reversed(above) if key in still), None)
    return 0 if nearest is None else order.index(nearest) + 1


def _next_place(order: Sequence[RunKey], shown: Sequence[RunKey], gone: RunKey, page: int) -> int:
    """Return the new index of the run that was shown next below `gone`, and in sight.

    A run that is not in `order` is skipped. If no run is left, return the old index of `gone`.
    """
    before = _place(shown, gone) or 0
    places = (_place(order, key) for key in shown[before + 1 : before + page])
    return next((place for place in places if place is not None), before)
