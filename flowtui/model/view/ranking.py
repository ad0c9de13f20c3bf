"""The runs of a view in its order, kept up with what happens to a few of them. Pure.

To sort 100,000 runs takes a tenth of a second, to put one where it belongs among them some millionths. What a view shows
of a run, and where, follows from the run and the context alone: so where a run stood can be worked out again from the
last picture, and it is looked for there. Only where anything may have moved, or too much did, all are sorted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.columns.volatility import LOOSE
from flowtui.model.run.row import Run, RunKey, key_of
from flowtui.model.state.changes import Change
from flowtui.model.view.sorting import sort_keyed, sort_value
from flowtui.model.view.view import View, passing, shown_by, shows
from flowtui.model.view.volatile_rows import Restless

if TYPE_CHECKING:
    from flowtui.model.state.snapshot import Snapshot

Item = TypeVar("Item")


class Moved(NamedTuple):
    """What came into an order, and what left it, as it was last. What only changed its place has come."""

    came: frozenset[RunKey]
    gone: Mapping[RunKey, Run]


class _Row(NamedTuple):
    """A run of an order; `value` is what it is sorted by, None where that is unknown."""

    value: Any
    run: Run


_MANY: Final = 500  # rows that may move at once; beyond, and
_ROWS_A_MOVE: Final = 10  # where fewer stand for each one that moves, it is as well to sort anew


class Ranking:
    """`order` are the keys of the runs that a view shows of a snapshot. Each order is a list of its own, left as it is."""

    def __init__(self) -> None:
        self.order: list[RunKey] = []
        self._values: list[Any] = []  # what the first of them are sorted by; behind them stand those without
        self._of: Snapshot | None = None
        self._view = View()
        self._context = Context(0.0)
        self._restless: Restless | None = None

    def arrange(self, snapshot: Snapshot, view: View, context: Context) -> list[Run]:
        """Take in a snapshot and a view, and return its runs."""
        column = find_column(view.sort)
        rows, values = sort_keyed(
            passing(snapshot, view, context), column, context, descending=view.descending
        )
        self.order = list(map(key_of, rows))
        self._values, self._of, self._view, self._context = values, snapshot, view, context
        unrest, turns = shown_by(view)
        unrest = max(unrest, column.unrest)
        self._restless = Restless(snapshot.runs(), unrest, turns, context) if unrest < LOOSE else None
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
        restless = self._restless
        if restless is None or before is None or self._of is not before or self._view != view:
            return None
        if before.agents is not snapshot.agents or not _alike(self._context, context):
            return None
        told = {change.after.key for change in changes}
        others = restless.between(self._context, context)
        if others is None:
            return None
        # Half a list is no list: until all is done, this stands for no snapshot.
        self._of = None
        left, came = self._judged(before, snapshot, context, told | others)
        if max(len(left), len(came)) > max(_MANY, len(self.order) // _ROWS_A_MOVE):
            return None
        if (left or came) and not self._replace(left, came):
            return None
        for key in told:
            restless.see(key, snapshot.run(key), context.now)
        self._of, self._context = snapshot, context
        found = frozenset(row.run.key for row in came)
        return Moved(found, {row.run.key: row.run for row in left if row.run.key not in found})

    def _judged(
        self, before: Snapshot, snapshot: Snapshot, context: Context, keys: Iterable[RunKey]
    ) -> tuple[list[_Row], list[_Row]]:
        """Return those of these runs that leave the place they had, and those that come to one, each with its value."""
        column, last = find_column(self._view.sort), self._context
        showed, shown = shows(self._view, last), shows(self._view, context)
        left, came = [], []
        for key in keys:
            old, new = before.run(key), snapshot.run(key)
            was = _Row(sort_value(column, old, last), old) if old is not None and showed(old) else None
            now = _Row(sort_value(column, new, context), new) if new is not None and shown(new) else None
            if was is not None and now is not None and was.value == now.value:
                continue
            left += [was] if was is not None else []
            came += [now] if now is not None else []
        return left, came

    def _replace(self, left: Iterable[_Row], came: Iterable[_Row]) -> bool:
        """Take rows out, and put rows in; return whether those that leave stood where they should."""
        places = []
        for value, run in left:
            place = self._place(value, run.key)
            if place >= len(self.order) or self.order[place] != run.key:
                return False
            places.append(place)
        places.sort()
        order = self.order
        self.order = _without(order, places)
        known = len(self._values)
        self._values = _without(self._values, [place for place in places if place < known])
        coming = self._sorted(came)
        places = [self._place(value, run.key) for value, run in coming]
        self.order = _with(self.order, places, [run.key for _, run in coming])
        self._values = _with(self._values, places, [value for value, _ in coming if value is not None])
        if self.order == order:
            self.order = order  # one that is the same costs a table nothing
        return True

    def _sorted(self, rows: Iterable[_Row]) -> list[_Row]:
        by_id = sorted(rows, key=lambda row: row.run.key[::-1])
        known = [row for row in by_id if row.value is not None]
        known.sort(key=itemgetter(0), reverse=self._view.descending)
        return known + [row for row in by_id if row.value is None]

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


def _alike(one: Context, other: Context) -> bool:
    """Whether two contexts have the same of what nothing is told of when it changes."""
    return (
        one.agents is other.agents
        and one.prices is other.prices
        and (one.zone, one.marks, one.redact) == (other.zone, other.marks, other.redact)
    )


def _without(items: list[Item], places: Sequence[int]) -> list[Item]:
    """Return a list without what stands at these places, which rise."""
    kept, start = list[Item](), 0
    for place in places:
        kept += items[start:place]
        start = place + 1
    kept += items[start:]
    return kept


def _with(items: list[Item], places: Iterable[int], new: Sequence[Item]) -> list[Item]:
    """Return a list with new items, each before what stands at its place; the places rise."""
    found, start = list[Item](), 0
    for place, item in zip(islice(places, len(new)), new, strict=True):
        found += items[start:place]
        found.append(item)
        start = place
    found += items[start:]
    return found
