"""The sections of the brief's page: outcomes by agent, reasons, spend, time, releases, and what is open. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.formatting import UNKNOWN, count, percent
from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.long_runs import LongRun
from flowtui.model.answers.brief.moments import short_time
from flowtui.model.answers.brief.outcomes import AgentOutcomes
from flowtui.model.answers.brief.reason_rows import ReasonRow
from flowtui.model.answers.brief.remarks import (
    amount_words,
    before_words,
    change_words,
    last_words,
    open_words,
    outcome_words,
    reason_words,
    rest_words,
    seen_words,
    spent,
    tokens_words,
    usual_time,
    wasted_words,
)
from flowtui.model.answers.brief.wording import short_name
from flowtui.model.export.brief.released import Released, released
from flowtui.model.gate.logic import FAIL, PASS
from flowtui.text import short_id
from flowtui.ui.brief.items import Item, Style, Target, section
from flowtui.ui.charts.bars import Part, legend, share_bar
from flowtui.ui.charts.columns import trend
from flowtui.ui.charts.scale import largest
from flowtui.ui.charts.time_axis import TimeAxis
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_NUMBERS: Final = (7, 8, 7, 7)  # cells of runs, failed, share, usual
_NAME: Final = (10, 18)  # least and most cells of an agent's name
_LEAST_BAR: Final = 8
_KINDS: Final = (("completed", "completed"), ("failed", "failed"), ("cancelled", "cancelled"))
_TREND: Final = 18  # cells of a reason's small chart
_WIDE: Final = 60  # cells from which on a reason has its chart


def agents_section(brief: Brief, style: Style, most: int) -> list[Item]:
    """Return the outcomes, at most `most` agents."""
    if not brief.agents:
        return []
    ended, failed, usual = outcome_words(brief)
    remark = [Span(f"{ended}, ", "dim"), Span(failed, "bad" if brief.counts.failed else "dim")]
    remark += [Span(f", {usual}", "dim")] if usual else []
    shown = brief.agents[:most]
    name = min(_NAME[1], max(_NAME[0], *(ink.width((Span(one.name),)) for one in shown)))
    bar = style.cells - name - 2 - sum(_NUMBERS)
    bar = bar if bar >= _LEAST_BAR else 0
    widths = [*_NUMBERS]
    if style.cells < name + sum(_NUMBERS):
        widths[0] = 0
    head = [
        ink.fit(title, cells, "right") if cells else ""
        for title, cells in zip(("RUNS", "FAILED", "SHARE", "USUAL"), widths, strict=True)
    ]
    first = ink.fit("AGENT", style.cells - sum(widths))
    items = [section("Outcomes", remark, style), Item((Span(first + "".join(head), "dim"),))]
    items += [Item(_agent(one, style, (name, bar), widths), Target(agent=one.agent_id)) for one in shown]
    more = len(brief.agents) - len(shown)
    key = legend(_KINDS, style.cells - name - 2, style.signs) if bar else ()
    last = [Span(f"and {count(more)} more" if more else "", "dim")]
    if key or more:
        items.append(Item((*ink.joined([(ink.fit(last[0].text, name + 2), "dim")]), *key)))
    return items


def _agent(one: AgentOutcomes, style: Style, sizes: tuple[int, int], widths: Sequence[int]) -> Line:
    name, bar = sizes
    parts = (
        Part(one.completed, "completed"),
        Part(one.failed, "failed", quiet=not one.unusual),
        Part(one.cancelled, "cancelled"),
    )
    role = "strong" if one.unusual else "text"
    drawn = (Span("  "), *share_bar(parts, bar, style.signs)) if bar else ()
    pad = style.cells - name - (bar + 2 if bar else 0) - sum(widths)
    usual = percent(one.usual.share) if one.usual is not None else UNKNOWN
    bad = "bad" if one.unusual else "text"
    cells = (
        (count(one.runs), "text"),
        (count(one.failed), bad),
        (percent(one.share), bad),
        (usual, "dim"),
    )
    numbers = [
        Span(ink.fit(text, size, "right"), kind)
        for (text, kind), size in zip(cells, widths, strict=True)
        if size
    ]
    return (Span(ink.fit(one.name, name), role), *drawn, Span(" " * max(0, pad)), *numbers)


def reasons_section(brief: Brief, style: Style, most: int) -> list[Item]:
    """Return the reasons, new ones first, at most `most`."""
    if not brief.reasons and not brief.unexplained:
        return []
    title = "New failures" if brief.new_reasons else "Failures"
    shown = brief.reasons[:most]
    axis = TimeAxis(brief.data.since, max(brief.data.until, brief.data.since + 1.0), _TREND)
    trends = [axis.counts(row.times, brief.data.since) for row in shown]
    top = max(1.0, largest(*trends))
    items = [section(title, [Span(reason_words(brief), "dim")], style)]
    for row, values in zip(shown, trends, strict=True):
        small = trend(values, "area-failed", top, style.signs) if style.cells >= _WIDE else ()
        items.append(Item(_reason(row, brief, style, small), Target(reason=row.reason)))
    if brief.unexplained:
        said = f"{count(brief.unexplained)}×".rjust(5)
        items.append(Item(ink.line((said, "bad"), ("  no known reason yet", "dim"))))
    return items


def _reason(row: ReasonRow, brief: Brief, style: Style, small: Line) -> Line:
    when = seen_words(row, brief, style.zone)
    left = [
        Span(f"{count(row.runs)}×".rjust(5), "bad"),
        Span(f" {style.signs.release if row.new else ' '} ", "warn"),
    ]
    tail = [
        Span("  "),
        *small,
        Span("  "),
        Span(ink.fit(when, 10, "right"), "warn" if row.over is False else "dim"),
    ]
    room = style.cells - ink.width(left) - ink.width(tail)
    if room < 16:
        return (*left, Span(ink.cut(row.reason.text, style.cells - ink.width(left))))
    return (*left, Span(ink.fit(row.reason.text, room), "strong" if row.new else "text"), *tail)


def spend_section(brief: Brief, style: Style) -> list[Item]:
    """Return what was spent, against the same hours before."""
    found = brief.spending
    if not found.now.runs:
        return []
    now, before = found.now, found.before
    compared = before is not None and before.runs > 0
    spans = [Span(spent(now), "strong")]
    if compared and before is not None:
        spans.append(Span(f"  {spent(before)} before", "dim"))
        if change := change_words(found.change):
            spans.append(Span(f"  {change}", "warn" if (found.change or 0) >= 0.1 else "text"))
    if now.amount is not None:
        spans.append(Span(f"   {tokens_words(now)}", "text"))
    if wasted := wasted_words(now):
        spans.append(Span(f"   {wasted}", "warn" if (now.wasted or 0) >= 0.1 else "dim"))
        if compared and before is not None and before.wasted is not None:
            spans.append(Span(f", {percent(before.wasted)} before", "dim"))
    most: list[Span] = [Span("most", "dim")]
    for one in found.agents[:2]:
        most += [Span(f"  {short_name(one.name)} ", "text"), Span(amount_words(one.now), "strong")]
    if (grown := found.grown) is not None:
        most += [
            Span("   more in ", "dim"),
            Span(f"{short_name(grown.name)} {change_words(grown.change)}", "warn"),
        ]
    waiting = brief.changes is None and brief.data.begin is not None and before is None
    remark = "reading the hours before …" if waiting else before_words(brief)
    target = Target(screen="spend")
    lines = [*ink.flow(spans, style.cells), *ink.flow(most, style.cells)]
    head = section("Spend", [Span(remark, "dim")], style)
    return [head, Item(lines[0], target), *(Item(line) for line in lines[1:])]


def time_section(brief: Brief, style: Style, most: int) -> list[Item]:
    """Return the runs that took and waited longest, at most `most` of each."""
    lists = (("slowest", brief.slowest[:most]), ("queued", brief.waited[:most]))
    items = [
        Item(_long(word if not place else "", one, brief, style), Target(run=one.run.key))
        for word, found in lists
        for place, one in enumerate(found)
    ]
    if not items:
        return []
    return [section("Time", [Span("slowest, and longest in the queue", "dim")], style), *items]


def _long(word: str, one: LongRun, brief: Brief, style: Style) -> Line:
    ended = f"{last_words(one.run.ended, brief, style.zone)}, {one.run.status_class}"
    spans = [
        Span(ink.fit(word, 8), "dim"),
        Span(f"{ink.fit(short_id(one.run.id), 10)} ", "text"),
        Span(ink.fit(brief.data.name(one.run.agent_id), 11), "text"),
        Span(ink.fit(formatting.span(one.seconds), 8, "right"), "warn" if one.unusual else "strong"),
    ]
    for text in (f"  {usual_time(one):<13}", f"  {ended}"):
        if ink.width(spans) + len(text.rstrip()) <= style.cells:
            spans.append(Span(text, "dim"))
    return tuple(spans)


def deployed_section(brief: Brief, style: Style, most: int) -> list[Item]:
    """Return the releases with the verdict of the gate, and changes of configuration, at most `most`."""
    shown = released(brief, most)
    if not shown:
        return []
    items = [_released(one, brief, style) for one in shown]
    more = len(brief.releases) + len(brief.changes or ()) - len(shown)
    remark = f"and changed, {count(more)} more" if more else "and changed" if brief.changes else ""
    return [section("Released", [Span(remark, "dim")] if remark else [], style), *items]


def _released(one: Released, brief: Brief, style: Style) -> Item:
    target = Target(release=one.name) if one.run is None else Target(run=one.run)
    clock, verdict = Span(f"{short_time(one.at, brief.data.now, style.zone)}  ", "dim"), _verdict(one, style)
    room = max(8, style.cells - ink.width([clock, *verdict]) - 2)
    if one.agent:
        line = [clock, Span("config", "warn"), Span("  "), Span(ink.cut(one.agent, max(1, room - 8)))]
    else:
        line = [clock, Span(ink.cut(one.name, room), "other")]
    pad = max(0, style.cells - ink.width([*line, *verdict]))
    return Item((*line, Span(" " * pad), *verdict) if verdict else tuple(line), target)


def _verdict(one: Released, style: Style) -> list[Span]:
    if one.verdict is None:
        return []
    sign, role = {
        PASS: (style.glyphs.status["completed"], "good"),
        FAIL: (style.glyphs.status["failed"], "bad"),
    }.get(one.verdict.word, (style.glyphs.status["queued"], "dim"))
    return [Span(f"{sign} {one.verdict.shown}", role)]


def last_items(brief: Brief, style: Style) -> list[Item]:
    """Return what is still open, and what the brief rests on."""
    active, longer = open_words(brief)
    spans = [Span("Still open  ", "dim"), Span(active, "text")]
    spans += [Span(f"   {longer}", "warn")] if longer else []
    target = Target(run=brief.open.longer[0].run.key) if brief.open.longer else None
    lines = ink.wrap_spans(spans, style.cells)
    rests = ink.paragraph(rest_words(brief), "dim", style.cells)
    return [Item(lines[0], target), *(Item(line) for line in (*lines[1:], *rests))]
