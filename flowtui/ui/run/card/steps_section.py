"""What a run did: its queue, then its model and tool calls as bars on one axis; the one that failed is red. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.formatting import UNKNOWN, plural
from flowtui.model.messages.evidence import Evidence
from flowtui.model.messages.opened import Opened
from flowtui.model.run.row import FAILED, QUEUED, RUNNING, Run
from flowtui.model.spans.trace_span import TOOL, TraceSpan
from flowtui.model.spans.tree import SpanTree, TreeRow
from flowtui.model.timeline import phases
from flowtui.model.timeline.phases import Phases
from flowtui.ui.charts.scale import round_top
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.card.usual_section import tool_words
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.run.span_bars import SpanWindow, bar, queue_bar, window_over

PAGE_ROWS: Final = 12
"""The most steps on a page; tab 5 has all."""

_NAME: Final = (8, 18)  # least and most cells
_TOOK: Final = 8
_CODE: Final = re.compile(r"\b[45][0-9]{2}\b")
_ERROR: Final = 12
_ERROR_FROM: Final = 52  # cells from which errors have a column


class _Step(NamedTuple):
    """A row: a span, or the phase `running` of a run without known spans."""

    name: str
    bar: Line
    took: str
    role: str = "dim"
    error: str = ""


def steps_section(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    """Return the section with its title."""
    lines = step_lines(opened, render, cells, PAGE_ROWS)
    return [section_line("What it did", tool_words(opened), cells, render.signs), *lines]


def step_lines(opened: Opened, render: RenderContext, cells: int, most: int) -> list[Line]:
    """Return a line of times and at most `most` rows; instead of them, what is not known."""
    run, context = opened.run, render.context.as_known(opened.run)
    found = opened.evidence.value
    tree = found.tree if found is not None else SpanTree()
    own = phases.phases(run, context.now)
    places = _shown(tree, run, most - 1)
    name = _name_cells([tree.rows[place] for place in places], cells)
    errors = _ERROR if cells >= _ERROR_FROM and any(tree.rows[place].span.severity for place in places) else 0
    room = max(8, cells - name - errors - _TOOK)
    at = None if opened.evidence.at is None else opened.evidence.at + context.clock_offset
    window = _window(run, tree, at, room, context.now)
    if window is None:
        return ink.paragraph("The API gives no time of this run, so there is nothing to draw.", "dim", cells)
    lines = [_times(window, render, name, room)]
    if queued := queue_bar(own, window, render.glyphs):
        lines.append(_row(_Step(QUEUED, queued, phases.duration_text(own.queued)), name, room, errors))
    steps = [_span_step(tree, place, run, window, render) for place in places] or _phase(
        run, own, window, render
    )
    lines += [_row(step, name, room, errors) for step in steps]
    return [*lines, *_remarks(opened, found, len(tree.rows) and _calls(tree) - len(places), render, cells)]


def _window(run: Run, tree: SpanTree, at: float | None, cells: int, now: float) -> SpanWindow | None:
    """Return the window of the steps. That of a run that goes on ends at a round time after its begin, so that bars grow in it."""
    if not run.active:
        return window_over(phases.phases(run, now), tree, at, cells, active=False)
    began = run.started if run.started is not None else run.created
    end = now if began is None or began > now else began + round_top(now - began, "seconds")
    window = window_over(phases.phases(run, max(now, end)), tree, at, cells, active=True)
    return window and window._replace(read=min(window.read, now), until=min(window.until, now))


def _name_cells(rows: Sequence[TreeRow], cells: int) -> int:
    widest = max((ink.width([Span(row.span.label)]) for row in rows), default=0) + 2
    return max(_NAME[0] + 2, min(widest, _NAME[1], cells // 3))


def _is_call(tree: SpanTree, place: int) -> bool:
    """Whether a row is a step of its own: it contains no other, or the run failed in it."""
    inner = place + 1 < len(tree.rows) and tree.rows[place + 1].parent == place
    return not inner or place == tree.broke


def _calls(tree: SpanTree) -> int:
    return sum(_is_call(tree, place) for place in range(len(tree.rows)))


def _shown(tree: SpanTree, run: Run, most: int) -> list[int]:
    """Return the rows of the steps to draw; of too many the first ones and the last ones, with the one that failed."""
    places = [place for place in range(len(tree.rows)) if _is_call(tree, place)]
    if len(places) <= most:
        return places
    most = max(1, most - 1)  # a line says how many are left out
    first = most // 3
    kept = [*places[:first], *places[len(places) - (most - first) :]]
    if run.status_class == FAILED and tree.broke is not None and tree.broke not in kept:
        kept[first - 1 if first else 0] = tree.broke
    return sorted(kept)


def _times(window: SpanWindow, render: RenderContext, name: int, room: int) -> Line:
    """Return the first and the last time of the axis."""
    shown, zone = window.window, render.context.zone
    first = formatting.clock(shown.start, zone)
    last = formatting.clock(shown.start + shown.step * (shown.cells - 2), zone)
    gap = room - 2 - len(first) - len(last)
    text = first if gap < 2 or first == last else f"{first}{' ' * gap}{last}"
    return ink.line(" " * name, (text, "dim"))


def _span_step(tree: SpanTree, place: int, run: Run, window: SpanWindow, render: RenderContext) -> _Step:
    span = tree.rows[place].span
    broke = place == tree.broke and run.status_class == FAILED
    drawn = bar(span, window, render.glyphs, contains=False, broke=broke)
    role = "failed" if broke else "text" if span.severity else "dim"
    return _Step(span.label, drawn, _took(span, window), role, _error(span))


def _error(span: TraceSpan) -> str:
    """Return a short word for the error of a span: its HTTP status, else its type."""
    if not span.severity:
        return ""
    code = _CODE.search(span.message)
    return code.group() if code else (span.error.rpartition(".")[2] or "error")


def _took(span: TraceSpan, window: SpanWindow) -> str:
    if not span.pending:
        return _short(span.seconds)
    if not window.active or span.start is None:
        return UNKNOWN
    return f"{_short(max(0.0, window.read - span.start))}+"


def _short(seconds: float | None) -> str:
    if seconds is not None and 0 < seconds < 0.095:
        return f"{max(1, round(seconds * 1000))}ms"
    return phases.duration_text(seconds)


def _phase(run: Run, own: Phases, window: SpanWindow, render: RenderContext) -> list[_Step]:
    """Return the row of the time that a run without known spans ran."""
    part = next((each for each in own.parts if each.kind != QUEUED), None)
    if part is None:
        return []
    failed = run.status_class == FAILED and part.kind == RUNNING
    span = TraceSpan("", "", TOOL, RUNNING, part.since, part.until, severity=int(failed))
    drawn = bar(span, window, render.glyphs, contains=False, broke=failed)
    word = "not known" if part.kind != RUNNING else "ran" if run.terminal else RUNNING
    return [_Step(word, drawn, _short(own.running), "failed" if failed else "dim")]


def _row(step: _Step, name: int, room: int, errors: int) -> Line:
    strong = step.role == "failed"
    pad = Span(" " * max(0, room - ink.width(step.bar)))
    spans = [Span(ink.fit(ink.cut(step.name, name - 2), name), step.role), *step.bar, pad]
    if errors:
        spans.append(
            Span(ink.fit(f" {step.error}" if step.error else "", errors), "failed" if strong else "removed")
        )
    spans.append(Span(ink.fit(step.took, _TOOK, "right"), step.role))
    return tuple(spans)


def _remarks(
    opened: Opened, found: Evidence | None, left: int, render: RenderContext, cells: int
) -> list[Line]:
    """Return what is not drawn, or not known."""
    if opened.evidence.trouble:
        return ink.paragraph(f"Its spans could not be read: {opened.evidence.trouble}", "bad", cells)
    if left > 0:
        return [ink.line((f"{plural(left, 'step')} more, ", "dim"), ("5", "key"), (" shows all", "dim"))]
    if found is None:
        if opened.run.placeholder:
            return [ink.line(("It has no id, so nothing more can be read.", "dim"))]
        said = "Reading its spans …" if render.opened else "press enter for its steps"
        return [ink.line((said, "dim"))]
    if not found.tree.rows:
        lacking = any(text.startswith("spans:") for text in found.missing)
        said = "Its spans could not be read." if lacking else "The API has no spans of this run."
        return [ink.line((said, "dim"))]
    return []
