"""In which order a column puts runs, and how a user asks for it: `tokens`, `tokens:desc`, `tokens:asc`. Pure.

Each column has a natural order, by rising values; `descending` is that order turned round. `desc` and `asc` mean the
same in every column: the largest or newest first, and the smallest or oldest first. Of texts z is the largest, of
statuses the one that a run has last. AGE stands for the moment at which a run was created: its `desc`, which is its
natural order, begins with the newest run.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise
from operator import eq, itemgetter
from typing import Any, Final, Literal, NamedTuple

from flowtui.errors import UsageError
from flowtui.model.columns.columns import COLUMNS, Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import column_name, find_column
from flowtui.model.run.row import Run
from flowtui.text import safe_text

Direction = Literal["asc", "desc"]

DIRECTIONS: Final[tuple[Direction, ...]] = ("asc", "desc")

_MOMENTS: Final = frozenset({"age", "created", "ended"})
_ID: Final = itemgetter(*map(Run._fields.index, ("raw_id", "thread_key")))


class Order(NamedTuple):
    """A column's name, and whether its natural order is turned round."""

    name: str
    descending: bool = False


def direction(column: Column, *, descending: bool) -> Direction:
    """Return whether an order begins with the largest or newest (`desc`) or with the smallest or oldest (`asc`)."""
    return "desc" if descending != column.newest_first else "asc"


def split_direction(text: str) -> tuple[str, Direction | None]:
    """Return what stands before a `:asc` or `:desc` at the end of a text, and which of them it is, if any."""
    name, colon, said = text.strip().rpartition(":")
    found = next((each for each in DIRECTIONS if each == said.strip().lower()), None)
    if not colon or found is None:
        return text.strip(), None
    return name.strip(), found


def order_of(text: str, option: str = "") -> Order:
    """Return the order that a user asks for: a column alone means its natural order.

    Raises:
        UsageError: there is no such column or no such direction; names `option` and what there is.
    """
    name, said = split_direction(text)
    if said is None:
        check_direction(name, COLUMNS, option)
        return Order(column_name(name, option))
    name = column_name(name, option)
    return Order(name, turned(find_column(name), said))


def turned(column: Column, said: Direction) -> bool:
    """Return whether a column's natural order must be turned round for a direction."""
    return said != direction(column, descending=False)


def check_direction(text: str, known: Container[str], option: str = "") -> None:
    """Raise UsageError where a known column is followed by a colon and something that is no direction."""
    name, colon, said = text.rpartition(":")
    name = name.strip().lower()
    if colon and name in known:
        where = f"{option}: " if option else ""
        raise UsageError(
            f"{where}there is no direction {safe_text(said.strip())[:20]!r}",
            hint=f"Say {name}:desc for the largest or newest first, {name}:asc for the reverse",
        )


def order_words(column: Column, *, descending: bool) -> str:
    """Return what an order begins with, in words."""
    falls = direction(column, descending=descending) == "desc"
    if column.name in _MOMENTS:
        return "newest first" if falls else "oldest first"
    if column.align == "right":
        return "largest first" if falls else "smallest first"
    return "descending" if falls else "ascending"


def sort_value(column: Column, run: Run, context: Context) -> Any:
    """Return what a column sorts a run by, None where that is unknown."""
    value = (column.order or column.value)(run, context)
    return value if column.rank is None or value is None else column.rank(value)


def sort_runs(runs: list[Run], column: Column, context: Context, *, descending: bool = False) -> list[Run]:
    """Return the runs ordered by a column, run id as tiebreak, unknown last in both directions."""
    return sort_keyed(runs, column, context, descending=descending)[0]


def sort_keyed(
    runs: list[Run], column: Column, context: Context, *, descending: bool = False
) -> tuple[list[Run], list[Any]]:
    """Return the runs as `sort_runs` does, and the values of those that have one, which come first."""
    rank, value = column.rank, column.order or column.value
    values = [value(run, context) for run in runs]
    if rank is not None:
        values = [None if one is None else rank(one) for one in values]
    known = [place for place, one in enumerate(values) if one is not None]
    known.sort(key=values.__getitem__, reverse=descending)
    ordered = [runs[place] for place in known]
    sorted_values = [values[place] for place in known]
    _ties_by_id(ordered, sorted_values)
    unknown = [run for run, one in zip(runs, values, strict=True) if one is None]
    return ordered + sorted(unknown, key=_ID), sorted_values


def _ties_by_id(runs: list[Run], values: list[Any]) -> None:
    """Order those runs by their ids that have the same value, in place: to compare all ids took longer than the rest."""
    ends = [place for place, same in enumerate(map(eq, values, values[1:]), 1) if not same]
    for start, end in pairwise([0, *ends, len(values)]):
        if end - start > 1:
            runs[start:end] = sorted(runs[start:end], key=_ID)
