"""Spans of time on one line of a chart: outages, how the time was watched; and which cells nobody watched. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui.model.history.coverage import TimeCoverage
from flowtui.model.history.past import LIVE, READ
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

_LEAST_WORDS: Final = 4


class Period(NamedTuple):
    """A span of time with the words beside it."""

    since: float
    until: float
    words: str
    """Display-safe; "" for none."""
    role: str
    """The colour of the span and its words: `warn`, `bad`."""
    gap: bool = False
    """Whether nobody watched: drawn with dots."""


def period_line(axis: TimeAxis, periods: Sequence[Period], signs: ChartSigns, *, solid: bool = False) -> Line:
    """Return a track with the periods on it. Each has at least a cell; words are left or right of it, where there is room.

    `solid`: the track is time that was watched, and drawn as something that is there.
    """
    base = (signs.band, "area-amount") if solid else (signs.track, "track")
    cells = [base] * axis.cells
    taken = [False] * axis.cells
    placed: list[tuple[Period, range]] = []
    for period in periods:
        found = axis.cells_of(period.since, period.until)
        for cell in found:
            cells[cell] = (signs.gap if period.gap else signs.band, period.role)
            taken[cell] = True
        if found:
            placed.append((period, found))
    for period, found in placed:
        _write(period, found, cells, taken)
    return ink.joined((sign, role) for sign, role in cells if sign)


def _write(period: Period, found: range, cells: list[tuple[str, str]], taken: list[bool]) -> None:
    """Write the words of a period to the right of it, else to the left, each with a blank on both sides."""
    after, before = _free(taken, found.stop, 1), _free(taken, found.start - 1, -1)
    wide = cell_len(period.words)
    if not wide:
        return
    if after < wide + 2 and before < wide + 2:
        room = max(after, before) - 2
        if room < _LEAST_WORDS:
            return
        words = ink.cut(period.words, room)
    else:
        words = period.words
    wide = cell_len(words)
    start = found.stop if after >= wide + 2 else found.start - wide - 2
    # A wide character is in its first cell; the other one is left out.
    cells[start : start + wide + 2] = [("", "")] * (wide + 2)
    cells[start] = (f" {words} ", period.role)
    taken[start : start + wide + 2] = [True] * (wide + 2)


def _free(taken: Sequence[bool], start: int, turn: int) -> int:
    """Return how many cells are free from `start` on, to the right (1) or to the left (-1)."""
    count = 0
    while 0 <= start + turn * count < len(taken) and not taken[start + turn * count]:
        count += 1
    return count


def gap_cells(axis: TimeAxis, watched: TimeCoverage) -> frozenset[int]:
    """Return the cells of a time nobody watched, and that was not read afterwards: at least half of each of them."""
    seconds: defaultdict[int, float] = defaultdict(float)
    for part in watched.parts:
        if part.how in (LIVE, READ):
            continue
        for cell in axis.cells_of(part.since, part.until):
            begin = axis.since + axis.step * cell
            seconds[cell] += max(0.0, min(part.until, begin + axis.step) - max(part.since, begin))
    return frozenset(cell for cell, unseen in seconds.items() if unseen >= axis.step / 2)
