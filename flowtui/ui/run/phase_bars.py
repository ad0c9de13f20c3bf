"""Bars of runs for the Timeline tab: computes the time window around the opened run, and the cells of each bar. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING
from flowtui.model.timeline.phases import Phases, RunPhases
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

SHARE: Final = 0.5
"""The share of the time window that the opened run fills."""

MIN_SECONDS: Final = 2.0
"""A shorter run gets the window of a run of this length: the marks of the time axis are whole seconds apart."""

_ROLES: Final = {
    COMPLETED: "area-completed",
    FAILED: "area-failed-quiet",
    CANCELLED: "area-cancelled",
    RUNNING: "model-call",
}
"""Status → the colour of a bar of another run."""

_MARGIN: Final = 0.06  # share of the window to the right of now, for the sign of a run that goes on


def window_around(extent: tuple[float, float], now: float, cells: int) -> TimeWindow:
    """Return a time window, half of which the run fills. It extends as little as possible into the future.

    `extent` is the first and the last known time of the run. `cells` is the width of the window.
    """
    first, last = extent
    whole = max(last - first, MIN_SECONDS) / SHARE
    centred = (first + last + whole) / 2
    right = min(max(last, min(centred, now)) + _MARGIN * whole, centred)
    return TimeWindow(right - whole, whole / cells, cells)


def bar(lane: RunPhases, window: TimeWindow, about: tuple[float, float], glyphs: Glyphs, now: float) -> Line:
    """Return the bar of the run in `lane`. If two phases share a cell, the later phase is drawn.

    For a run outside the window, return a text with its distance from the opened run. `about` is the first and the last
    known time of the opened run.
    """
    phases = lane.phases
    extent = phases.extent
    if extent is None:
        return ink.BLANK
    first, last = window.cell(extent[0]), window.cell(extent[1])
    if last < 0:
        text = f"{glyphs.cut_left} ended {formatting.span(about[0] - extent[1])} before"
        return ink.line((ink.fit(text, window.cells), "dim"))
    if first >= window.cells:
        text = f"created {formatting.span(extent[0] - about[1])} after {glyphs.cut_right}"
        return ink.line((ink.fit(text, window.cells, "right"), "dim"))
    cells = [(" ", "dim")] * window.cells
    for kind, since, until in phases.parts:
        sign = phase_sign(kind, lane, glyphs)
        for cell in range(max(0, window.cell(since)), min(window.cells - 1, window.cell(until)) + 1):
            cells[cell] = sign
    end = _end(lane, phases, glyphs, now)
    if end is not None and 0 <= window.cell(end[0]) < window.cells:
        cells[window.cell(end[0])] = end[1:]
    if first < 0:
        cells[0] = (glyphs.cut_left, "dim")
    if last >= window.cells:
        cells[-1] = (glyphs.cut_right, "dim")
    return ink.joined(cells)


def phase_sign(kind: str, lane: RunPhases, glyphs: Glyphs) -> tuple[str, str]:
    """Return the sign of a phase and its colour role. The opened run is brighter than the others, if it failed or runs."""
    status = lane.run.status_class
    if kind == QUEUED:
        return glyphs.track, QUEUED if lane.own else "dim"
    if kind != RUNNING:
        return glyphs.unsure, "dim"
    if lane.own and status in (FAILED, RUNNING):
        return glyphs.call, status
    return glyphs.call, _ROLES.get(status, "area-plain")


def legend(lanes: Sequence[RunPhases], glyphs: Glyphs) -> list[Line]:
    """Return what the signs of these bars mean, each with its word."""
    entries = [(glyphs.track, QUEUED, QUEUED)]
    for status, role in _ROLES.items():
        if any(lane.run.status_class == status for lane in lanes):
            own = status == FAILED and any(lane.own and lane.run.status_class == FAILED for lane in lanes)
            entries.append((glyphs.call, FAILED if own else role, status))
    return [(Span(sign, role), Span(f" {word}", "dim")) for sign, role, word in entries]


def _end(lane: RunPhases, phases: Phases, glyphs: Glyphs, now: float) -> tuple[float, str, str] | None:
    """Return the time of the right end of a bar, its sign and colour role. Active runs end now. None: the time is unknown."""
    status = lane.run.status_class
    if lane.run.active:
        latest = max((stretch.until for stretch in phases.parts), default=now)
        return max(now, latest), glyphs.right, status
    return None if phases.ended is None else (phases.ended, glyphs.status[status], status)
