"""The texts around the lanes: legend, time window, details of the run under the cursor, and runs in the same cell. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import tzinfo

from flowtui import formatting
from flowtui.model.columns.columns import COLUMNS
from flowtui.model.columns.context import Context
from flowtui.model.history.coverage import GAP
from flowtui.model.history.past import UNANSWERED
from flowtui.model.run.row import FAILED, Run
from flowtui.model.timeline.lanes import Segment
from flowtui.model.timeline.time_window import TimeWindow
from flowtui.text import short_id
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.timeline.rows import LaneContext, Row, part_cells


def legend_row(look: LaneContext) -> Row:
    """Return the line that explains the signs of the lanes. Signs for which there is no room are left out."""
    signs, status = look.signs, look.glyphs.status
    ways = {part.how for part in look.unwatched if part_cells(part, look.window)}
    entries = (
        *(((signs.unwatched * 2, "dim", "not watched"),) if GAP in ways else ()),
        *(((signs.unanswered * 2, "bad", "no answer"),) if UNANSWERED in ways else ()),
        (signs.run * 2, "running", "running"),
        *(((signs.behind * 2, "running", "others queued"),) if look.rows == 1 else ()),
        (signs.queue * 2, "dim", "queued"),
        *(((signs.queues * 2, "dim", "several queued"),) if look.rows > 1 else ()),
        (signs.crowd[0] + signs.crowd[3] + signs.crowd[-1], "completed", "3 runs or more"),
        (signs.several * 2, "running", "several run")
        if look.by_agent
        else (signs.clash * 2, "bad", "two at once"),
        (status["completed"], "completed", "completed"),
        (status["failed"], "failed", "failed"),
        (status["cancelled"], "cancelled", "cancelled"),
    )
    cells = look.names + 1 + look.window.cells
    spans: list[Span] = [Span("  ")]
    for sign, role, words in entries:
        entry = (Span(sign, role), Span(f" {words}   ", "dim"))
        if ink.width((*spans, *entry)) <= cells + 3:
            spans += entry
    return Row(tuple(spans))


def window_words(window: TimeWindow, now: float, zone: tzinfo | None) -> str:
    """Return the start and the end of the window as text, such as `12:00 – 12:10`. A later end than `now` is shown as `now`.

    Windows shorter than 300 seconds are shown with seconds, times that are not today with their date.
    """
    times = (window.start, max(window.start, min(window.end, now)))
    first, last = (formatting.timestamp(time, zone) for time in times)
    today = formatting.timestamp(now, zone)[:10]
    clock = slice(11, 19) if window.step * window.cells < 300 else slice(11, 16)
    times_only = first[:10] == last[:10] == today
    words = (text[clock] if times_only else f"{text[5:10]} {text[clock]}" for text in (first, last))
    return " – ".join(words)


def detail_line(run: Run, context: Context, glyphs: Glyphs, crowd: str, cells: int) -> Line:
    """Return the details of the run under the cursor in a line of `cells` cells. Less important details are left out first.

    `crowd` is the text about the runs in the same cell (see `crowd_words`), "" for none.
    """

    def text(name: str) -> str:
        return COLUMNS[name].shown(run, context)

    note = text("note")
    parts: list[tuple[int, Line]] = [
        (0, ink.line((f" {glyphs.status[run.status_class]} {text('status')}", run.status_class))),
        (0, ink.line("  ", (short_id(run.id), "strong"))),
        (3, ink.line("  ", (text("agent"), "text"))),
        (5, ink.line("  ", (formatting.clock(run.created, context.zone), "dim"))),
        (2, ink.line("  ", ("waited ", "dim"), formatting.span(run.wait(context.now)))),
        (1, ink.line("  ", ("ran ", "dim"), formatting.span(run.duration(context.now)))),
        (6, ink.line("  ", (text("tokens"), "text"), (" tokens", "dim"))),
    ]
    if note:
        parts.append((4, ink.line("  ", (note, "bad" if run.status_class == FAILED else "warn"))))
    right = ink.line((f"{crowd} ", "dim")) if crowd else ink.BLANK
    while sum(ink.width(line) for _, line in parts) + ink.width(right) + 1 > cells and len(parts) > 2:
        if ink.width(right) and len(parts) < 5:
            right = ink.BLANK
        else:
            parts.remove(max(parts, key=lambda part: part[0]))
    return ink.spread([span for _, line in parts for span in line], right, cells)


def crowd_words(segments: Iterable[Segment]) -> str:
    """Return a text about the runs that share a cell, such as `5 runs here: 4 completed, 1 failed`; "" for a single run."""
    counts = Counter(segment.run.status_class for segment in segments)
    total = counts.total()
    if total < 2:
        return ""
    parts = (f"{number} {status}" for status, number in sorted(counts.items()))
    return f"{total} runs here: {', '.join(parts)}"
