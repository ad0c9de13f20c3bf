"""Releases and changes of configuration on a chart: a tick in its cell, and the names above or below. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

from flowtui.ui.charts.labels import Labels, Place
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

RELEASE: Final = "other"
"""The role of a release."""
CONFIG: Final = "warn"
"""The role of a change of configuration."""

_LEAST_NAME: Final = 6
_SIDES: Final[Sequence[Sequence[Place]]] = (("before", "after"), ("after", "before"))
_WEIGHED: Final = 5  # of so many names it is tried on which side they leave most room for each other


class Tick(NamedTuple):
    """A moment with a name; `role` is its colour."""

    at: float
    name: str
    """Display-safe; "" for a tick that is not named, as another one has the same name."""
    role: str = RELEASE


def config_ticks(times: Iterable[float]) -> list[Tick]:
    """Return the ticks of changes of configuration, which come often: only the newest has a name."""
    found = sorted(times)
    return [Tick(at, "" if at < found[-1] else "config", CONFIG) for at in found]


def tick_cells(axis: TimeAxis, ticks: Iterable[Tick]) -> dict[int, str]:
    """Return cell → role. If several share a cell, a release is drawn."""
    cells: dict[int, str] = {}
    for tick in ticks:
        cell = axis.cell_of(tick.at)
        if cell is not None and cells.get(cell) != RELEASE:
            cells[cell] = tick.role
    return cells


def tick_line(cells: Mapping[int, str], width: int, signs: ChartSigns) -> Line:
    """Return a line with nothing but ticks, for the space between two charts on one axis."""
    last = max((cell for cell in cells if cell < width), default=-1)
    return ink.joined(
        (signs.tick, cells[cell]) if cell in cells else (" ", "text") for cell in range(last + 1)
    )


def name_line(axis: TimeAxis, ticks: Iterable[Tick], taken: Sequence[tuple[int, str, str]] = ()) -> Line:
    """Return the line of names, each next to its tick: it ends above it, or begins there.

    The newest come first. Where there is no room, a name is cut or left out. Names of one cell are joined with commas.
    `taken` are (cell, text, role) of texts that are put before them, such as `now`.
    """
    found = [each for each in _by_cell(axis, ticks) if each[1]]
    best, missing = Labels(axis.cells), None
    for sides in product(_SIDES, repeat=min(len(found), _WEIGHED)):
        labels = Labels(axis.cells)
        for cell, text, role in taken:
            labels.put(text, role, cell, ("before", "after"))
        left_out = [
            each
            for each, places in zip(found, sides, strict=False)
            if not labels.put(each[1], each[2], each[0], places)
        ]
        if missing is None or len(left_out) < len(missing):
            best, missing = labels, left_out
        if not missing:
            break
    for cell, name, role in (*(missing or ()), *found[_WEIGHED:]):
        best.put(name, role, cell, ("before", "after"), least=_LEAST_NAME)
    return best.line()


def release_line(axis: TimeAxis, ticks: Iterable[Tick], signs: ChartSigns) -> Line:
    """Return the line of `▲` at each tick, with its name to the left or right of it. Names without room are left out."""
    labels = Labels(axis.cells)
    found = _by_cell(axis, ticks)
    for cell, _, role in found:
        labels.take(cell, signs.release, role)
    for cell, name, role in found:
        if name and not labels.put(name, role, cell - 2, ("before",), exact=True):
            labels.put(name, role, cell + 2, ("after",), exact=True)
    return labels.line()


def _by_cell(axis: TimeAxis, ticks: Iterable[Tick]) -> list[tuple[int, str, str]]:
    """Return (cell, names, role) of the cells with ticks, the newest first."""
    ticks = sorted(ticks, key=lambda tick: tick.at)
    roles = tick_cells(axis, ticks)
    names: dict[int, list[str]] = {}
    for tick in ticks:
        cell = axis.cell_of(tick.at)
        said = names.setdefault(cell, []) if cell is not None else None
        if said is not None and tick.name and tick.name not in said:
            said.append(tick.name)
    return [(cell, ", ".join(said), roles[cell]) for cell, said in sorted(names.items(), reverse=True)]
