"""The values of a run against what is usual: value, track with band and dot, usual range. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN, plural
from flowtui.model.answers.run.usual import (
    COST,
    LEAST,
    TIME,
    TOKENS,
    WAIT,
    AgainstUsual,
    Metric,
    against_usual,
)
from flowtui.model.columns.context import Context
from flowtui.model.messages.opened import Opened
from flowtui.model.run.row import QUEUED, Run
from flowtui.model.spans.trace_span import TOOL
from flowtui.model.timeline import phases
from flowtui.text import short_id
from flowtui.ui.charts.bars import band
from flowtui.ui.charts.section import section_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.rendering import RenderContext

_LABEL: Final = 11
SHORT_LABEL: Final = 7
"""The cells of the names of values in the pane."""
_VALUE: Final = 9
_RANGE: Final = 13
_LEAST_RANGE: Final = 11  # cells of `00:04–00:07`
_TRACK: Final = (6, 22)  # least and most cells
_WORD_FROM: Final = 54  # cells of a value in the pane from which its range is called usual
_USUAL: Final = "usual "
_SHORT_TRACK: Final = 16
_CHEAP: Final = 0.1  # amounts below it have a third decimal
_ROOM: Final = 1.15  # of the largest value, so that no dot is at the very end


def usual_section(opened: Opened, render: RenderContext, cells: int) -> list[Line]:
    """Return the section with its title, which says over which runs."""
    found = against_usual(opened.run, render.context.as_known(opened.run))
    title = section_line("Against usual", basis_words(found, opened.run, render.context), cells, render.signs)
    return [title, ink.BLANK, *usual_lines(found, opened, render, cells)]


def basis_words(found: AgainstUsual, run: Run, context: Context) -> str:
    """Return over which runs something is usual."""
    agent = ink.cut(context.short_agent(run.agent_id), 28)
    if not agent:
        return "no agent is named, so nothing is known to be usual"
    if found.runs < LEAST:
        known = f"only {found.runs}" if found.runs else "none"
        return f"needs {LEAST} completed runs of {agent} before it, {known} known"
    return f"the last {found.runs} runs of {agent} before it that completed"


def usual_lines(
    found: AgainstUsual, opened: Opened, render: RenderContext, cells: int, *, short: bool = False
) -> list[Line]:
    """Return a line for each value, and how many tools were called if the spans are known; not if `short`."""
    lines = [metric_line(each, opened.run, render, cells, short=short) for each in found.metrics]
    return lines if short else [*lines, *_tools(opened)]


def metric_line(metric: Metric, run: Run, render: RenderContext, cells: int, *, short: bool = False) -> Line:
    """Return the line of one value. `short`: with a narrow label, and without what a wait was for."""
    label, room = (SHORT_LABEL, _VALUE - 1) if short else (_LABEL, _VALUE)
    context = render.context
    value = value_text(metric, context)
    role = "dim" if metric.value is None else "warn" if metric.unusual else "strong"
    usual = _USUAL if metric.usual is None or (short and cells >= _WORD_FROM) else ""
    said = _as_in_the_note(metric, run, context) or usual + range_text(metric, context)
    behind = "" if short or metric.name != WAIT else _behind(run, render)
    most = _TRACK[1] if not short else _SHORT_TRACK
    wide = max(_TRACK[0], min(most, cells - label - room - 4 - _RANGE - len(usual)))
    spans = [
        Span(ink.fit(metric.name, label), "dim"),
        Span(ink.fit(value, room, "right"), role),
        Span("  "),
    ]
    top = _ROOM * max(metric.top, metric.usual[1] if metric.usual is not None else 0.0)
    # Without room for both, the range says more than the band, and all lines are alike.
    banded = cells >= label + room + 4 + _TRACK[0] + _LEAST_RANGE
    if metric.usual is not None and banded:
        small = metric.grows or metric.name == WAIT  # a small value is as usual
        spans += [*band(metric.value, metric.usual, top, wide, render.signs, grows=small), Span("  ")]
    spans.append(Span(said, "dim"))
    if behind and ink.width(spans) + len(behind) + 2 <= cells:
        spans.append(Span(f", {behind}", "dim"))
    return ink.cut_line(spans, cells)


def _as_in_the_note(metric: Metric, run: Run, context: Context) -> str:
    """Return how long the runs of the agent usually take, as the note of a running run says it; "" if a range is known.

    That rests on more runs than those before this one in memory.
    """
    known = (
        context.usual.durations.get(run.agent_id) if metric.name == TIME and metric.usual is None else None
    )
    return "" if known is None else f"usually {formatting.duration(known.median)}"


def value_text(metric: Metric, context: Context) -> str:
    """Return the value for the user."""
    value = metric.value
    if value is None:
        return UNKNOWN
    if metric.name == TIME:
        return formatting.duration(value)
    if metric.name == WAIT:
        return phases.duration_text(value) if value < 10 else formatting.age(value)
    if metric.name == COST:
        currency = context.prices.currency if context.prices is not None else ""
        return _money(value, currency, floor=metric.grows)
    number = formatting.count(int(value)) if value < 10**15 else formatting.short_count(value)
    return f"{number}+" if metric.grows else number


def range_text(metric: Metric, context: Context) -> str:
    """Return the usual range: `00:06–00:14`; a dash if it is not known."""
    if metric.usual is None:
        return UNKNOWN
    low, high = metric.usual
    if metric.name == TIME:
        return _joined(formatting.duration(low), formatting.duration(high))
    if metric.name == WAIT:
        ends = [f"{round(each)}s" if each < 60 else formatting.age(each) for each in (low, high)]
        same = ends[0][-1] == ends[1][-1] and ends[0] != ends[1]
        return _joined(ends[0][:-1] if same else ends[0], ends[1])
    if metric.name == TOKENS:
        return _joined(formatting.short_count(low), formatting.short_count(high))
    currency = context.prices.currency if context.prices is not None else ""
    ends = [_money(each, currency) for each in (low, high)]
    sign = re.split(r"\d", ends[1], maxsplit=1)[0]  # the currency is written once
    return _joined(ends[0], ends[1].removeprefix(sign) if ends[0] != ends[1] and sign in ends[0] else ends[1])


def _money(amount: float, currency: str, *, floor: bool = False) -> str:
    return formatting.money(amount, currency, floor=floor, digits=3 if amount < _CHEAP else 2)


def _joined(low: str, high: str) -> str:
    return low if low == high else f"{low}–{high}"


def _behind(run: Run, render: RenderContext) -> str:
    """Return the run that ran longest while this one waited."""
    context = render.context
    state = context.threads.get(run.thread_key)
    waited = run.wait(context.now) or 0.0
    if run.status_class == QUEUED or waited < 1:
        return ""
    found = phases.waited_behind(run, state, context.now)
    return f"behind {ink.cut_id(short_id(found[0][0].id), 18)}" if found and found[0][1] >= waited / 4 else ""


def _tools(opened: Opened) -> list[Line]:
    found = opened.evidence.value
    if found is None or not found.tree.rows:
        return []
    calls = [row.span for row in found.tree.rows if row.span.kind == TOOL]
    failed = sum(bool(span.severity) for span in calls)
    number = f"{len(calls)}{'+' if found.full or opened.run.active else ''}"
    spans: Sequence[tuple[str, str]] = (
        (ink.fit("tool calls", _LABEL), "dim"),
        (ink.fit(number, _VALUE, "right"), "strong"),
        (f"  {failed} of them failed" if failed else "", "dim"),
    )
    return [ink.line(*spans)]


def tool_words(opened: Opened) -> str:
    """Return how many spans and tool calls are known: `7 spans, 3 tool calls`; "" if none."""
    found = opened.evidence.value
    if found is None or not found.tree.rows:
        return ""
    calls = sum(row.span.kind == TOOL for row in found.tree.rows)
    spans = plural(len(found.tree.rows), "span")
    return f"{spans}, {plural(calls, 'tool call') if calls else 'no tool call'}"


def unusual_values(run: Run, context: Context) -> list[Span]:
    """Return the values of a run that are not as usual, with what is, or that all are; nothing if too little is known."""
    unusual, known = _compared(run, context)
    spans: list[Span] = []
    for each in unusual:
        value = f"{each.name} {value_text(each, context)}"
        spans += [
            Span("   " if spans else ""),
            Span(value, "warn"),
            Span(f" usual {range_text(each, context)}", "dim"),
        ]
    return spans or _as_usual(run, known=known)


def _as_usual(run: Run, *, known: bool) -> list[Span]:
    return [Span("as usual" + (" so far" if run.active else ""), "dim")] if known else []


def _compared(run: Run, context: Context) -> tuple[list[Metric], bool]:
    """Return the values that are not as usual, and whether any is known together with what is usual."""
    found = against_usual(run, context)
    known = [each for each in found.metrics if each.value is not None and each.usual is not None]
    return [each for each in known if each.unusual], bool(known)


def unusual_spans(run: Run, context: Context) -> list[Span]:
    """Return which values of a run are not as usual, or that all are; nothing if too little is known."""
    unusual, known = _compared(run, context)
    if not unusual:
        return _as_usual(run, known=known)
    sides = [
        (word, [each.name for each in unusual if each.below == (word == "below")])
        for word in ("above", "below")
    ]
    return [Span(", ".join(f"{' and '.join(names)} {word} usual" for word, names in sides if names), "warn")]
