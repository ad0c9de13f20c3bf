"""Sorts runs by a column, and reads the order that the user asks for: `tokens`, `tokens:desc`, `tokens:asc`.

The natural order of a column is by ascending values; `descending` reverses it. For the user, `desc` and `asc` mean the
same in every column: `desc` is the largest or newest first, `asc` the smallest or oldest first. Of texts, the last one
in the alphabet counts as the largest; of statuses, the last one in a run's life. AGE is sorted by the time of creation
with the newest run first; so its natural order is `desc`.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import islice, pairwise
from operator import eq
from typing import Any, Final, Literal, NamedTuple, TypeVar

from flowtui.errors import UsageError
from flowtui.model.columns.columns import COLUMNS, Column
from flowtui.model.columns.context import Context
from flowtui.model.columns.path_columns import column_name, find_column
from flowtui.model.run.row import Run, getter
from flowtui.text import safe_text

Item = TypeVar("Item")
Direction = Literal["asc", "desc"]

DIRECTIONS: Final[tuple[Direction, ...]] = ("asc", "desc")

_MOMENTS: Final = frozenset({"age", "created", "ended"})
_ID: Final = getter("raw_id", "thread_key")


class Order(NamedTuple):
    """By what runs are sorted."""

    name: str
    """The name of the column."""
    descending: bool = False
    """Whether the natural order of the column is reversed."""


def direction(column: Column, *, descending: bool) -> Direction:
    """Return `desc` for an order that begins with the largest or newest run, `asc` for the smallest or oldest."""
    return "desc" if descending != column.newest_first else "asc"


def split_direction(text: str) -> tuple[str, Direction | None]:
    """Split `:asc` or `:desc` off the end of a text; return the rest and the direction.

    Without a valid direction at its end, return the whole text and None.
    """
    name, colon, said = text.strip().rpartition(":")
    found = next((each for each in DIRECTIONS if each == said.strip().lower()), None)
    if not colon or found is None:
        return text.strip(), None
    return name.strip(), found


def order_of(text: str, option: str = "") -> Order:
    """Return the order for a text. A column without a direction is sorted in its natural order.

    Raises:
        UsageError: there is no such column or direction. The message begins with `option` if that is given.
    """
    name, said = split_direction(text)
    if said is None:
        check_direction(name, COLUMNS, option)
        return Order(column_name(name, option))
    name = column_name(name, option)
    return Order(name, is_reversed(find_column(name), said))


def is_reversed(column: Column, said: Direction) -> bool:
    """Whether the natural order of a column must be reversed for a direction."""
    return said != direction(column, descending=False)


def check_direction(text: str, known: Container[str], option: str = "") -> None:
    """Refuse a text such as `tokens:up`: a known column, a colon and an invalid direction.

    The caller has split off valid directions. `known` has the names of the known columns.

    Raises:
        UsageError: the text is refused. The message begins with `option` if that is given.
    """
    name, colon, said = text.rpartition(":")
    name = name.strip().lower()
    if colon and name in known:
        where = f"{option}: " if option else ""
        raise UsageError(
            f"{where}there is no direction {safe_text(said.strip())[:20]!r}",
            hint=f"Say {name}:desc for the largest or newest first, {name}:asc for the reverse",
        )


def order_words(column: Column, *, descending: bool) -> str:
    """Return in words which run an order begins with: `newest first`, `largest first`, `A to Z`."""
    falls = direction(column, descending=descending) == "desc"
    if column.name in _MOMENTS:
        return "newest first" if falls else "oldest first"
    if column.align == "right":
        return "largest first" if falls else "smallest first"
    if column.name == "status":
        return "queued last" if falls else "queued first"
    return "Z to A" if falls else "A to Z"


def sort_value(column: Column, run: Run, context: Context) -> Any:
    """Return the sort key of a run in a column; None if it is unknown."""
    value = (column.order or column.value)(run, context)
    return value if column.rank is None or value is None else column.rank(value)


def sort_runs(runs: list[Run], column: Column, context: Context, *, descending: bool = False) -> list[Run]:
    """Return the runs sorted by a column, then by id; runs without a sort key come last in both directions."""
    return sort_keyed(runs, column, context, descending=descending)[0]


def sort_keyed(
    runs: list[Run], column: Column, context: Context, *, descending: bool = False
) -> tuple[list[Run], list[Any]]:
    """Return the runs as `sort_runs` does, and the list of their sort keys.

    Runs without a sort key come last. For them the list has no entry.
    """
    rank, value = column.rank, column.order or column.value
    values = [value(run, context) for run in runs]
    if rank is not None:
        values = [None if one is None else rank(one) for one in values]
    known = [place for place, one in enumerate(values) if one is not None]
    known.sort(key=values.__getitem__, reverse=descending)
    ordered = list(map(runs.__getitem__, known))
    sorted_values = list(map(values.__getitem__, known))
    sort_ties(ordered, sorted_values, by=_ID)
    if len(known) == len(runs):
        return ordered, sorted_values
    unknown = [run for run, one in zip(runs, values, strict=True) if one is None]
    return ordered + sorted(unknown, key=_ID), sorted_values


def sort_ties(runs: list[Item], values: list[Any], *, by: Callable[[Item], Any]) -> None:
    """Sort runs with equal sort keys in place, by their id, which `by` returns.

    Only these runs are compared by id, as comparing all would take longer than the rest of sorting.
    """
    if not any(map(eq, values, islice(values, 1, None))):
        return  # usually so, and found in C
    ends = [place for place, same in enumerate(map(eq, values, values[1:]), 1) if not same]
    for start, end in pairwise([0, *ends, len(values)]):
        if end - start > 1:
            runs[start:end] = sorted(runs[start:end], key=by)
