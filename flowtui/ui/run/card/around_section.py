"""The runs of the thread around a run on one time axis: queued as a line, running as a bar. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.messages.opened import Opened
from flowtui.model.timeline import phases
from flowtui.model.timeline.phases import RunPhases, duration_text
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.text import short_id
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.phase_bars import legend, phase_sign, window_around
from flowtui.ui.run.rendering import RenderContext

_NAME: Final = 18  # most cells of an id
_TOOK: Final = 8


def around_section(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    """Return the section with its title, which names the thread and the time."""
    run, context = opened.run, render.context.as_known(opened.run)
    thread = ink.cut_id(context.short_thread(run.thread_key), 20)
    state = context.threads.get(run.thread_key)
    own = phases.phases(run, context.now)
    if own.extent is None:
        head = section_line("Around it", thread, cells, render.signs)
        return [head, ink.BLANK, *ink.paragraph("The API gives no time of this run.", "dim", cells)]
    lanes = phases.runs_around(run, state, context.now)[::-1]
    name = min(_NAME, max(ink.width([Span(short_id(lane.run.id))]) for lane in lanes)) + 4
    window = window_around(own.extent, context.now, max(8, cells - name - _TOOK))
    end = window.start + window.step * window.cells
    shown = [lane for lane in lanes if lane.own or _touches(lane, window.start, end)]
    zone = render.context.zone
    said = f"{thread}, {formatting.clock(window.start, zone)} to {formatting.clock(end, zone)}"
    head = section_line("Around it", said, cells, render.signs)
    lines = [head, ink.BLANK, *(_lane(lane, name, window, render) for lane in shown)]
    if len(shown) == 1:
        words = "No other run of the thread is known in this time."
        return [*lines, *ink.paragraph(words, "dim", cells)]
    return [*lines, ink.BLANK, _legend(shown, cells, render)]


def _touches(lane: RunPhases, since: float, until: float) -> bool:
    extent = lane.phases.extent
    return extent is not None and extent[1] >= since and extent[0] <= until


def _lane(lane: RunPhases, name: int, window: TimeWindow, render: RenderContext) -> Line:
    run, glyphs = lane.run, render.glyphs
    role = "strong" if lane.own else "dim"
    took = duration_text(lane.phases.running)
    return (
        Span(f"{glyphs.status[run.status_class]} ", run.status_class),
        Span(ink.fit(ink.cut_id(short_id(run.id), name - 4), name - 2), role),
        *_bar(lane, window, render),
        Span(ink.fit(took, _TOOK, "right"), role),
    )


def _bar(lane: RunPhases, window: TimeWindow, render: RenderContext) -> Line:
    """Return the cells of a run. If two phases share a cell, the later phase is drawn."""
    glyphs = render.glyphs
    cells = [(" ", "dim")] * window.cells
    for kind, since, until in lane.phases.parts:
        sign = phase_sign(kind, lane, glyphs)
        for cell in range(max(0, window.cell(since)), min(window.cells - 1, window.cell(until)) + 1):
            cells[cell] = sign
    extent = lane.phases.extent
    if extent is not None and window.cell(extent[0]) < 0:
        cells[0] = (glyphs.cut_left, "dim")
    if extent is not None and window.cell(extent[1]) >= window.cells:
        cells[-1] = (glyphs.cut_right, "dim")
    return ink.joined(cells)


def _legend(shown: list[RunPhases], cells: int, render: RenderContext) -> Line:
    spans: list[Span] = []
    for each in legend(shown, render.glyphs):
        entry = [Span("   " if spans else ""), *each]
        if ink.width((*spans, *entry)) <= cells:
            spans += entry
    return tuple(spans)
