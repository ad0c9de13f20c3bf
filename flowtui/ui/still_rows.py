"""The rows of a table that stays still: order, cursor and what waits. Pure; the table draws it.

The cursor is a run's key. Rows that left the wanted order stay on the screen, as they were last, while it is still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flowtui.model.run import Run, RunKey
from flowtui.model.still import NOTHING, Waiting, settle

Anchor = tuple[RunKey, int]
"""The run that somebody reads, and the line of the window on which it stands."""


class StillRows:
    """`order` is what is shown, `waiting` what showing the newest order would do beyond that."""

    def __init__(self) -> None:
        self.order: Sequence[RunKey] = ()
        self.cursor: RunKey | None = None
        self.place: int | None = None
        self.waiting: Waiting = NOTHING
        self._wanted: Sequence[RunKey] = ()
        self._runs: dict[RunKey, Run] = {}

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, place: int) -> Run:
        return self._runs[self.order[place]]

    def __contains__(self, key: object) -> bool:
        return key in self._runs

    def run(self, key: RunKey) -> Run | None:
        """Return a row by its key."""
        return self._runs.get(key)

    @property
    def cursor_run(self) -> Run | None:
        """The run under the cursor."""
        return self._runs.get(self.cursor) if self.cursor is not None else None

    def window(self, top: int, size: int) -> list[Run]:
        """Return the rows of a window."""
        return [self._runs[key] for key in self.order[top : top + size]]

    def want(self, rows: Sequence[Run]) -> None:
        """Take in the newest rows in the newest order; `settle` decides how much of that is shown."""
        runs = {run.key: run for run in rows}
        self._wanted = list(runs)
        kept = {key: self._runs[key] for key in self.order if key not in runs}
        self._runs = {**kept, **runs} if kept else runs

    def touch(self, runs: Iterable[Run]) -> None:
        """Take in changed runs whose place in the order is the same; those that are no rows here are left out."""
        known = self._runs
        for run in runs:
            key = run.key
            if key in known:
                known[key] = run

    def settle(self, anchor: Anchor | None, *, page: int, navigating: bool) -> int | None:
        """Show as much of the newest order as leaves the anchor on its line; return the new top, None for as it was.

        No anchor means that nobody has chosen a run: everything is shown.
        """
        key, line = anchor if anchor is not None else (None, None)
        order, top, self.waiting = settle(
            self.order, self._wanted, cursor=key, line=line, page=page, navigating=navigating
        )
        self._show(order)
        return top

    def apply(self, *, line: int | None, page: int) -> int | None:
        """Show the newest order whatever moves; the cursor keeps its line as far as the ends allow."""
        self.waiting = NOTHING
        self._show(self._wanted)
        if line is None or self.place is None:
            return None
        return min(max(0, self.place - line), max(0, len(self.order) - page))

    def _show(self, order: Sequence[RunKey]) -> None:
        before = self.place or 0
        if order is not self.order:
            self.order = order
            if len(self._runs) > len(order) and not self.waiting:
                self._runs = {key: self._runs[key] for key in order}
        if self.cursor not in self._runs or (not self.waiting and self.cursor not in set(order)):
            # Its run went out of sight: the one that took its place is the nearest to what was read.
            self.cursor = order[min(before, len(order) - 1)] if order else None
        self.place = order.index(self.cursor) if self.cursor is not None and order else None

    def go(self, place: int) -> None:
        """Put the cursor on a row."""
        self.place = min(max(place, 0), len(self.order) - 1)
        self.cursor = self.order[self.place]
