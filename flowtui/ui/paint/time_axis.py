"""The time axis above the lanes of the timeline: labels of round times, and a line with ticks below them. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Final

from flowtui import formatting
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line

_MIN_TICKS, _MAX_TICKS = 3, 5
_DAY: Final = 86_400
_STEPS: Final = (
    *(1, 2, 5, 10, 15, 20, 30),
    *(minutes * 60 for minutes in (1, 2, 3, 5, 10, 15, 20, 30)),
    *(hours * 3600 for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 3, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 7300, 18_250)),
    *(years * 365 * _DAY for years in (100, 200, 500, 1000, 2000, 5000)),
)
"""The allowed distances between ticks, in seconds."""


def _word(at: float, step: float, zone: tzinfo | None) -> str:
    if step < 60:
        return formatting.clock(at, zone)
    if step < _DAY:
        return formatting.clock(at, zone)[:5]
    return formatting.timestamp(at, zone)[5:10] if step < 90 * _DAY else formatting.timestamp(at, zone)[:7]


def ticks(
    window: TimeWindow, zone: tzinfo | None, label: Callable[[float, float, tzinfo | None], str] = _word
) -> tuple[tuple[int, str], ...]:
    """Return (cell, label) of each tick. A label is a time of day or a date.

    Three to five ticks if so many labels fit, else another number. `label` makes it of the time, the seconds between two
    ticks, and the zone.
    """
    length = window.step * window.cells
    offset = _offset(window.start, zone)
    fallback: tuple[tuple[int, str], ...] = ()
    for step in _STEPS:
        if length / step > _MAX_TICKS + 2:
            continue
        first = math.ceil((window.start + offset) / step) * step - offset
        times = [first + step * number for number in range(_MAX_TICKS + 2)]
        made = tuple(
            (cell, label(at, step, zone)) for at in times if 0 <= (cell := window.cell(at)) < window.cells
        )
        if not made or step / window.step < max(len(word) for _, word in made) + 1:
            continue
        if _MIN_TICKS <= len(made) <= _MAX_TICKS:
            return made
        fallback = fallback or made
    return fallback


def _offset(at: float, zone: tzinfo | None) -> float:
    """Return the seconds by which local time is ahead of UTC; 0 for a year outside the calendar."""
    try:
        offset = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    except (OverflowError, ValueError, OSError):
        return 0.0
    return offset.total_seconds() if offset is not None else 0.0


def axis(window: TimeWindow, zone: tzinfo | None, glyphs: Glyphs, room: int) -> tuple[Line, Line]:
    """Return the line of labels and the line of ticks. A label that would end after `room` cells is left out, not its tick."""
    words, rule = "", [glyphs.track] * window.cells
    for cell, word in ticks(window, zone):
        rule[cell] = glyphs.tick
        if cell + len(word) <= room:
            words = f"{words:<{cell}}{word}"
    return ink.line((words, "dim")), ink.line(("".join(rule), "track"))
