"""The runs of a view in order, updated run by run instead of sorted again.

Sorting 100,000 runs takes 0.1 s, moving one run some microseconds. Whether a view shows a run, and where, depends only
on the run and the context. So the old place of a changed run is found by bisection, with the last snapshot and context.
All runs are sorted again only if it is not known which of them may have moved, or if too many have.

The runs of the history come in thousands at a time. Those that come together are sorted as a block, and all blocks are
merged once the order is asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice, repeat
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeVar

from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import find_column
from flowtui.model.columns.volatility import UNTRACKED
from flowtui.model.run.row import Run, RunKey, key_of
from flowtui.model.state.changes import Change
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.view.sorting import sort_keyed, sort_ties, sort_value
from flowtui.model.view.view import View, matching, matching_runs, shows, view_volatility
from flowtui.model.view.volatile_rows import VolatileRows

Item = TypeVar("Item")


class OrderChange(NamedTuple):
    """What changed in an order."""

    placed: frozenset[RunKey]
    """The keys of the runs that were added or moved, without those of the history: these were never in the order before."""
    removed: Mapping[RunKey, Run]
    """Run key → the last state of a run that was removed."""

    def then(self, later: OrderChange) -> OrderChange:
        """Return both changes as one: first this one, then `later`."""
        removed = {key: run for key, run in self.removed.items() if key not in later.placed}
        placed = (self.placed - later.removed.keys()) | later.placed
        return OrderChange(placed, {**removed, **later.removed})


class _Row(NamedTuple):
    """A run of an order."""

    value: Any
    """The sort key of the run; None if unknown."""
    run: Run
    key: RunKey


class _Block(NamedTuple):
    """Some runs in order."""

    keys: list[RunKey]
    values: list[Any]
    """Their sort keys. Runs without a sort key come last, and have no entry here."""


_BLOCKS: Final = 8  # so many blocks are merged at once, so that the last merge does not take long
_MANY: Final = 500  # up to so many changed rows are always moved one by one
_TOGETHER: Final = 100  # so many new rows are looked for in one pass over the order
_STRIDE: Final = 4  # that pass takes steps of so many times the usual distance between two new rows
_ROWS_A_MOVE: Final = 3  # more changed rows, too, if the view has at least so many rows for each of them


class Ranking:
    """Keeps the runs that a view shows in order.

    `order` has the keys of the runs. If the order changes, it becomes a new list.
    """

    def __init__(self) -> None:
        self._order: list[RunKey] = []
        # The sort keys of the runs, in order. Runs without a sort key come last, and have no entry here.
        self._values: list[Any] = []
        # What came from the history, in blocks; the first ones are merged ones, `_large` of them.
        self._blocks: list[_Block] = []
        self._large = 0
        self._of: Snapshot | None = None
        self._view = View()
        self._context = Context(0.0)
        self._volatile: VolatileRows | None = None

    @property
    def order(self) -> list[RunKey]:
        """The keys of the runs, in order."""
        if self._blocks:
            blocks = [_Block(self._order, self._values), *self._blocks]
            self._order, self._values = _merged(blocks, descending=self._view.descending)
            self._blocks, self._large = [], 0
        return self._order

    def merge(self) -> bool:
        """Merge the blocks that have come, and return whether this may have taken some time."""
        many = self._large > 0
        return many and bool(self.order)

    def arrange(self, snapshot: Snapshot, view: View, context: Context) -> list[Run]:
        """Sort all runs of a snapshot that a view shows, and return them."""
        column = find_column(view.sort)
        rows, values = sort_keyed(
            matching_runs(snapshot, view, context), column, context, descending=view.descending
        )
        self._order, self._blocks, self._large = list(map(key_of, rows)), [], 0
        self._values, self._of, self._view, self._context = values, snapshot, view, context
        volatility, change_times = view_volatility(view)
        volatility = max(volatility, column.volatility)
        self._volatile = None
        if volatility < UNTRACKED:
            self._volatile = VolatileRows(snapshot.runs(), volatility, change_times, context)
        return rows

    def follow(
        self,
        before: Snapshot | None,
        snapshot: Snapshot,
        view: View,
        context: Context,
        changes: Sequence[Change],
        *,
        restored: Sequence[str] = (),
    ) -> OrderChange | None:
        """Update the order with the changes between two snapshots, and return what changed in it.

        `restored` are the threads whose runs came from the history between the two. `before` must be the snapshot of the last call. None is returned if the order cannot be updated; then the caller
        must call `arrange`.
        """
        volatile = self._volatile
        if volatile is None or before is None or self._of is not before or self._view != view:
            return None
        if before.agents is not snapshot.agents or not _alike(self._context, context):
            return None
        told = {key_of(change.after) for change in changes}
        others = volatile.between(self._context, context)
        if others is None:
            return None
        if restored:  # their runs come as a block
            new = set(restored)
            told, others = ({key for key in keys if key[0] not in new} for keys in (told, others))
        # If this method returns early, the order belongs to no snapshot.
        self._of = None
        left, came = self._judged(before, snapshot, context, told | others)
        if left or came:
            if max(len(left), len(came)) > max(_MANY, len(self.order) // _ROWS_A_MOVE):
                return None
            if not self._replace(left, came):
                return None
        coming = [run for thread in restored for run in snapshot.runs(thread)]
        self._add_block(coming, context)
        if volatile.follows:
            for key in chain(told, map(key_of, coming)):
                volatile.update(key, snapshot.run(key), context.now)
        self._of, self._context = snapshot, context
        found = frozenset(row.key for row in came)
        return OrderChange(found, {row.key: row.run for row in left if row.key not in found})

    def _add_block(self, runs: list[Run], context: Context) -> None:
        """Add runs that were in no order before, as far as the view shows them."""
        view = self._view
        rows, values = sort_keyed(
            matching(runs, view, context), find_column(view.sort), context, descending=view.descending
        )
        if rows:
            self._blocks.append(_Block(list(map(key_of, rows)), values))
        if len(self._blocks) >= _BLOCKS + self._large:
            self._blocks[self._large :] = [_merged(self._blocks[self._large :], descending=view.descending)]
            self._large += 1

    def _judged(
        self, before: Snapshot, snapshot: Snapshot, context: Context, keys: Iterable[RunKey]
    ) -> tuple[list[_Row], list[_Row]]:
        """Return the rows to remove from their old place and the rows to insert, each with its sort key."""
        # Thousands of rows come through here at a time: no call is made that can be left out.
        column, last = find_column(self._view.sort), self._context
        value, rank = column.order or column.value, column.rank
        showed, shown = shows(self._view, last), shows(self._view, context)
        was_of, now_of = before.threads, snapshot.threads
        left, came = [], []
        for key in keys:
            thread, raw_id = key
            state = was_of.get(thread)
            old = state.runs.get(raw_id) if state is not None else None
            was = _Row(sort_value(column, old, last), old, key) if old is not None and showed(old) else None
            state = now_of.get(thread)
            new = state.runs.get(raw_id) if state is not None else None
            now = None
            if new is not None and shown(new):
                own = value(new, context)
                now = _Row(own if rank is None or own is None else rank(own), new, key)
            if was is not None:
                if now is not None and was.value == now.value:
                    continue
                left.append(was)
            if now is not None:
                came.append(now)
        return left, came

    def _replace(self, left: Iterable[_Row], came: Iterable[_Row]) -> bool:
        """Remove and insert rows; return False if a row to remove is not where it should be."""
        order, places = self.order, []
        for value, _, key in left:
            place = self._place(value, key)
            if place >= len(order) or order[place] != key:
                return False
            places.append(place)
        places.sort()
        if places:
            self._order = _without(order, places)
            known = len(self._values)
            self._values = _without(self._values, [place for place in places if place < known])
        keys, values = self._sorted(came)
        places = self._places(values, keys)
        self._order = _with(self._order, places, keys)
        self._values = _with(self._values, places, values)
        if self._order == order:
            self._order = order  # if it is the same object, the table has nothing to do
        return True

    def _sorted(self, rows: Iterable[_Row]) -> tuple[list[RunKey], list[Any]]:
        """Return the keys of these rows in order, and the sort keys of those that have one."""
        known: list[_Row] = []
        unknown: list[_Row] = []
        for row in rows:
            (unknown if row.value is None else known).append(row)
        known.sort(key=itemgetter(0), reverse=self._view.descending)
        values = [row.value for row in known]
        sort_ties(known, values, by=_id_of)
        return [row.key for row in chain(known, sorted(unknown, key=_id_of))], values

    def _places(self, values: Sequence[Any], keys: Sequence[RunKey]) -> list[int]:
        """Return the indices at which new rows belong; both arguments as `_sorted` returns them."""
        if self._view.descending or len(values) < _TOGETHER:
            return list(map(self._place, chain(values, repeat(None)), keys))
        known, places, low = self._values, list[int](), 0
        end, stride = len(known), 1 + _STRIDE * len(known) // len(values)
        for value, key in zip(values, keys, strict=False):
            # The next row belongs a little behind the last one: only what is there is compared.
            high = low + stride
            while high < end and known[high] < value:
                low, high = high, high + stride
            low = bisect_left(known, value, low, min(high, end))
            alone = low == end or known[low] != value
            places.append(low if alone else self._place(value, key))
        return places + [self._place(None, key) for key in keys[len(values) :]]

    def _place(self, value: Any, key: RunKey) -> int:
        """Return the index at which a run is, or at which it belongs.

        Runs are ordered by sort key, then by id; runs without a sort key (`value` None) come last.
        """
        values, order, down = self._values, self._order, self._view.descending
        low, high = (0, len(values)) if value is not None else (len(values), len(order))
        wanted = key[::-1]
        if value is not None and not down:  # in C: down to the runs with the same value, usually none
            low = bisect_left(values, value)
            high = bisect_right(values, value, low)
        while low < high:
            middle = (low + high) // 2
            other = values[middle] if value is not None else None
            if other == value:
                behind = order[middle][::-1] < wanted
            else:
                behind = other > value if down else other < value
            low, high = (middle + 1, high) if behind else (low, middle)
        return low


def _merged(blocks: Sequence[_Block], *, descending: bool) -> _Block:
    """Return several blocks as one."""
    values = list(chain.from_iterable(block.values for block in blocks))
    keys = list(chain.from_iterable(block.keys[: len(block.values)] for block in blocks))
    # Python's sort finds the blocks, which are sorted already, and merges them.
    places = sorted(range(len(values)), key=values.__getitem__, reverse=descending)
    values.sort(reverse=descending)
    keys = list(map(keys.__getitem__, places))
    sort_ties(keys, values, by=_reversed)
    unknown = chain.from_iterable(block.keys[len(block.values) :] for block in blocks)
    return _Block(keys + sorted(unknown, key=_reversed), values)


def _reversed(key: RunKey) -> tuple[str, str]:
    return key[::-1]


def _id_of(row: _Row) -> tuple[str, str]:
    """Return by what rows with the same sort key are ordered."""
    return row.key[::-1]


def _alike(one: Context, other: Context) -> bool:
    """Whether two contexts agree in everything that may change any row and that `VolatileRows` does not track."""
    return (
        one.agents is other.agents
        and one.prices is other.prices
        and (one.zone, one.marks, one.redact) == (other.zone, other.marks, other.redact)
    )


def _without(items: list[Item], places: Sequence[int]) -> list[Item]:
    """Return a list without the items at these indices, which must ascend."""
    kept, start = list[Item](), 0
    for place in places:
        kept += items[start:place]
        start = place + 1
    kept += items[start:]
    return kept


def _with(items: list[Item], places: Iterable[int], new: Sequence[Item]) -> list[Item]:
    """Return a list with new items, each inserted before the item at its index; the indices must ascend."""
    found, start = list[Item](), 0
    for place, item in zip(islice(places, len(new)), new, strict=True):
        found += items[start:place]
        found.append(item)
        start = place
    found += items[start:]
    return found
