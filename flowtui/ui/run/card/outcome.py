"""The head of the card: the outcome of the run with its reason, how often that came, and what looks wrong. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from flowtui import formatting
from flowtui.model.columns.columns import trouble
from flowtui.model.columns.context import Context, status_phrase
from flowtui.model.messages.evidence import Evidence
from flowtui.model.messages.opened import Opened
from flowtui.model.run.detail import inference
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, RUNNING, Run
from flowtui.model.spans.trace_span import AGENT, OTHER
from flowtui.model.state.marks import release_of
from flowtui.model.timeline.phases import duration_text
from flowtui.text import safe_text, short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.run.card.reason_words import often_spans
from flowtui.ui.run.card.usual_section import unusual_spans
from flowtui.ui.run.rendering import RenderContext

_GAP: Final = Span("  ")
_WIDE: Final = 100
"""Least cells for agent, release and thread at the right end."""


def head_lines(opened: Opened, render: RenderContext) -> list[Line]:
    """Return the outcome in two lines, and further lines for what looks wrong."""
    run, context, cells = opened.run, render.context, render.cells
    wide = render.rows is None and cells >= _WIDE
    when = when_spans(run, context)
    first, second = _first(opened, render), _second(opened, render, cells - ink.width(when) - 4)
    if not wide and ink.width([*first, *when]) + 2 > cells:  # the reason is worth more than a time
        return [*_without_time(first, second, when, render), *trouble_spans(run, context, cells)]
    lines = [_ends(first, whose_spans(run, context) if wide else when, cells)]
    if second or wide:
        lines += _below(second, when if wide else [], render)
    return [*lines, *trouble_spans(run, context, cells)]


def _below(second: list[Span], right: list[Span], render: RenderContext) -> list[Line]:
    """Return what is said below the outcome: on a page the whole of it, in a pane one line."""
    cells = render.cells
    room = cells - 2 - (ink.width(right) + 4 if right else 0)
    if render.rows is not None or ink.width(second) <= room:
        return [_ends([_GAP, *second], right, cells)]
    lines: list[list[Span]] = []
    for blank, part in groupby(second, key=lambda span: span.text.isspace()):
        said = list(part)
        if blank:
            continue
        if lines and ink.width([*lines[-1], *said]) + 3 <= room:
            lines[-1] += [Span("   "), *said]
        else:
            lines += map(list, ink.wrap_spans(said, room))
    return [_ends([_GAP, *lines[0]], right, cells), *((_GAP, *line) for line in lines[1:])]


def _without_time(
    first: list[Span], second: list[Span], when: list[Span], render: RenderContext
) -> list[Line]:
    """Return the outcome without a time beside it: on a page the reason is wrapped, and the time is on the second line."""
    cells = render.cells
    if render.rows is not None:
        return [ink.cut_line(first, cells), ink.cut_line([_GAP, *second], cells)]
    lines = ink.paragraph(first[-1].text, first[-1].role, cells, tuple(first[:-1]))
    told = [_GAP, *second] if second else []
    if ink.width([*told, *when]) + 2 <= cells:
        return [*lines, ink.spread(told, when, cells)]
    return [*lines, *((_GAP, *line) for line in ink.wrap_spans(second, cells - 2)), (_GAP, *when)]


def trouble_spans(run: Run, context: Context, cells: int) -> list[Line]:
    """Return what the user has asked for and what looks wrong, as in the table's note; no lines if there is neither."""
    said = trouble(run, context)
    role = "warn" if run.active else "bad" if run.status_class == FAILED else "other"
    return ink.paragraph(said, role, cells, (_GAP,)) if said else []


def status_spans(run: Run, render: RenderContext) -> list[Span]:
    """Return the sign and the word of the run's status."""
    role = "failed" if run.status_class == FAILED else run.status_class
    return [Span(f"{render.glyphs.status[run.status_class]} {status_phrase(run)}", role)]


def whose_spans(run: Run, context: Context) -> list[Span]:
    """Return whose run it is: agent, release, thread."""
    agent = context.short_agent(run.agent_id)
    release = release_of(run, context.marks)
    spans = [Span(ink.cut(agent, 28), "strong")] if agent else []
    spans += [Span(f"   {ink.cut(release, 24)}", "other")] if release else []
    return [*spans, Span(f"   {ink.cut_id(context.short_thread(run.thread_key), 20)}", "dim")]


def when_spans(run: Run, context: Context) -> list[Span]:
    """Return when the run ended, or for an active one since when it is what it is; by the server's clock, as on all axes."""
    seen = context.known_at(run)
    if seen is not None:
        return [Span(formatting.as_of(seen, context.now - context.clock_offset, context.zone), "warn")]
    if run.active:
        at = run.started if run.status_class == RUNNING else run.created
        return [] if at is None else [Span(f"since {formatting.clock(at, context.zone)}", "dim")]
    ended = run.ended if run.terminal else run.created
    if ended is None:
        return []
    ago, date = formatting.shown_age(ended, context.now), formatting.day(ended, context.zone)
    day = f"{date} " if date != formatting.day(context.now, context.zone) else ""
    clock = f"{day}{formatting.clock(ended, context.zone)}"
    return [Span(clock), Span(f"  {ago} ago", "dim")]


def _ends(left: list[Span], right: list[Span] | tuple[Span, ...], cells: int) -> Line:
    """Return a line with texts at both ends; the left one is cut before the right one is left out."""
    room = cells - ink.width(right) - 2 if right else cells
    if room < cells // 2:
        right, room = (), cells
    shown = ink.cut_line(left, room)
    return ink.spread(shown, right, cells) if right else tuple(shown)


# -- the first line --------------------------------------------------------------------------------------------


def _first(opened: Opened, render: RenderContext) -> list[Span]:
    run, context = opened.run, render.context
    spans = [*status_spans(run, render), _GAP]
    if run.status_class == FAILED:
        return [*spans, *_reason(opened, render)]
    if run.active:
        return [*spans, *_going_on(opened, context)]
    return [*spans, _ended(run, context)]


def _going_on(opened: Opened, context: Context) -> list[Span]:
    """Return for how long the run is what it is, and what it does or waits for."""
    run, known = opened.run, context.as_known(opened.run)
    if run.status_class == RUNNING:
        return [Span(formatting.duration(run.duration(known.now)), "strong"), *_step(opened.evidence.value)]
    return [Span(formatting.span(run.wait(known.now)), "strong"), *_holder(run, context)]


def _ended(run: Run, context: Context) -> Span:
    """Return how long the run took, or that its end is not known."""
    if run.placeholder:
        return Span("the server sent it without an id")
    if run.status_class == COMPLETED:
        return Span(f"in {duration_text(run.duration(context.now))}", "strong")
    if run.status_class == CANCELLED:
        took = duration_text(run.duration(context.now))
        return Span("before it started" if run.started is None else f"after {took}", "strong")
    return Span("its status is not one that the API documents" if run.status else "no status was sent")


def _reason(opened: Opened, render: RenderContext) -> list[Span]:
    text = render.context.reason_text(opened.run.key)
    if text:
        return [Span(text, "strong")]
    found = opened.evidence.value
    if found is not None and found.cause is None:
        said = (
            "not all could be read, and the rest gives no reason"
            if found.missing
            else "the API gives no reason"
        )
        return [Span(said, "dim")]
    return [Span("its reason is not known yet", "dim")]


def _step(found: Evidence | None) -> list[Span]:
    """Return what a running run does now: its innermost span that goes on."""
    if found is None:
        return []
    rows = [row for row in found.tree.rows if row.span.pending and row.span.kind not in (AGENT, OTHER)]
    if not rows:
        return []
    return [Span("  in ", "dim"), Span(max(rows, key=lambda row: row.depth).span.label)]


def _holder(run: Run, context: Context) -> list[Span]:
    state = context.threads.get(run.thread_key)
    holder = state.active_run if state is not None else None
    if holder is None or holder == run.raw_id:
        return []
    return [Span("  waits for ", "dim"), Span(short_id(safe_text(holder)))]


# -- the second line -------------------------------------------------------------------------------------------


def _second(opened: Opened, render: RenderContext, room: int) -> list[Span]:
    """Return what else is to say, in `room` cells if it can be said shorter."""
    run, context = opened.run, render.context
    spans: list[Span] = []
    if run.status_class == FAILED:
        spans += _where(opened, render)
    if note := inference(run):
        spans += [_GAP, Span(note, "other")]
    if run.status_class == FAILED and render.same_reason is not None:
        spans += [Span("   ")] if spans else []
        spans += often_spans(render.same_reason, run, context, room - ink.width(spans))
    if run.status_class != FAILED:
        usual = unusual_spans(run, context.as_known(run))
        spans += [_GAP, *usual] if spans and usual else usual
    if run.active and run.expires is not None and run.expires > context.now:
        left = f"expires in {formatting.span(run.expires - context.now)}"
        spans.append(Span(f", {left}" if spans else left, "dim"))
    return spans[1:] if spans[:1] in ([_GAP], [Span("   ")]) else spans


def _where(opened: Opened, render: RenderContext) -> list[Span]:
    """Return what failed, and how long after the start."""
    run = opened.run
    reason = render.context.reasons.get(run.key)
    found = opened.evidence.value
    cause = found.cause if found is not None else None
    parts = []
    if reason is not None and reason.source:
        parts.append(
            f"in {reason.source.removeprefix('tool ')}" if reason.source != "model" else "in the model call"
        )
    when = cause.when if cause is not None else None
    start = run.started if run.started is not None else run.created
    if when is not None and start is not None and when >= start:
        word = "the start" if run.started is not None else "it was created"
        parts.append(f"{duration_text(when - start)} after {word}")
    elif (taken := run.duration(render.context.now)) is not None:
        parts.append(f"after {duration_text(taken)}")
    return [Span(", ".join(parts), "dim")] if parts else []
