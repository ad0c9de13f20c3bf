"""The rows of a table that stays still: order, cursor and what waits. Pure; the table draws it.

Holds keys, not runs: those are looked up in the picture that the owner holds, and only for the rows in sight, so that
a picture in which 1,000 runs are others costs no more than one in which none is. The cursor is a run's key. Rows that
left the wanted order stay on the screen while it is still. They too show the newest state of their run: only a run that
the picture does not know any more is shown as it was last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import filterfalse
from typing import Final

from flowtui.model.run.row import Run, RunKey, key_of
from flowtui.model.view.pinned_order import NOTHING, PendingChanges, settle
from flowtui.model.view.ranking import OrderChange

Anchor = tuple[RunKey, int]
"""The run that stays where it is, and the line of the window on which it stands."""

Find = Callable[[RunKey], Run | None]
"""A picture that stands still: the run of a key, None where it knows none."""


_NOBODY: Final[dict[RunKey, Run]] = {}
_SPARE: Final = 1_000  # runs that left the newest order and may be held beside those on the screen


class PinnedRows:
    """`order` is what is shown, `wanted` the newest one, `waiting` what showing that would do."""

    def __init__(self) -> None:
        self.order: Sequence[RunKey] = ()
        self.cursor: RunKey | None = None
        self.place: int | None = None
        self.waiting: PendingChanges = NOTHING
        self.wanted: Sequence[RunKey] = ()
        self._kept: tuple[Sequence[RunKey], RunKey] | None = None
        self._find: Find = _NOBODY.get
        self._left: dict[RunKey, Run] = {}
        self._window: tuple[tuple[int, int], Sequence[Run]] | None = None

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: int) -> Run:
        return self._row(self.order[place])

    def _row(self, key: RunKey) -> Run:
        """Return a row that is shown."""
        run = self.run(key)
        if run is None:
            raise KeyError(key)
        return run

    def run(self, key: RunKey) -> Run | None:
        """Return a row, shown or wanted, by its key."""
        return self._find(key) or self._left.get(key)

    def leaves(self, key: RunKey) -> bool:
        """Whether a row that is shown is not in the newest order, so that it goes when that is shown."""
        return key in self._left

    @property
    def cursor_run(self) -> Run | None:
        """The run under the cursor."""
        return self.run(self.cursor) if self.cursor is not None else None

    def window(self, top: int, size: int) -> Sequence[Run]:
        """Return the rows of a window; the last one asked for is kept: a tick compares it with that of the tick before."""
        if self._window is None or self._window[0] != (top, size):
            self._window = (top, size), [self._row(key) for key in self.order[top : top + size]]
        return self._window[1]

    def want(self, rows: Sequence[Run], find: Find | None = None, *, whole: bool = False) -> None:
        """Take in the newest rows in the newest order; `settle` decides how much of that is shown.

        `find` is the picture that they are of; without one they are all that is known. `whole`: all of it will be shown,
        so that nothing is kept of what left.
        """
        self._window = None
        wanted: Sequence[RunKey] = list(map(key_of, rows))
        if wanted == self.order:
            wanted = self.order
        if whole or wanted is self.order:
            self._left = {}
        else:
            self._left = {key: self._row(key) for key in filterfalse(set(wanted).__contains__, self.order)}
        self.wanted = wanted
        self._find = find or dict(zip(wanted, rows, strict=True)).get

    def follow(self, order: Sequence[RunKey], find: Find, moved: OrderChange) -> None:
        """Take in the newest order of the picture `find`, and how it differs from the last: at no cost for each row."""
        for key in moved.placed & self._left.keys():
            del self._left[key]
        self._left.update(moved.removed)
        if len(self._left) > 2 * len(self.order) + _SPARE:  # most came and went while the order was held
            self._left = {key: self._left[key] for key in self.order if key in self._left}
        self._window = None
        self.wanted, self._find = order, find

    def settle(self, anchor: Anchor | None, *, page: int, held: bool) -> int | None:
        """Show the newest order unless it is `held`; return the new top, None for as it was.

        No anchor means that the user has not chosen a run. The cursor's own row stays where its run left the order.
        """
        kept = self._kept
        if not held and kept is not None and kept[0] is self.wanted and kept[1] == self.cursor:
            return None  # all but that row is shown already
        key, line = anchor if anchor is not None else (None, 0)
        order, top, self.waiting = settle(
            self.order, self.wanted, cursor=self.cursor, anchor=key, line=line, page=page, held=held
        )
        left = None if held or not self.waiting else self.cursor_run
        self._show(order)
        if left is not None:
            self._kept, self._left = (self.wanted, left.key), {left.key: left}
        return top

    def apply(self, *, line: int | None, page: int) -> int | None:
        """Show the newest order whole; the cursor keeps its line as far as the ends allow."""
        self.waiting = NOTHING
        self._show(self.wanted)
        if line is None or self.place is None:
            return None
        return min(max(0, self.place - line), max(0, len(self.order) - page))

    def _show(self, order: Sequence[RunKey]) -> None:
        """Show an order: the one that was shown, or a newer one."""
        if order is not self.order:
            self.order, self._left, self._window, self._kept = order, {}, None, None
        if not order:
            self.cursor = self.place = None
            return
        try:
            self.place = order.index(self.cursor) if self.cursor is not None else 0
        except ValueError:
            # Its run went out of sight: the one that took its place is the nearest to what was read.
            self.place = min(self.place or 0, len(order) - 1)
        self.cursor = order[self.place]

    def go(self, place: int) -> None:
        """Put the cursor on a row."""
        self.place = min(max(place, 0), len(self.order) - 1)
        self.cursor = self.order[self.place]
