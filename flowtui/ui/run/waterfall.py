"""The spans of a run as a waterfall: nested names, bars on one time axis, durations, tokens and errors. Pure.

The Timeline tab shows all spans, the Why tab those around the one that failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.messages.evidence import Evidence
from flowtui.model.messages.opened import Loaded
from flowtui.model.run.row import FAILED, QUEUED, Run
from flowtui.model.spans.trace_span import AGENT, MODEL, OTHER, TraceSpan
from flowtui.model.spans.tree import SpanTree, TreeRow
from flowtui.model.timeline import phases
from flowtui.ui.paint import ink, time_axis
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext, trouble_lines
from flowtui.ui.run.span_bars import SpanWindow, bar, queue_bar, window_over
from flowtui.ui.run.span_sentences import oddity_lines, remark

MAX_ROWS: Final = 150
"""The most spans that are drawn. The first ones, the last ones and those around the failed one are."""

_NEST: Final = 6  # levels above the failed span that the Why tab shows
_BEFORE, _AFTER = 3, 1  # spans that it shows before and after the failed one, and those that contain it
_TOOK: Final = 8  # cells of the duration, with its gap
_TOKENS: Final = 9
_NOTE: Final = 30
_NOTE_FROM: Final = 96  # cells of the pane from which models and types of errors have a column
_TOKENS_FROM: Final = 64
_LEAST_NAME: Final = 8
_MAX_NAME: Final = 36
_LEVELS: Final = 6  # a deeper span is drawn at this level


def timeline_spans(run: Run, loaded: Loaded[Evidence], render: RenderContext) -> list[Line]:
    """Return the section of the Timeline tab with all spans of the run, and what is not as it should be."""
    found, cells = loaded.value, render.cells
    lines: list[Line] = []
    if loaded.trouble:
        lines += trouble_lines("The spans of this run", loaded.trouble, cells)[:-1]
    elif found is None:
        lines.append(ink.line(("Reading its spans …", "dim")))
    unread = [text for text in (found.missing if found else ()) if not text.startswith("messages: ")]
    for text in unread:
        lines += ink.paragraph(f"Not read: {text}", "warn", cells)
    if found is None:
        return [_title("What it did", "", render), *lines]
    tree = found.tree
    shown = _drawn(tree)
    deepest = _LEVELS if any(row.depth > _LEVELS for row in tree.rows) else 0
    body = _chart(run, tree, shown, _read_at(loaded, render), render, brief=False) if shown else []
    if not shown and not unread:
        body = ink.paragraph("The API has no spans of this run.", "dim", cells)
    lines += oddity_lines(found, _read_at(loaded, render), deepest=deepest, run=run, render=render)
    return [_title("What it did", remark(run, found), render, _broken(run, tree, render)), *body, *lines]


def failing_spans(run: Run, found: Evidence, at: float | None, render: RenderContext) -> list[Line]:
    """Return the section of the Why tab with the span that failed, those that contain it, and those beside it.

    No lines if the run has not failed, or no span has. `at`: when the spans were read, by the server's clock.
    """
    tree = found.tree
    if run.status_class != FAILED or tree.broke is None:
        return []
    shown = _around(tree, tree.broke)
    more = len(tree.rows) - len(shown)
    said = (
        f"{len(shown)} of {formatting.plural(len(tree.rows), 'span')}, tab 5 shows all"
        if more
        else remark(run, found)
    )
    return [_title("What it did", said, render), *_chart(run, tree, shown, at, render, brief=True)]


def _around(tree: SpanTree, broke: int) -> list[int]:
    """Return the rows that contain row `broke`, and the nearest ones beside it and beside these."""
    path = tree.path(broke)
    shown = set(path[-_NEST:])
    beside: dict[int | None, list[int]] = {}
    for place, row in enumerate(tree.rows):
        beside.setdefault(row.parent, []).append(place)
    for place in path[-_NEST:]:
        same = beside[tree.rows[place].parent]
        here = same.index(place)
        shown |= {*same[max(0, here - _BEFORE) : here + _AFTER + 1]}
    return sorted(shown)


def _broken(run: Run, tree: SpanTree, render: RenderContext) -> str:
    """Return the sign and the name of the span that failed, as it may be far below; "" if none did."""
    if run.status_class != FAILED or tree.broke is None:
        return ""
    return f"  {render.glyphs.failed} {ink.cut(tree.rows[tree.broke].span.label, _MAX_NAME // 2)}"


def _title(title: str, said: str, render: RenderContext, broken: str = "") -> Line:
    """Return the title of a section, what is said beside it, and a line to the right edge."""
    parts = [(title, "title"), (f"  {said}" if said else "", "dim"), (broken, "failed")]
    head = ink.line(*(part for part in parts if part[0]))
    while ink.width(head) > render.cells:
        head = head[:-1]
    rest = render.cells - ink.width(head) - 1
    return (*head, Span(" "), Span(render.glyphs.track * rest, "track")) if rest > 0 else head


def _read_at(loaded: Loaded[Evidence], render: RenderContext) -> float | None:
    return None if loaded.at is None else loaded.at + render.context.clock_offset


def _drawn(tree: SpanTree) -> list[int]:
    """Return which rows are drawn: all, or of very many the first, the last, and those around the failed one."""
    count = len(tree.rows)
    if count <= MAX_ROWS:
        return list(range(count))
    third = MAX_ROWS // 3
    shown = {*range(third), *range(count - third, count)}
    if tree.broke is not None:
        shown |= {
            *tree.path(tree.broke)[-third // 2 :],
            *range(max(0, tree.broke - third // 2), tree.broke + 1),
        }
    return sorted(shown)


# -- chart -----------------------------------------------------------------------------------------------------


class _Columns(NamedTuple):
    """The widths of the columns in cells; 0: there is none. Each includes its gap."""

    name: int
    bars: int
    tokens: int
    note: int


class _Chart(NamedTuple):
    """What the rows of a chart depend on. `brief`: without the texts of errors, and without saying what is left out."""

    run: Run
    tree: SpanTree
    window: SpanWindow | None
    columns: _Columns
    glyphs: Glyphs
    brief: bool

    def broke(self, place: int) -> bool:
        """Whether the run failed because of this row."""
        return place == self.tree.broke and self.run.status_class == FAILED


class _Figures(NamedTuple):
    """The texts of a row to the right of its bar, and their role."""

    took: str
    tokens: str = ""
    note: str = ""
    role: str = "dim"
    note_role: str = "dim"


def _chart(
    run: Run, tree: SpanTree, shown: Sequence[int], at: float | None, render: RenderContext, *, brief: bool
) -> list[Line]:
    """Return the axis, the row of the queue and the rows `shown`. `at`: when the spans were read."""
    context, glyphs = render.context, render.glyphs
    columns = _columns([tree.rows[place] for place in shown], render.cells - 1)
    own = phases.phases(run, context.now)
    window = window_over(own, tree, at, columns.bars, active=run.active)
    chart = _Chart(run, tree, window, columns, glyphs, brief)
    lines: list[Line] = []
    if window is not None:
        words, rule = time_axis.axis(window.window, context.zone, glyphs, columns.bars)
        notes = _notes_title([tree.rows[place] for place in shown])
        head = _Figures("TOOK", "TOKENS" if columns.tokens else "", notes)
        lines.append(_row(ink.line(" " * columns.name), words, head, columns))
        if not brief:
            lines.append((Span(" " * columns.name), *rule))
        if queued := queue_bar(own, window, glyphs):
            name = ink.line((ink.fit(QUEUED, columns.name), "dim"))
            lines.append(_row(name, queued, _Figures(_took(own.queued)), columns))
    stems = _stems(tree.rows, glyphs)
    before = -1
    for place in shown:
        if place > before + 1 and not brief:
            left = formatting.plural(place - before - 1, "span")
            lines.append(ink.line((f"… {left} between, not drawn", "dim")))
        lines += _span_lines(chart, place, stems[place], render.cells - 1)
        before = place
    if window is not None and window.away:
        side = "before" if window.away < 0 else "after"
        said = f"The times of these spans are {formatting.span(abs(window.away))} {side} the run's: the axis shows theirs."
        lines += ink.paragraph(said, "warn", render.cells)
    return lines


def _columns(rows: Sequence[TreeRow], cells: int) -> _Columns:
    names = max(2 * min(row.depth, _LEVELS) + ink.width([Span(row.span.label)]) for row in rows) + 2
    name = max(_LEAST_NAME, min(names, _MAX_NAME, cells * 3 // 10))
    tokens = _TOKENS if cells >= _TOKENS_FROM and any(row.tokens is not None for row in rows) else 0
    notes = max(ink.width([Span(_note(row.span))]) for row in rows)
    notes = max(notes, len(_notes_title(rows))) if notes else 0
    note = min(notes + 2, _NOTE, cells // 4) if notes and cells >= _NOTE_FROM else 0
    return _Columns(name, max(8, cells - name - _TOOK - tokens - note), tokens, note)


def _notes_title(rows: Sequence[TreeRow]) -> str:
    """Return what the last column has: the models of model calls, the types of errors."""
    kinds = {"ERROR" if row.span.severity else "MODEL" for row in rows if _note(row.span)}
    return " OR ".join(sorted(kinds, reverse=True))


def _row(name: Line, drawn: Line, figures: _Figures, columns: _Columns) -> Line:
    pad = Span(" " * max(0, columns.bars - ink.width(drawn)))
    took, tokens = ink.fit(figures.took, _TOOK, "right"), ink.fit(figures.tokens, columns.tokens, "right")
    spans = [*name, *drawn, pad, Span(took, figures.role), Span(tokens, "dim")]
    if figures.note and columns.note:
        spans.append(Span(f"  {ink.cut(figures.note, columns.note - 2)}", figures.note_role))
    return tuple(spans)


def _span_lines(chart: _Chart, place: int, stem: str, cells: int) -> list[Line]:
    """Return the line of a span, and below it the text of its error."""
    row, columns, window = chart.tree.rows[place], chart.columns, chart.window
    span, broke = row.span, chart.broke(place)
    role = _role(span, broke=broke)
    stem = stem[: max(2, (columns.name - _LEAST_NAME) // 2 * 2)]
    name = (
        Span(stem, "area-plain"),
        Span(ink.fit(span.label, columns.name - 2 - len(stem)), role),
        Span("  "),
    )
    drawn = ink.BLANK
    if window is not None:
        contains = place + 1 < len(chart.tree.rows) and chart.tree.rows[place + 1].parent == place
        drawn = bar(span, window, chart.glyphs, contains=contains, broke=broke)
    tokens = "" if row.tokens is None else f"{formatting.count(row.tokens)}{'+' if row.partial else ''}"
    if span.kind == MODEL and row.tokens is None:
        tokens = UNKNOWN
    took = _span_took(span, window)
    figure_role = "failed" if broke else "text" if role == "removed" else role
    figures = _Figures(took, tokens, _note(span), figure_role, role if span.severity else "dim")
    lines = [_row(name, drawn, figures, columns)]
    text = _error_text(span, with_type=not columns.note)
    if text and not chart.brief:
        lines += ink.paragraph(ink.cut(text, 2 * cells), role, cells, ink.line(" " * len(stem)))
    return lines


def _role(span: TraceSpan, *, broke: bool) -> str:
    if span.severity:
        return "failed" if broke else "removed"
    return "dim" if span.kind in (AGENT, OTHER) else "text"


def _note(span: TraceSpan) -> str:
    """Return the type of the error, or the model without its owner's name."""
    if span.severity:
        return span.error or "error"
    return span.model.rpartition("/")[2] if span.kind == MODEL else ""


def _error_text(span: TraceSpan, *, with_type: bool) -> str:
    if not span.severity:
        return ""
    return ": ".join(text for text in (_note(span) if with_type else "", span.message) if text)


def _span_took(span: TraceSpan, window: SpanWindow | None) -> str:
    """Return the duration of a span; while it goes on, the seconds until it was read, with a plus."""
    if not span.pending:
        return _took(span.seconds)
    if window is None or not window.active or span.start is None:
        return UNKNOWN
    return f"{_took(max(0.0, window.read - span.start))}+"


def _took(seconds: float | None) -> str:
    if seconds is not None and 0 < seconds < 0.095:
        return f"{max(1, round(seconds * 1000))}ms"
    return phases.duration_text(seconds)


def _stems(rows: Sequence[TreeRow], glyphs: Glyphs) -> list[str]:
    """Return what is drawn before the name of each row: lines from the span that contains it."""
    lasts = [True] * (_LEVELS + 1)
    stems: list[str] = []
    for row in rows:
        level = min(row.depth, _LEVELS)
        lasts[level] = row.last
        above = (f"{' ' if lasts[outer] else glyphs.stem} " for outer in range(1, level))
        own = f"{glyphs.corner if row.last else glyphs.branch} " if level else ""
        stems.append("".join(above) + own)
    return stems
