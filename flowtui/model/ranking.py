"""The runs of a view in its order, kept up with what happens to a few of them. Pure.

To sort 100,000 runs takes a tenth of a second, to put one where it belongs among them some millionths. That is possible
where a run's place follows from the run alone; elsewhere, and where many move at once, all are sorted anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowtui.model.columns import Context, sort_keyed, sort_value
from flowtui.model.own_columns import find_column
from flowtui.model.run import Run, RunKey, key_of
from flowtui.model.store import APPEARED, CHANGED, DROPPED, Change
from flowtui.model.view import View, passing

if TYPE_CHECKING:
    from flowtui.model.snapshot import Snapshot


class Moved(NamedTuple):
    """What came into an order, and what left it, as it was last. What only changed its place has come."""

    came: frozenset[RunKey]
    gone: Mapping[RunKey, Run]


_COME_AND_GO: Final = (APPEARED, DROPPED)
_MANY: Final = 500  # rows that may move at once; beyond, and
_ROWS_A_MOVE: Final = 40  # where fewer stand for each one that moves, it is as well to sort anew


class Ranking:
    """`order` are the keys of the runs that a view shows of a snapshot. Each order is a list of its own, left as it is."""

    def __init__(self) -> None:
        self.order: list[RunKey] = []
        self._values: list[Any] = []  # what the first of them are sorted by; behind them stand those without
        self._of: Snapshot | None = None
        self._view = View()

    def arrange(self, snapshot: Snapshot, view: View, context: Context) -> list[Run]:
        """Take in a snapshot and a view, and return its runs."""
        rows, values = sort_keyed(
            passing(snapshot, view, context), find_column(view.sort), context, descending=view.descending
        )
        self.order = list(map(key_of, rows))
        self._values, self._of, self._view = values, snapshot, view
        return rows

    def follow(
        self,
        before: Snapshot | None,
        snapshot: Snapshot,
        view: View,
        context: Context,
        changes: Sequence[Change],
    ) -> Moved | None:
        """Take in what happened between two snapshots; return what came and what left.

        None: it takes `arrange` to say where they belong.
        """
        if self._of is not before or before is None or self._view != view:
            return None
        if before.agents is not snapshot.agents or not _steady(view):
            return None
        moved = self._moving(changes, context)
        if len(moved) > max(_MANY, len(self.order) // _ROWS_A_MOVE):
            return None
        # Half a list is no list: until all is done, this stands for no snapshot.
        self._of, came, gone = None, set[RunKey](), dict[RunKey, Run]()
        if moved:
            self.order = self.order.copy()
        for kind, old, new, _, _ in moved:
            if kind != APPEARED and old is not None and _holds(view, old):
                if not self._remove(old, context):
                    return None
                gone[old.key] = old
                came.discard(old.key)
            if kind != DROPPED and _holds(view, new):
                self._add(new, context)
                gone.pop(new.key, None)
                came.add(new.key)
        self._of = snapshot
        return Moved(frozenset(came), gone)

    def _moving(self, changes: Sequence[Change], context: Context) -> list[Change]:
        """Return the changes by which a row comes, goes or changes its place."""
        view, column = self._view, find_column(self._view.sort)
        value, rank = column.order or column.value, column.rank
        all_shown = view.group.member is None and view.only == "all"
        found = []
        for change in changes:
            kind, old, new, _, _ = change
            if kind != CHANGED or old is None:
                moves = kind in _COME_AND_GO and _holds(view, new)
            elif not all_shown and not (_holds(view, old) and _holds(view, new)):
                moves = _holds(view, old) or _holds(view, new)
            else:
                before, after = value(old, context), value(new, context)
                moves = before != after and (
                    rank is None or None in (before, after) or rank(before) != rank(after)
                )
            if moves:
                found.append(change)
        return found

    def _add(self, run: Run, context: Context) -> None:
        value = sort_value(find_column(self._view.sort), run, context)
        place = self._place(value, run.key)
        self.order.insert(place, run.key)
        if value is not None:
            self._values.insert(place, value)

    def _remove(self, run: Run, context: Context) -> bool:
        """Take a run out; return whether it stood where it should."""
        value = sort_value(find_column(self._view.sort), run, context)
        place = self._place(value, run.key)
        if place >= len(self.order) or self.order[place] != run.key:
            return False
        del self.order[place]
        if value is not None:
            del self._values[place]
        return True

    def _place(self, value: Any, key: RunKey) -> int:
        """Return where a run stands, or would: by value, then by id; those without a value are last."""
        values, order, down = self._values, self.order, self._view.descending
        low, high = (0, len(values)) if value is not None else (len(values), len(order))
        wanted = key[::-1]
        while low < high:
            middle = (low + high) // 2
            other = values[middle] if value is not None else None
            if other == value:
                behind = order[middle][::-1] < wanted
            else:
                behind = other > value if down else other < value
            low, high = (middle + 1, high) if behind else (low, middle)
        return low


def _steady(view: View) -> bool:
    """Whether it follows from a run alone whether the view shows it, and where."""
    return find_column(view.sort).steady and view.only != "problems" and not view.text.strip()


def _holds(view: View, run: Run) -> bool:
    return view.group.holds(run) and (view.only == "all" or run.active)
