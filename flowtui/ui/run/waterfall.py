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
from flowtui.ui.run.span_bars import bar, queue_bar, window_over
from flowtui.ui.run.span_sentences import oddity_lines, remark

MAX_ROWS: Final = 150
"""The most spans that are drawn. The first ones, the last ones and those around the failed one are."""

_NEAR: Final = 3  # spans before and after the failed one that the Why tab shows beside it
_TOOK: Final = 8  # cells of the duration, with its gap
_TOKENS: Final = 9
_NOTE: Final = 30
_NOTE_FROM: Final = (
    96  # cells of the pane from which models and errors have a column; below, errors have a line
)
_TOKENS_FROM: Final = 64
_LEAST_NAME: Final = 8
_MAX_NAME: Final = 36
_LEVELS: Final = 6  # a deeper span is drawn at this level


class _Columns(NamedTuple):
    """The widths of the columns in cells; 0: there is none. Each includes its gap."""

    name: int
    bars: int
    tokens: int
    note: int


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
        return [_title("What it did", "", cells), *lines]
    tree = found.tree
    shown = _drawn(tree)
    deepest = _LEVELS if any(row.depth > _LEVELS for row in tree.rows) else 0
    body = _chart(run, tree, shown, _read_at(loaded, render), render) if shown else []
    if not shown and not unread:
        body = ink.paragraph("The API has no spans of this run.", "dim", cells)
    lines += oddity_lines(found, _read_at(loaded, render), deepest=deepest, run=run, render=render)
    return [_title("What it did", remark(found), cells), *body, *lines]


def failing_spans(run: Run, found: Evidence, at: float | None, render: RenderContext) -> list[Line]:
    """Return the section of the Why tab with the span that failed, those that contain it, and those beside it.

    No lines if the run has not failed, or no span has. `at`: when the spans were read, by the server's clock.
    """
    tree = found.tree
    if run.status_class != FAILED or tree.broke is None:
        return []
    around = tree.path(tree.broke)
    beside = [place for place, row in enumerate(tree.rows) if row.parent == tree.rows[tree.broke].parent]
    here = beside.index(tree.broke)
    shown = sorted({*around, *beside[max(0, here - _NEAR) : here + _NEAR + 1]})
    more = len(tree.rows) - len(shown)
    said = (
        f"{len(shown)} of {formatting.plural(len(tree.rows), 'span')}, 5 shows all" if more else remark(found)
    )
    return [
        _title("Where it broke", said, render.cells),
        *_chart(run, tree, shown, at, render, gaps=False),
    ]


def _title(title: str, said: str, cells: int) -> Line:
    head = ink.line((title, "title"), (f"  {said}" if said else "", "dim"))
    rest = cells - ink.width(head) - 1
    return (*head, Span(" "), Span("─" * rest, "track")) if rest > 0 else head


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


def _chart(
    run: Run,
    tree: SpanTree,
    shown: Sequence[int],
    at: float | None,
    render: RenderContext,
    *,
    gaps: bool = True,
) -> list[Line]:
    """Return the axis, the row of the queue and the rows of spans. `gaps`: whether to say how many spans are left out."""
    context, glyphs = render.context, render.glyphs
    rows = [tree.rows[place] for place in shown]
    columns = _columns(rows, render.cells)
    own = phases.phases(run, context.now)
    window = window_over(run, own, tree, at, columns.bars, context.now)
    lines: list[Line] = []
    if window is None:
        lines.append(_head(ink.BLANK, columns, dated=False))
    else:
        words, rule = time_axis.axis(window.window, context.zone, glyphs, columns.bars)
        lines += [(Span(" " * columns.name), *words), _head(rule, columns, dated=True)]
        queued = queue_bar(own, window, glyphs)
        if queued and tree.rows:
            took = _took(own.queued)
            lines.append(
                _row(ink.line((ink.fit(QUEUED, columns.name), "dim")), queued, took, "", "", columns, "dim")
            )
    stems = _stems(tree.rows, glyphs)
    before = -1
    for place in shown:
        if gaps and place > before + 1:
            left = formatting.plural(place - before - 1, "span")
            lines.append(ink.line((f"… {left} between, not drawn", "dim")))
        broke = place == tree.broke and run.status_class == FAILED
        drawn = ink.BLANK
        if window is not None:
            contains = place + 1 < len(tree.rows) and tree.rows[place + 1].parent == place
            drawn = bar(tree.rows[place].span, window, glyphs, contains=contains, broke=broke)
        read = None if window is None else window.read
        lines += _span_lines(tree.rows[place], stems[place], drawn, read, columns, render, broke=broke)
        before = place
    return lines


def _columns(rows: Sequence[TreeRow], cells: int) -> _Columns:
    names = max(_indent(row) + ink.width([Span(row.span.label)]) for row in rows) + 2
    name = max(_LEAST_NAME, min(names, _MAX_NAME, cells * 3 // 10))
    tokens = _TOKENS if cells >= _TOKENS_FROM and any(row.tokens is not None for row in rows) else 0
    notes = [ink.width([Span(_note(row.span))]) for row in rows if _note(row.span)]
    note = min(max(notes) + 2, _NOTE, cells // 4) if notes and cells >= _NOTE_FROM else 0
    return _Columns(name, max(8, cells - name - _TOOK - tokens - note), tokens, note)


def _head(rule: Line, columns: _Columns, *, dated: bool) -> Line:
    pad = Span(" " * max(0, columns.bars - ink.width(rule)))
    took = ink.fit("took" if dated else "", _TOOK, "right")
    tokens = ink.fit("tokens" if columns.tokens else "", columns.tokens, "right")
    return (Span(" " * columns.name), *rule, pad, Span(f"{took}{tokens}", "dim"))


def _row(
    name: Line,
    drawn: Line,
    took: str,
    tokens: str,
    note: str,
    columns: _Columns,
    role: str,
    note_role: str = "dim",
) -> Line:
    pad = Span(" " * max(0, columns.bars - ink.width(drawn)))
    figures = ink.fit(took, _TOOK, "right"), ink.fit(tokens, columns.tokens, "right")
    spans = [*name, *drawn, pad, Span(figures[0], role), Span(figures[1], "dim" if role == "text" else role)]
    if note and columns.note:
        spans.append(Span(f"  {ink.cut(note, columns.note - 2)}", note_role))
    return tuple(spans)


def _span_lines(
    row: TreeRow,
    stem: str,
    drawn: Line,
    read: float | None,
    columns: _Columns,
    render: RenderContext,
    *,
    broke: bool,
) -> list[Line]:
    """Return the line of a span, and in narrow panes a line with its error."""
    span = row.span
    role = "failed" if broke else "removed" if span.severity else _role(span)
    stem = ink.fit(stem, min(len(stem), max(0, columns.name - _LEAST_NAME)))
    label = ink.fit(span.label, columns.name - 2 - len(stem))
    name = (Span(stem, "track"), Span(f"{label}  ", role))
    number = "" if row.tokens is None else f"{formatting.count(row.tokens)}{'+' if row.partial else ''}"
    if span.kind == MODEL and row.tokens is None:
        number = UNKNOWN
    figure = "failed" if broke else "text" if span.kind not in (AGENT, OTHER) else "dim"
    open_since = read - span.start if span.pending and read is not None and span.start is not None else None
    took = _took(span.seconds, since=open_since)
    noted = _note(span)
    lines = [_row(name, drawn, took, number, noted, columns, figure, role if span.severity else "dim")]
    if span.severity and noted and not columns.note:
        below = Span(" " * min(len(stem) + 2, columns.name))
        lines.append((below, Span(ink.cut(noted, render.cells - ink.width([below])), role)))
    return lines


def _role(span: TraceSpan) -> str:
    return "text" if span.kind not in (AGENT, OTHER) else "dim"


def _note(span: TraceSpan) -> str:
    """Return what the last column says: the error, or the model without its owner's name."""
    if span.severity:
        return ": ".join(text for text in (span.error, span.message) if text) or "error"
    return span.model.rpartition("/")[2] if span.kind == MODEL else ""


def _took(seconds: float | None, *, since: float | None = None) -> str:
    """Return a duration; of a span that goes on, the seconds until it was read, with a plus."""
    if since is not None:
        return f"{_took(max(0.0, since))}+"
    if seconds is not None and 0 < seconds < 0.095:
        return f"{max(1, round(seconds * 1000))}ms"
    return phases.duration_text(seconds)


# -- names -----------------------------------------------------------------------------------------------------


def _indent(row: TreeRow) -> int:
    return 2 * min(row.depth, _LEVELS)


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
