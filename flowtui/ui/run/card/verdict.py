"""The head of the Why tab of a failed run: the reason once, how often it came and to whom, and since when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.formatting import plural
from flowtui.model.answers.reason_news import news_words
from flowtui.model.answers.run.same_reason import SameReason
from flowtui.model.columns.context import Context
from flowtui.model.messages.evidence import Evidence, SpanError, ToolError
from flowtui.model.messages.why import reason_of, show_command
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run
from flowtui.model.timeline.phases import duration_text
from flowtui.ui.charts.columns import trend
from flowtui.ui.charts.scale import largest, round_top
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.card.outcome import when_spans
from flowtui.ui.run.card.reason_words import NEWS_ROLES, times_words
from flowtui.ui.run.rendering import RenderContext
from flowtui.ui.widgets.line_pane import DocLine

_AIRY: Final = 100  # cells from which there are blank lines above and below
_TREND: Final = 14
_TREND_RUNS: Final = 3
"""From so many runs on, it is drawn when they failed."""
_AGENTS: Final = 4
_NAME: Final = 24
_INDENT: Final = (Span("  "),)


def reason_of_run(run: Run, found: Evidence | None, render: RenderContext) -> Reason | None:
    """Return why a run failed: as it is known, else as its evidence says; None if neither does."""
    known = render.context.reasons.get(run.key)
    if known is not None:
        return known
    why = reason_of(found) if found is not None else None
    return None if why is None else why.folded


def verdict_lines(run: Run, found: Evidence | None, render: RenderContext) -> list[DocLine]:
    """Return the head, tinted; without a known reason what was looked at."""
    reason = reason_of_run(run, found, render)
    if reason is None:
        return [DocLine(line) for line in _no_reason(run, found, render)]
    lines = _reason_lines(reason, found, run, render)
    if render.same_reason is not None:
        lines += _often(render.same_reason, render)
    tinted = [DocLine(line, tint=True) for line in lines]
    edge = [DocLine(ink.BLANK, tint=True)] if render.opened and render.cells >= _AIRY else []
    return [*edge, *tinted, *edge]


def _reason_lines(reason: Reason, found: Evidence | None, run: Run, render: RenderContext) -> list[Line]:
    """Return the reason, then what failed and when: on the same line if there is room."""
    cells = render.cells
    sign = ink.line((f"{render.glyphs.failed} ", "failed"))
    where = _where(reason, found, run)
    when = when_spans(run, render.context)
    one = (*sign, Span(reason.text, "failed"), Span("   "), Span(where))
    if ink.width((*one, *when)) + 2 <= cells:
        return [ink.spread(one, when, cells)]
    lines = ink.paragraph(reason.text, "failed", cells, sign)
    room = cells - ink.width(when) - 2
    second = (*_INDENT, Span(ink.cut(where, max(8, room - 2))))
    return [*lines, ink.spread(second, when, cells)]


def _where(reason: Reason, found: Evidence | None, run: Run) -> str:
    """Return what failed and how long after the start: `KeyError in run_python, 8.0s after the start`."""
    cause = found.cause if found is not None else None
    kind = cause.kind if isinstance(cause, SpanError) and cause.kind not in reason.text else ""
    tool = reason.source.removeprefix("tool ") if reason.source.startswith("tool ") else ""
    place = tool or (cause.tool if isinstance(cause, ToolError) else "")
    said = kind or ("tool error" if reason.source.startswith("tool") else "")
    said = " ".join(part for part in (said, f"in {place}" if place else "") if part)
    since = _offset(cause.when if cause is not None else None, run)
    return ", ".join(part for part in (said, since) if part)


def _offset(when: float | None, run: Run) -> str:
    """Return in words how long after the run's start `when` was. If the start is unknown, creation counts.

    "" if one of the times is unknown, or if `when` is earlier.
    """
    if when is None:
        return ""
    if run.started is not None:
        return f"{duration_text(when - run.started)} after the start" if when >= run.started else ""
    if run.created is not None and when >= run.created:
        return f"{duration_text(when - run.created)} after it was created"
    return ""


def _often(same: SameReason, render: RenderContext) -> list[Line]:
    """Return how often the reason came, when, to whom, and whether it is new."""
    context, cells = render.context, render.cells
    parts = [[Span(times_words(same, context), "strong")]]
    first = same.first
    if same.runs >= _TREND_RUNS and first is not None and context.now > first:
        axis = TimeAxis.growing(first, context.now, _TREND)
        values = axis.counts(same.times, first)
        top = round_top(largest(values), "count")
        parts[0] += [Span("  "), *trend(values, "area-failed", top, render.signs)]
    if same.runs > 1:
        parts.append([Span(_agents(same, context))])
    if news := _news(same, context):
        parts.append([Span(news, NEWS_ROLES[same.news.kind])])
    return _flowing(parts, cells)


def _flowing(parts: Sequence[Sequence[Span]], cells: int) -> list[Line]:
    """Return the parts one after the other; one without room on its line begins the next, and a long one is wrapped."""
    lines: list[list[Span]] = []
    for part in parts:
        if lines and ink.width((*lines[-1], *part)) + 3 <= cells:
            lines[-1] += [Span("   "), *part]
        else:
            lines += [[*_INDENT, *line] for line in ink.wrap_spans(part, cells - 2)]
    return [tuple(line) for line in lines]


def _agents(same: SameReason, context: Context) -> str:
    """Return whose runs they are: `checkout 13, billing 9`."""
    shown = same.agents[:_AGENTS]
    parts = [
        f"{ink.cut(context.short_agent(each.key) or formatting.UNKNOWN, _NAME)} {formatting.count(each.runs)}"
        for each in shown
    ]
    left = len(same.agents) - len(shown)
    return ", ".join(parts) + (f" and {left} more" if left else "")


def _news(same: SameReason, context: Context) -> str:
    said = news_words(same.news, same.begin, context.now, context.zone)
    if same.news.kind == "new" and same.ended_before is not None:
        said += f": none in the {plural(same.ended_before, 'run')} of the day before"
    return said


def _no_reason(run: Run, found: Evidence | None, render: RenderContext) -> list[Line]:
    cells = render.cells
    if found is None:
        return []
    if found.missing:
        said = "What could be read gives no reason; the rest could not be read."
        return [*ink.paragraph(said, "warn", cells), ink.line(("r", "key"), (" tries again", "dim"))]
    said = "The API gives no reason: no exception span, no tool error."
    tried = ink.line(("The run with every field of the API:", "dim"))
    command = ink.paragraph(show_command(run), "accent", cells, _INDENT)
    return [*ink.paragraph(said, "warn", cells), tried, *command]
