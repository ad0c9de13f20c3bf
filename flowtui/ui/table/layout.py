"""Which columns a table shows in how many cells. Pure: narrow tables lose the columns that matter least first."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui.model.columns.columns import Column

GAP: Final = 2
MARGIN: Final = 1
SIGN: Final = 1
"""Cells that each title leaves free for the sign of the order. Where a column is wider, a space stands before the sign."""

FLEXIBLE: Final = "note"
_MIN_FLEXIBLE = 14
_BY_PRIORITY = 2


class Slot(NamedTuple):
    """One column on the screen: where it starts and how wide it is, in cells."""

    column: Column
    start: int
    width: int


def natural_width(column: Column, texts: Sequence[str]) -> int:
    """Return the cells that a column wants: its title with the sign of the order, and the texts seen, to its limit.

    Each column has room for the sign, sorted or not: to sort by another one takes no cell from any.
    """
    widest = max((cell_len(text) for text in texts), default=0)
    return max(cell_len(column.title) + SIGN, min(widest, column.width))


def lay_out(
    columns: Sequence[Column],
    widths: Mapping[str, int],
    cells: int,
    *,
    skip: int = 0,
    explicit: Container[str] = (),
    fixed: Container[str] = (),
) -> list[Slot]:
    """Return the columns that fit into `cells`, in their order; the note takes what is left over.

    The first two columns always stay: a row without status and id is none. The others yield by priority, those that
    somebody insisted on last, from the right. With `skip`, so many of the others are scrolled out to the left, less
    one: the first step shows, in their order, also those that had yielded. A `fixed` note is as wide as it is told.
    """
    columns = [*columns[:2], *columns[2 + max(0, skip - 1) :]]

    def wanted(column: Column) -> int:
        return _MIN_FLEXIBLE if _flexible(column, fixed) else widths[column.name]

    def rank(item: tuple[int, Column]) -> tuple[int, int, int]:
        place, column = item
        if place < 2:
            return 0, place, 0
        if skip or column.name in explicit:
            return 1, place, 0
        return _BY_PRIORITY, column.priority, place

    room = cells - 2 * MARGIN + GAP
    chosen: set[str] = set()
    for place, column in sorted(enumerate(columns), key=rank):
        if wanted(column) + GAP <= room or place < 2:
            chosen.add(column.name)
            room -= wanted(column) + GAP
        elif _flexible(column, fixed) and rank((place, column))[0] == _BY_PRIORITY:
            break  # what matters less than the note does not take its place
    slots: list[Slot] = []
    start = MARGIN
    for column in columns:
        if column.name in chosen:
            width = wanted(column) + (max(0, room) if _flexible(column, fixed) else 0)
            slots.append(Slot(column, start, max(1, min(width, cells - MARGIN - start))))
            start += slots[-1].width + GAP
    return slots


def _flexible(column: Column, fixed: Container[str]) -> bool:
    return column.name == FLEXIBLE and FLEXIBLE not in fixed
