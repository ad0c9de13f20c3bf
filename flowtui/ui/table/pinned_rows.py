"""The rows of the table: the order shown, the newest order, and the cursor. Pure; the table draws it.

While the user works, the order on the screen stays as it is and the newest order waits. Rows that left the newest order
stay until it is shown. Every row shows the newest state of its run; a run that the snapshot no longer has is shown in
its last state.

Holds only keys. Runs are looked up in the snapshot, and only for the rows in the viewport: an update that changes 1,000
runs costs no more than one that changes none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import filterfalse
from typing import Final

from flowtui.model.run.row import Run, RunKey, key_of
from flowtui.model.view.pinned_order import NOTHING, PendingChanges, settle
from flowtui.model.view.ranking import OrderChange

Anchor = tuple[RunKey, int]
"""The run that keeps its line, and that line of the viewport, from 0."""

Find = Callable[[RunKey], Run | None]
"""Looks up a run of one snapshot by its key; None if it has no such run."""


_NOBODY: Final[dict[RunKey, Run]] = {}
_SPARE: Final = 1_000  # see `follow`: `_left` may have this many runs more than twice the rows shown


class PinnedRows:
    """`order` is the order shown, `wanted` the newest order, `waiting` the changes from one to the other.

    `cursor` is the key of the run under the cursor, `place` its row from 0; None in an empty table.
    """

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
        """Return the run of a shown row.

        Raises:
            KeyError: no row shows the run.
        """
        run = self.run(key)
        if run is None:
            raise KeyError(key)
        return run

    def run(self, key: RunKey) -> Run | None:
        """Return the newest known state of a run; None if neither the snapshot nor a row has it."""
        return self._find(key) or self._left.get(key)

    def leaves(self, key: RunKey) -> bool:
        """Whether a shown row is not in the newest order, and so disappears when that is shown."""
        return key in self._left

    @property
    def cursor_run(self) -> Run | None:
        """The run under the cursor; None in an empty table."""
        return self.run(self.cursor) if self.cursor is not None else None

    def window(self, top: int, size: int) -> Sequence[Run]:
        """Return `size` rows from `top`; the last result is cached, as several callers need it."""
        if self._window is None or self._window[0] != (top, size):
            self._window = (top, size), [self._row(key) for key in self.order[top : top + size]]
        return self._window[1]

    def want(self, rows: Sequence[Run], find: Find | None = None, *, whole: bool = False) -> None:
        """Set the newest order; `settle` or `apply` shows it.

        `find` looks up runs of the snapshot; None: `rows` are all known runs. `whole`: the new order will be shown in
        full, so runs that left are not kept.
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
        """Set the newest order without visiting each row: `moved` has the runs that came and left, `find` looks up runs."""
        for key in moved.placed & self._left.keys():
            del self._left[key]
        self._left.update(moved.removed)
        if (
            len(self._left) > 2 * len(self.order) + _SPARE
        ):  # most of them came and went while the order was held
            self._left = {key: self._left[key] for key in self.order if key in self._left}
        self._window = None
        self.wanted, self._find = order, find

    def settle(self, anchor: Anchor | None, *, page: int, held: bool) -> int | None:
        """Show the newest order, unless the order shown is `held`; return the new top row, None for no scrolling.

        `anchor` is None if the user has not chosen a run; if it is given, the row under the cursor stays even if its run
        left the newest order.
        """
        kept = self._kept
        if not held and kept is not None and kept[0] is self.wanted and kept[1] == self.cursor:
            return None  # the newest order is shown already, except for the row under the cursor
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
        """Show the newest order in full; return the top row that puts the cursor on `line`, None for no scrolling."""
        self.waiting = NOTHING
        self._show(self.wanted)
        if line is None or self.place is None:
            return None
        return min(max(0, self.place - line), max(0, len(self.order) - page))

    def _show(self, order: Sequence[RunKey]) -> None:
        """Show `order`, and keep the cursor on its run if that is in it."""
        if order is not self.order:
            self.order, self._left, self._window, self._kept = order, {}, None, None
        if not order:
            self.cursor = self.place = None
            return
        try:
            self.place = order.index(self.cursor) if self.cursor is not None else 0
        except ValueError:
            # Its run is gone: the cursor goes to the run that took its place.
            self.place = min(self.place or 0, len(order) - 1)
        self.cursor = order[self.place]

    def go(self, place: int) -> None:
        """Move the cursor to a row."""
        self.place = min(max(place, 0), len(self.order) - 1)
        self.cursor = self.order[self.place]
