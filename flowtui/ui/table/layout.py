"""Chooses the columns that fit, and their widths; the least important columns are left out first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len

if TYPE_CHECKING:  # the first frame is painted before the columns are imported
    from flowtui.model.columns.columns import Column

GAP: Final = 2
MARGIN: Final = 1
SIGN: Final = 1
"""Cells that each title leaves free for the sort arrow. A wider column has a space before the arrow."""

FLEXIBLE: Final = "note"
_LONG_NOTE: Final = 44  # cells that most notes fit into
_READABLE: Final = 14
"""Cells to which a column with a `least` is narrowed for long notes, whatever rows are in sight."""

# Least cells of columns, so that usual values never change their widths while the user looks.
_STEADY: Final = {"status": 11, "age": 5, "wait": 5, "time": 5, "tokens": 8}
_MIN_FLEXIBLE = 14
_LEAST_IMPORTANT = 6  # columns of this priority or a higher one leave the note so many cells more
_MORE = 18
_BY_PRIORITY = 2
_LONGEST_PREFIX = 8  # letters of a prefix such as `thr_`


class Slot(NamedTuple):
    """One visible column: its first cell and its width in cells."""

    column: Column
    start: int
    width: int


def natural_width(column: Column, texts: Sequence[str]) -> int:
    """Return the cells that a column needs: for its title and a sort arrow, and for its texts up to its maximum width.

    Every column has room for the arrow, so that sorting by another column changes no width.
    """
    widest = max((cell_len(text) for text in texts), default=0)
    least = max(cell_len(column.title) + SIGN, _STEADY.get(column.name, 0))
    return max(least, min(widest, column.width))


def thread_text(name: str) -> str:
    """Return the id of a thread for its column, without the prefix that all of them have: `af291c` for `thr_af291c`."""
    start, line, rest = name.partition("_")
    return rest if line and rest and start.isalpha() and len(start) <= _LONGEST_PREFIX else name


def fit_columns(
    columns: Sequence[Column],
    widths: Mapping[str, int],
    cells: int,
    *,
    skip: int = 0,
    explicit: Container[str] = (),
    fixed: Container[str] = (),
) -> list[Slot]:
    """Return the columns that fit, see `lay_out`. Where only the times leave no room for the note, they are left out."""
    fit = partial(lay_out, cells=cells, skip=skip, explicit=explicit, fixed=fixed)
    slots = fit(columns, widths)
    flexible = any(_flexible(each, fixed) for each in columns)
    if skip or "time" in fixed or "time" in explicit or not flexible or _width_of(FLEXIBLE, slots):
        return slots
    without = fit([each for each in columns if each.name != "time"], widths)
    return without if _width_of(FLEXIBLE, without) else slots


def _width_of(name: str, slots: Sequence[Slot]) -> int:
    """Return the width of a column; 0 if it is not visible."""
    return next((slot.width for slot in slots if slot.column.name == name), 0)


def lay_out(
    columns: Sequence[Column],
    widths: Mapping[str, int],
    cells: int,
    *,
    skip: int = 0,
    explicit: Container[str] = (),
    fixed: Container[str] = (),
) -> list[Slot]:
    """Return the columns that fit into `cells`, in their order; the note column takes the remaining width.

    The first two columns (status and id) always stay. Of the others, the least important ones are left out first; those
    in `explicit` last, from the right. `skip` scrolls to the right: 1 shows the columns in their order, whatever their
    importance; each further step hides one more column on the left. If the note column is in `fixed`, it keeps its width
    in `widths`. Where the note lacks some cells, columns with a `least` are narrowed: down to it before the note is left
    out, and a little for long notes.
    """
    widths = dict(widths)
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
    for seen, (place, column) in enumerate(sorted(enumerate(columns), key=rank)):
        note = _flexible(column, fixed) and rank((place, column))[0] == _BY_PRIORITY
        if note and seen == len(chosen):
            narrow = [each for each in columns if each.name in chosen and each.name not in fixed]
            room += _narrowed(narrow, widths, wanted(column) + GAP - room)
        unimportant = column.priority >= _LEAST_IMPORTANT and rank((place, column))[0] == _BY_PRIORITY
        kept = _MORE if unimportant and FLEXIBLE in chosen and FLEXIBLE not in fixed else 0
        if place < 2 or wanted(column) + GAP + kept <= room:
            chosen.add(column.name)
            room -= wanted(column) + GAP
        elif note or kept:
            break  # no less important column takes the place of the note, or of a column that the note has no room for
    shown = [column for column in columns if column.name in chosen]
    if any(_flexible(column, fixed) for column in shown):
        room += _narrowed_a_little(shown, widths, _LONG_NOTE - _MIN_FLEXIBLE - room, fixed)
    return _placed(shown, wanted, room, cells, fixed)


def _placed(
    columns: Sequence[Column],
    wanted: Callable[[Column], int],
    room: int,
    cells: int,
    fixed: Container[str],
) -> list[Slot]:
    """Return the slots of columns that fit into `cells`; the note column gets the `room` cells that are left over."""
    slots: list[Slot] = []
    start = MARGIN
    for column in columns:
        width = wanted(column) + (max(0, room) if _flexible(column, fixed) else 0)
        slots.append(Slot(column, start, max(1, min(width, cells - MARGIN - start))))
        start += slots[-1].width + GAP
    return slots


def _narrowed(columns: Sequence[Column], widths: dict[str, int], missing: int) -> int:
    """Narrow columns by `missing` cells in all, and return how many cells that frees: 0 if they cannot be narrowed so far."""
    spare = {each.name: max(0, widths[each.name] - each.least) for each in columns if each.least}
    if missing <= 0 or sum(spare.values()) < missing:
        return 0
    left = missing
    for name, cells in spare.items():
        taken = min(cells, left)
        widths[name] -= taken
        left -= taken
    return missing


def _narrowed_a_little(
    columns: Sequence[Column], widths: dict[str, int], missing: int, fixed: Container[str]
) -> int:
    """Narrow columns, as far as names stay readable, by at most `missing` cells in all; return how many that frees."""
    freed = 0
    for column in columns:
        if column.least and column.name not in fixed:
            taken = max(0, min(widths[column.name] - _READABLE, missing - freed))
            widths[column.name] -= taken
            freed += taken
    return freed


def _flexible(column: Column, fixed: Container[str]) -> bool:
    return column.name == FLEXIBLE and FLEXIBLE not in fixed
