"""Bars of spans: the time window over a run, and the cells of each bar. Pure.

All times are UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.model.run.row import QUEUED, RUNNING
from flowtui.model.spans.trace_span import AGENT, MODEL, OTHER, TraceSpan
from flowtui.model.spans.tree import SpanTree
from flowtui.model.timeline.phases import Phases
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line
from flowtui.ui.run.phase_bars import MIN_SECONDS

_SLACK: Final = 60.0
"""Seconds by which the window extends at least beyond the run, if spans do; or by the length of the run."""


class SpanWindow(NamedTuple):
    """The time window of a run's spans.

    `read`: when the spans were read: until then it is known that a pending one went on.
    `until`: the end of the run, or now while it goes on.
    `active`: whether it goes on.
    `away`: by how many seconds the spans are later than the run, if none is near it: the window is theirs then; else 0.
    """

    window: TimeWindow
    read: float
    until: float
    active: bool
    away: float = 0.0


def window_over(
    own: Phases, tree: SpanTree, at: float | None, cells: int, *, active: bool
) -> SpanWindow | None:
    """Return the window over a run and its spans; None if no time is known.

    Spans far from the run are not taken in, as the others would shrink to nothing: their bars are cut at the edge. If all
    are far away, as another clock stamped them, the window is theirs. `own`: the phases of the run. `at`: when the spans
    were read; None: unknown. `active`: whether the run goes on.
    """
    times = [time for row in tree.rows for time in (row.span.start, row.span.end) if time is not None]
    extent = own.extent
    if extent is None and not times:
        return None
    slack = 0.0 if extent is None else max(extent[1] - extent[0], _SLACK)
    near = [time for time in times if extent is None or extent[0] - slack <= time <= extent[1] + slack]
    if extent is None or (times and not near):
        first, last = min(times), max(times)
    else:
        first, last = _with_wait(own, extent, near)
    length = max(last - first, MIN_SECONDS)
    window = TimeWindow(
        first, length / max(1, cells - 2), cells
    )  # the last two are for the sign of a failure
    until = last if extent is None or not near else extent[1]
    began = own.started if own.started is not None else first if extent is None else extent[0]
    away = first - began if times and not near else 0.0
    return SpanWindow(window, until if at is None else min(at, until), until, active, away)


def _with_wait(own: Phases, extent: tuple[float, float], near: Sequence[float]) -> tuple[float, float]:
    """Return the first and the last time of the window; of a run that waited longer than it ran, the end of its wait."""
    began = min([extent[0] if own.started is None else own.started, *near])
    first, last = min([extent[0], *near]), max([extent[1], *near])
    return max(first, began - max(last - began, MIN_SECONDS)), last


def queue_bar(own: Phases, shown: SpanWindow, glyphs: Glyphs) -> Line:
    """Return the bar of the time in which the run was queued; an empty line if that is unknown."""
    queue = next((part for part in own.parts if part.kind == QUEUED), None)
    if queue is None or queue.until <= queue.since or shown.away:
        return ink.BLANK
    return _line(shown, (queue.since, queue.until), (glyphs.track, QUEUED), None, glyphs)


def bar(span: TraceSpan, shown: SpanWindow, glyphs: Glyphs, *, contains: bool, broke: bool) -> Line:
    """Return the bar of a span. `contains`: whether other spans are in it. `broke`: whether it is the one that failed."""
    if span.start is None:
        return ink.line((ink.fit("no start time", shown.window.cells), "dim"))
    sign = _sign(span, glyphs, contains=contains, broke=broke)
    end = (glyphs.failed, "failed" if broke else "removed") if span.severity else None
    if span.pending and shown.active:
        drawn = _line(shown, (span.start, shown.read), sign, (glyphs.right, RUNNING), glyphs)
        return _dotted(drawn, shown, shown.read, glyphs)
    if span.end is None:
        return _dotted(_line(shown, (span.start, span.start), sign, end, glyphs), shown, span.start, glyphs)
    return _line(shown, (span.start, span.end), sign, end, glyphs)


def _sign(span: TraceSpan, glyphs: Glyphs, *, contains: bool, broke: bool) -> tuple[str, str]:
    """Return the sign of a bar and its role. A span that only contains others is a thin line."""
    thin = contains and span.kind in (AGENT, OTHER)
    if span.severity:
        role = "failed" if broke else "failed-call"
    elif thin:
        role = "dim"
    else:
        role = "model-call" if span.kind == MODEL else "tool-call"
    return glyphs.track if thin else glyphs.call, role


def _line(
    shown: SpanWindow,
    times: tuple[float, float],
    sign: tuple[str, str],
    end: tuple[str, str] | None,
    glyphs: Glyphs,
) -> Line:
    """Return the cells between two `times`, at least one, with the sign `end` after them, and signs where it is cut."""
    window, (since, until) = shown.window, times
    first = window.cell(since)
    last = max(first, math.ceil((until - window.start) / window.step) - 1)
    cells = [(" ", "dim")] * window.cells
    for cell in range(max(0, first), min(window.cells - 1, last) + 1):
        cells[cell] = sign
    if end is not None and 0 <= last + 1 < window.cells:
        cells[last + 1] = end
    if first < 0:
        cells[0] = (glyphs.cut_left, sign[1])
    if last >= window.cells:
        cells[-1] = (glyphs.cut_right, sign[1])
    return ink.joined(cells)


def _dotted(drawn: Line, shown: SpanWindow, since: float, glyphs: Glyphs) -> Line:
    """Return a bar with dots in the empty cells from `since` to the end of the run: it is not known whether it went on."""
    window = shown.window
    cells = [(char, role) for text, role in drawn for char in text]
    for cell in range(max(0, window.cell(since)), min(window.cells - 1, window.cell(shown.until)) + 1):
        if cells[cell][0] == " ":
            cells[cell] = (glyphs.unsure, "dim")
    return ink.joined(cells)
