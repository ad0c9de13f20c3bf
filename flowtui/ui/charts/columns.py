"""Columns up from one line, and columns that hang down from it. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line
from flowtui.ui.paint.theme import behind, swapped

_EMPTY: Final = (" ", "text")

Cell = tuple[str, str]
"""A character of one cell, and its role."""


class Columns(NamedTuple):
    """The columns of a chart."""

    values: Sequence[float | None]
    """One for each cell. None: not known, so that the cell is empty; 0 is a thin floor."""
    role: str
    """The colour; one of `theme.AREAS`."""
    strong: Collection[int] = ()
    """Columns that are emphasised."""
    strong_role: str = ""

    def role_at(self, cell: int) -> str:
        """Return the colour of a column."""
        return self.strong_role if self.strong_role and cell in self.strong else self.role


def is_known(value: float | None) -> bool:
    """Return whether a value is one: not None, and a number. A whole number may have any number of digits."""
    return value is not None and value == value  # noqa: PLR0124  only NaN differs from itself


def height(value: float | None, top: float, units: int) -> int:
    """Return how many of `units` a column fills, of which `top` fills all: at least one if the value is above 0."""
    if value is None or not is_known(value) or value <= 0 or units <= 0:
        return 0
    return units if value >= top else max(1, min(units, math.floor(value / top * units + 0.5)))


class _Field(NamedTuple):
    """The room of a chart: lines above its line and below it, and the value that fills those above."""

    above: int
    below: int
    top: float
    signs: ChartSigns

    @property
    def bottom(self) -> float:
        """The value that fills the lines below."""
        return self.top * self.below / self.above if self.above else self.top


def columns(
    chart: Columns,
    rows: int,
    top: float,
    signs: ChartSigns,
    *,
    back: Columns | None = None,
    gaps: Collection[int] = (),
    ticks: Mapping[int, str] | None = None,
) -> list[Line]:
    """Return columns that grow up from the lowest of `rows` lines; a column of `top` fills them.

    `back`: columns behind the others, such as p95 behind p50. `gaps`: cells of a time nobody watched. `ticks`: cell →
    role of releases and changes, see `tick_cells`.
    """
    field = _Field(max(0, rows), 0, top, signs)
    made = [_up(chart, back, cell, field) for cell in range(len(chart.values))]
    return _lines(made, field, gaps, ticks or {})


def trend(
    values: Sequence[float | None],
    role: str,
    top: float,
    signs: ChartSigns,
    *,
    gaps: Collection[int] = (),
    ticks: Mapping[int, str] | None = None,
) -> Line:
    """Return columns in one line, for the rows of a list. The rows have the same `top`, or each shows its shape alone."""
    return columns(Columns(values, role), 1, top, signs, gaps=gaps, ticks=ticks)[0]


def up_and_down(
    up: Columns,
    down: Columns,
    rows: tuple[int, int],
    top: float,
    signs: ChartSigns,
    *,
    gaps: Collection[int] = (),
    ticks: Mapping[int, str] | None = None,
) -> list[Line]:
    """Return columns that grow up from one line and others that hang down from it, at one scale.

    `rows`: how many lines are above it and below it (see `Scales.split`); a column of `top` fills those above.
    """
    field = _Field(max(0, rows[0]), max(0, rows[1]), top, signs)
    count = max(len(up.values), len(down.values))
    made = [[*_up(up, None, cell, field), *_down(down, cell, field)] for cell in range(count)]
    return _lines(made, field, gaps, ticks or {})


def _at(chart: Columns | None, cell: int) -> float | None:
    return chart.values[cell] if chart is not None and cell < len(chart.values) else None


def _up(chart: Columns, back: Columns | None, cell: int, field: _Field) -> Sequence[Cell]:
    """Return the cells of one column, the highest first."""
    value, rear = _at(chart, cell), _at(back, cell)
    units = field.above * len(field.signs.up)
    filled, far = height(value, field.top, units), height(rear, field.top, units)
    behind_it = back.role_at(cell) if back is not None else ""
    known = is_known(value) or is_known(rear)
    return _upper_cells(filled, far, (chart.role_at(cell), behind_it), field.above, field.signs, known=known)


# From one update to the next most columns stay the same.
@lru_cache(2048)
def _upper_cells(
    front: int, rear: int, roles: tuple[str, str], rows: int, signs: ChartSigns, *, known: bool
) -> Sequence[Cell]:
    if rear:
        made = _two(front, rear, roles, rows, signs)
    else:
        made = [_part(signs.up, front - len(signs.up) * row, roles[0]) for row in range(rows)]
    if rows and made[0] == _EMPTY and known:
        made[0] = (signs.floor, "track")
    return made[::-1]


def _two(front: int, rear: int, roles: tuple[str, str], rows: int, signs: ChartSigns) -> list[Cell]:
    """Return the cells of a column before another one, the lowest first. Both are given in parts of a cell.

    A cell has two colours. If both columns end in the same one, the end that is nearest to another place is moved there.
    """
    parts = len(signs.up)
    low, high = front % parts, rear % parts
    if front < rear and front // parts == rear // parts and low:
        if low <= min(high - low, parts - high) and front > low:
            front -= low
        else:
            rear += parts - high if parts - high < high - low else low - high
    rear = max(rear, front)
    made = []
    for row in range(rows):
        near, far = front - parts * row, rear - parts * row
        if near > 0 and (near >= parts or far <= near or not signs.colors):
            made.append(_part(signs.up, near, roles[0]))
        elif near > 0:
            made.append((signs.up[near - 1], behind(roles[0], roles[1])))
        else:
            made.append(_part(signs.behind, math.ceil(far * len(signs.behind) / parts), roles[1]))
    return made


def _part(levels: str, filled: int, role: str) -> Cell:
    """Return a cell of which so many parts are filled."""
    return _EMPTY if filled <= 0 else (levels[min(filled, len(levels)) - 1], role)


def _down(chart: Columns, cell: int, field: _Field) -> Sequence[Cell]:
    """Return the cells of a hanging column, the highest first."""
    filled = height(_at(chart, cell), field.bottom, field.below * len(field.signs.down))
    return _lower_cells(filled, chart.role_at(cell), field.below, field.signs)


@lru_cache(2048)
def _lower_cells(filled: int, role: str, rows: int, signs: ChartSigns) -> Sequence[Cell]:
    parts = len(signs.down)
    made = []
    for row in range(rows):
        part = filled - parts * row
        turned = signs.colors and 0 < part < parts
        made.append(_part(signs.down, part, swapped(role) if turned else role))
    return made


def _lines(
    made: Sequence[Sequence[Cell]], field: _Field, gaps: Collection[int], ticks: Mapping[int, str]
) -> list[Line]:
    """Return the lines of finished columns, with gaps on the line they stand on, and ticks through all lines."""
    signs = field.signs
    rows = [list(row) for row in zip(*made, strict=True)] or [[] for _ in range(field.above + field.below)]
    for cell, tick in ticks.items():
        for row in rows if 0 <= cell < len(made) else ():
            sign, role = row[cell]
            if _is_vacant(row[cell]):
                row[cell] = (signs.tick, tick)
            elif sign == signs.up[-1] and signs.colors:
                row[cell] = (signs.tick, behind(tick, role))
    base = max(0, field.above - 1)
    for cell in gaps if rows else ():
        if 0 <= cell < len(made) and _is_vacant(rows[base][cell]):
            rows[base][cell] = (signs.gap, "dim")
    return [ink.joined(row) for row in rows]


def _is_vacant(cell: Cell) -> bool:
    return cell[0] == " " or cell[1] == "track"
