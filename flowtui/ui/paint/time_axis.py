"""Runs as bars below an axis of time: which stretch of time is shown, its ticks, and what stands in each cell. Pure.

One function says in which cell a time lies, for ticks and bars alike, so that a bar always lies under its time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.run.row import QUEUED, RUNNING
from flowtui.model.timeline.phases import Phases, RunPhases
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

SHARE: Final = 0.5
"""Of the width: what the run in question fills."""

MIN_SECONDS: Final = 2.0
"""A shorter run is drawn as if on this much: ticks count whole seconds."""

_MARGIN: Final = 0.06  # of the width, to the right of now: room for the sign of an open end
_MIN_TICKS, _MAX_TICKS = 3, 5
_DAY: Final = 86_400
_STEPS: Final = (
    *(1, 2, 5, 10, 15, 20, 30),
    *(minutes * 60 for minutes in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(hours * 3600 for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 7300, 18_250)),
    *(years * 365 * _DAY for years in (100, 200, 500, 1000, 2000, 5000)),
)


class Window(NamedTuple):
    """The stretch of time that is shown in `columns` cells; UTC epoch seconds."""

    left: float
    right: float
    columns: int

    def column(self, at: float) -> int:
        """Return the cell in which a time lies; below 0 or from `columns` on where that is outside."""
        return math.floor((at - self.left) / (self.right - self.left) * self.columns)


def window(extent: tuple[float, float], now: float, columns: int) -> Window:
    """Return a window that the extent of a run fills to about half, and that shows no time to come."""
    first, last = extent
    length = max(last - first, MIN_SECONDS)
    whole = length / SHARE
    right = max(last, min((first + last + whole) / 2, now)) + _MARGIN * whole
    right = min(right, (first + last + whole) / 2)
    return Window(right - whole, right, columns)


def ticks(shown: Window, zone: tzinfo | None) -> list[tuple[int, str]]:
    """Return (cell, time of day or date) of the round times: three to five where their words have room."""
    offset = _offset(shown.left, zone)
    spare: list[tuple[int, str]] = []
    for step in _STEPS:
        if (shown.right - shown.left) / step > _MAX_TICKS + 2:
            continue
        first = math.ceil((shown.left + offset) / step) * step - offset
        times = [first + step * number for number in range(_MAX_TICKS + 2)]
        made = [(shown.column(at), _word(at, step, zone)) for at in times if shown.column(at) < shown.columns]
        room = step / (shown.right - shown.left) * shown.columns
        if not made or room < max(len(word) for _, word in made) + 1:
            continue
        if _MIN_TICKS <= len(made) <= _MAX_TICKS:
            return made
        spare = spare or made
    return spare


def _word(at: float, step: float, zone: tzinfo | None) -> str:
    if step < 60:
        return formatting.clock(at, zone)
    if step < _DAY:
        return formatting.clock(at, zone)[:5]
    return formatting.timestamp(at, zone)[5:10] if step < 90 * _DAY else formatting.timestamp(at, zone)[:7]


def _offset(at: float, zone: tzinfo | None) -> float:
    try:
        offset = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    except (OverflowError, ValueError, OSError):  # a year that no calendar has
        return 0.0
    return offset.total_seconds() if offset is not None else 0.0


def axis(shown: Window, zone: tzinfo | None, glyphs: Glyphs, room: int) -> tuple[Line, Line]:
    """Return the words of the ticks, at most `room` cells, and the rule with a mark below the start of each word."""
    words, rule = "", [glyphs.track] * shown.columns
    for cell, word in ticks(shown, zone):
        rule[cell] = glyphs.tick
        if cell + len(word) <= room:
            words = f"{words:<{cell}}{word}"
    return ink.line((words, "dim")), ink.line(("".join(rule), "track"))


def bar(lane: RunPhases, shown: Window, about: tuple[float, float], glyphs: Glyphs, now: float) -> Line:
    """Return the cells of one run. Where a cell holds two phases, the later one is drawn.

    `about` is the extent of the run in question, from which the distance to one outside the window is told.
    """
    phases = lane.phases
    extent = phases.extent
    if extent is None:
        return ink.BLANK
    if shown.column(extent[1]) < 0:
        text = f"{glyphs.cut_left} ended {formatting.span(about[0] - extent[1])} before"
        return ink.line((ink.fit(text, shown.columns), "dim"))
    if shown.column(extent[0]) >= shown.columns:
        text = f"created {formatting.span(extent[0] - about[1])} after {glyphs.cut_right}"
        return ink.line((ink.fit(text, shown.columns, "right"), "dim"))
    cells = [(" ", "dim")] * shown.columns
    for kind, since, until in phases.parts:
        look = _look(kind, lane, glyphs)
        for cell in range(max(0, shown.column(since)), min(shown.columns - 1, shown.column(until)) + 1):
            cells[cell] = look
    end = _end(lane, phases, glyphs, now)
    if end is not None and 0 <= shown.column(end[0]) < shown.columns:
        cells[shown.column(end[0])] = end[1:]
    if shown.column(extent[0]) < 0:
        cells[0] = (glyphs.cut_left, "dim")
    if shown.column(extent[1]) >= shown.columns:
        cells[-1] = (glyphs.cut_right, "dim")
    return _joined(cells)


def _look(kind: str, lane: RunPhases, glyphs: Glyphs) -> tuple[str, str]:
    if kind == QUEUED:
        return glyphs.track, QUEUED if lane.own else "dim"
    if kind == RUNNING:
        return glyphs.bar, lane.run.status_class if lane.own else "dim"
    return glyphs.unsure, "dim"


def _end(lane: RunPhases, phases: Phases, glyphs: Glyphs, now: float) -> tuple[float, str, str] | None:
    """Return when, with which sign and in which role a run ends; None where nobody says when."""
    status = lane.run.status_class
    if lane.run.active:
        latest = max((stretch.until for stretch in phases.parts), default=now)
        return max(now, latest), glyphs.right, status
    return None if phases.ended is None else (phases.ended, glyphs.status[status], status)


def _joined(cells: Iterable[tuple[str, str]]) -> Line:
    return tuple(
        Span("".join(sign for sign, _ in group), role)
        for role, group in groupby(cells, key=lambda cell: cell[1])
    )
