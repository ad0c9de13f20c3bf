"""The Timeline tab: bars of the run and of other runs of its thread, its phases, its observed status changes. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.columns.context import status_word
from flowtui.model.messages.opened import Opened
from flowtui.model.run.row import QUEUED, RUNNING, Run
from flowtui.model.timeline import phases
from flowtui.model.timeline.phases import Phases, RunPhases, StatusHistory, duration_text
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.text import short_id
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink, time_axis
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.phase_bars import bar, legend, window_around
from flowtui.ui.run.rendering import RenderContext, plain
from flowtui.ui.run.waterfall import timeline_spans
from flowtui.ui.widgets.line_pane import DocLine

_TOOK: Final = 9  # cells of the duration at the end of a lane, with its gap
_SIGNS: Final = 4  # cells before the id: pointer and status
_MAX_ID: Final = 18
_LABEL: Final = 10  # cells of the labels below the chart
_BEHIND: Final = 3
_MAX_WORD: Final = 40  # cells of a status or id in a sentence


def timeline_lines(opened: Opened, render: RenderContext) -> list[DocLine]:
    """Return the lines of the Timeline tab."""
    run, now = opened.run, render.context.now
    state = render.context.threads.get(run.thread_key)
    own = phases.phases(run, now)
    lanes = phases.runs_around(run, state, now)[::-1]
    lines = [*timeline_spans(run, opened.evidence, render), ink.BLANK]
    lines += [section_line("Around it", "", render.cells, render.signs)]
    lines += [*_chart(lanes, own, render), *_phases(run, own, render)]
    for other, seconds in phases.waited_behind(run, state, now)[:_BEHIND]:
        text = f"{_cut(short_id(other.id))} ran for {duration_text(seconds)} of that wait"
        lines += _row("behind", text, "dim", render.cells)
    for doubt in own.contradictions:
        lines += ink.paragraph(doubt, "warn", render.cells)
    return plain([*lines, ink.BLANK, *_seen(run, render)])


# -- chart -----------------------------------------------------------------------------------------------------


def _chart(all_lanes: list[RunPhases], own: Phases, render: RenderContext) -> list[Line]:
    """Return the time axis, the bars and the legend; if no time of the run is known, a sentence that says so."""
    if own.extent is None:
        return [*ink.paragraph(_NO_TIMES, "dim", render.cells), ink.BLANK]
    context, glyphs = render.context, render.glyphs
    widest = max(ink.width([Span(short_id(lane.run.id))]) for lane in all_lanes)
    head = _SIGNS + min(widest, _MAX_ID, max(6, render.cells // 5)) + 2
    window = window_around(own.extent, context.now, max(8, render.cells - head - _TOOK))
    words, rule = time_axis.axis(window, context.zone, glyphs, window.cells + _TOOK - 5)  # RAN, and a gap
    date = formatting.timestamp(window.start, context.zone)[:10]
    pad = window.cells - ink.width(words) + _TOOK
    lines = [
        (
            Span(ink.fit(date if len(date) < head else "", head), "dim"),
            *words,
            Span(ink.fit("RAN", pad, "right"), "dim"),
        ),
        (Span(" " * head), *rule),
    ]
    lines += [_lane(lane, head, window, own.extent, render) for lane in all_lanes]
    meaning = [span for each in legend(all_lanes, glyphs) for span in (*each, Span("   "))]
    meaning += [Span(f"{glyphs.right} now   ", "dim"), Span(f"{glyphs.unsure} not known", "dim")]
    return [*lines, ink.BLANK, *map(tuple, ink.wrap_spans(meaning, render.cells)), ink.BLANK]


_NO_TIMES: Final = "The API gives no time of this run, so there is nothing to draw."


def _lane(
    lane: RunPhases, head: int, window: TimeWindow, about: tuple[float, float], render: RenderContext
) -> Line:
    run, glyphs = lane.run, render.glyphs
    start = [
        Span(f"{glyphs.pointer} " if lane.own else "  ", "focus"),
        Span(f"{glyphs.status[run.status_class]} ", run.status_class),
        Span(ink.fit_id(short_id(run.id), head - _SIGNS - 2), "strong" if lane.own else "dim"),
        Span("  "),
    ]
    drawn = bar(lane, window, about, glyphs, render.context.now)
    took = ink.fit(duration_text(lane.phases.running), _TOOK, "right")
    gap = Span(" " * max(0, window.cells - ink.width(drawn)))
    return (*start, *drawn, gap, Span(took, "text" if lane.own else "dim"))


# -- tables ----------------------------------------------------------------------------------------------------


def _phases(run: Run, own: Phases, render: RenderContext) -> list[Line]:
    def between(since: float | None, until: float | None, open_end: str) -> str:
        if since is None and until is None:
            return ""
        return f"{_clock(since, render)} → {open_end if until is None else _clock(until, render)}"

    queue_end = own.started if own.started is not None else own.ended
    waiting = run.status_class == QUEUED
    if own.started is None and own.ended is not None and own.created is not None:
        queued = f"{UNKNOWN:<9}{between(own.created, queue_end, UNKNOWN)}, no start was reported"
    else:
        since = between(own.created, queue_end, "now" if waiting else UNKNOWN)
        queued = f"{duration_text(own.queued):<9}{since}"
    if own.started is None:
        running = f"{UNKNOWN:<9}{'no start was reported' if run.status_class == RUNNING else ''}"
    else:
        since = between(own.started, own.ended, "now" if run.active else UNKNOWN)
        running = f"{duration_text(own.running):<9}{since}"
    lines: list[Line] = []
    for label, text in ((QUEUED, queued), (RUNNING, running)):
        lines += _row(label, text.rstrip(), label if label == run.status_class else "text", render.cells)
    return [*lines, *_end(run, own, render)]


def _end(run: Run, own: Phases, render: RenderContext) -> list[Line]:
    if not run.terminal:
        status = [] if run.active else _row("status", _cut(status_word(run)), run.status_class, render.cells)
        return [*_row("ended", UNKNOWN, "dim", render.cells), *status]
    text = f"{_cut(status_word(run))} {_clock(own.ended, render)}"
    away = -1.0 if own.ended is None else render.context.now - own.ended
    if away >= 0:
        text += f", {formatting.span(away)} ago"
    return _row("ended", text, run.status_class, render.cells)


def _clock(at: float | None, render: RenderContext) -> str:
    """Return a time as time of day, with month and day before it unless it is today."""
    context = render.context
    date, today = (formatting.timestamp(time, context.zone)[:10] for time in (at, context.now))
    clock = formatting.clock(at, context.zone)
    return clock if at is None or date == today else f"{date[5:]} {clock}".lstrip()


def _seen(run: Run, render: RenderContext) -> list[Line]:
    """Return the status changes that flowtui observed. Each happened between two observations, whose times are shown."""
    context, cells = render.context, render.cells
    heading: Line = ink.line(("Seen by flowtui", "title"))
    state = context.threads.get(run.thread_key)
    seen = phases.status_history(run, state, context.clock_offset)
    if seen is None:
        if state is None or not run.terminal:
            said = "No change of this run was seen yet."
        else:
            said = "It had ended before flowtui looked"
            dropped = ", or so many runs changed since that its history was dropped"
            said += f"{dropped if phases.trails_full(state) else ''}."
        return [heading, *ink.paragraph(said, "dim", cells)]
    lines = [heading, *_row("followed" if seen.known else "first", _first(seen, render), "text", cells)]
    for move in seen.status_changes:
        at = _clock(move.at, render)
        when = f"before {at}"
        if move.since is not None:
            apart = duration_text(move.at - move.since)
            when = f"between {_clock(move.since, render)} and {at} ({apart} apart)"
        lines += _row("changed", f"{_named(move.before)} → {_named(move.after)} {when}", "text", cells)
    if not seen.status_changes:
        lines += _row("changed", "not seen yet", "dim", cells)
    return lines


def _first(seen: StatusHistory, render: RenderContext) -> str:
    at = _clock(seen.first, render)
    if seen.known:
        return f"since {at}"
    if seen.status is None:
        return f"seen {at}"
    already = "" if seen.status == QUEUED else "already "
    return f"seen {at}, {already}{_named(seen.status)}"


def _named(status: str) -> str:
    return _cut(status) or "no status"


def _cut(text: str) -> str:
    return ink.cut(text, _MAX_WORD) if len(text) > _MAX_WORD else text


def _row(label: str, text: str, role: str, cells: int) -> list[Line]:
    return ink.paragraph(text, role, cells, ink.line((ink.fit(label, _LABEL), "dim")))
