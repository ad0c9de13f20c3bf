"""Which columns a table shows in how many cells. Pure: narrow tables lose the columns that matter least first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui.model.columns import Column

GAP: Final = 2
MARGIN: Final = 1
FLEXIBLE: Final = "note"
_MIN_FLEXIBLE = 18


class Slot(NamedTuple):
    """One column on the screen: where it starts and how wide it is, in cells."""

    column: Column
    start: int
    width: int


def natural_width(column: Column, texts: Sequence[str], *, is_sorted: bool = False) -> int:
    """Return the cells that a column wants: its title, with the sign of the order, and the texts seen, to its limit."""
    widest = max((cell_len(text) for text in texts), default=0)
    return max(len(column.title) + (2 if is_sorted else 0), min(widest, column.width))


def lay_out(columns: Sequence[Column], widths: Mapping[str, int], cells: int, *, skip: int = 0) -> list[Slot]:
    """Return the columns that fit into `cells`, by priority, the note taking what is left over.

    The first two columns always stay: a row without status and id is none. With `skip`, so many of the others are
    scrolled out to the left, less one: the first step shows, in their order, also those that had yielded.
    """
    columns = [*columns[:2], *columns[2 + max(0, skip - 1) :]]
    room = cells - 2 * MARGIN + GAP
    chosen: set[str] = set()
    for place, column in sorted(
        enumerate(columns), key=lambda item: (item[0] > 1, item[0] if skip else item[1].priority)
    ):
        wanted = (_MIN_FLEXIBLE if column.name == FLEXIBLE else widths[column.name]) + GAP
        if wanted <= room or place < 2:
            chosen.add(column.name)
            room -= wanted
    shown = [column for column in columns if column.name in chosen]
    slots: list[Slot] = []
    start = MARGIN
    for column in shown:
        room = cells - MARGIN - start
        wanted = room if column.name == FLEXIBLE else widths[column.name]
        slots.append(Slot(column, start, max(1, min(wanted, room))))
        start += slots[-1].width + GAP
    return slots
