"""The outcomes of the last hours as lines: completed runs up, failed ones down, releases as ticks, sums below. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.answers.recent_runs import Recent
from flowtui.model.run.row import COMPLETED, FAILED
from flowtui.model.state.marks import Mark
from flowtui.model.stats.thread_totals import Sums
from flowtui.ui.charts.columns import Columns, trend, up_and_down
from flowtui.ui.charts.scale import Scales, largest
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.ticks import RELEASE, Tick, name_line, tick_cells
from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.grouping.agent_rows import is_loud
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

_LEAST_CHART, _ROOMY_CHART = 3, 10  # lines of the chart
_MUCH_WASTED: Final = 0.1  # share of the tokens
_GAP: Final = 2
_DAY: Final = 86_400.0  # seconds
_LEAST_TREND: Final = 6  # cells


class OutcomeStyle(NamedTuple):
    """What outcomes need besides the numbers."""

    signs: ChartSigns
    glyphs: Glyphs
    scales: Scales
    zone: tzinfo | None


class Outcomes(NamedTuple):
    """What is shown. `per_minute`: tokens of the last minute, None if unknown; since the start if that `is_short`.

    `more`: lines that are shown where there is room. `brief`: what is shown of them else, even instead of the chart. `complete`: whether
    all threads were read.
    """

    found: Recent
    axis: TimeAxis
    marks: Sequence[Mark]
    per_minute: int | None
    more: Sequence[Line] = ()
    brief: Sequence[Line] = ()
    complete: bool = True
    is_short: bool = False


def outcome_lines(shown: Outcomes, style: OutcomeStyle, lines: int) -> list[Line]:
    """Return at most `lines` lines, as wide as the axis has cells. The sums come first, then the chart, then what is more."""
    if not shown.found.whole.totals.runs:
        return nothing_ended(shown.found, shown.axis, style.zone, complete=shown.complete)[:lines]
    cells = shown.axis.cells
    sums = sum_lines(shown.found.whole, cells, style.glyphs, least=shown.found.least)
    room, pace = lines - len(sums), []
    if room >= len(shown.brief) + _LEAST_CHART + 3:
        pace, room = [_pace(shown, cells)], room - 1
    more = [*shown.brief, *pace]  # of the rows of the table, as what is brief
    if shown.more and room - len(shown.more) >= _ROOMY_CHART:
        more = [*pace, ink.BLANK, *shown.more]
    room -= len(more) - len(pace)
    if room < _LEAST_CHART + 2:
        return [*more, *sums][:lines]
    return [*_chart(shown, style, room), *sums, *more]


def _pace(shown: Outcomes, cells: int) -> Line:
    """Return the tokens of the last minute, or since the start, in words as long as there is room for."""
    number = formatting.short_count(shown.per_minute)
    words = " tok since the start" if shown.is_short else " tok in the last minute"
    if cell_len(number + words) > cells:
        words = " tok since start" if shown.is_short else " tok last minute"
    return ink.line((number, "text"), (words, "dim"))


def nothing_ended(found: Recent, axis: TimeAxis, zone: tzinfo | None, *, complete: bool = True) -> list[Line]:
    """Return what is said instead of a chart: that no run ended in this time, and when the last one did.

    `complete`: whether all threads were read; until then only that no such run is known.
    """
    span = formatting.age(round(axis.until - axis.since - axis.step))
    lines = [
        ink.BLANK,
        ink.line(("No run ended" if complete else "No run is known that ended", "text")),
        ink.line((f"in the last {span}", "dim")),
    ]
    if found.last is None:
        return lines
    passed = axis.until - found.last
    at = "" if passed > _DAY else f"{formatting.clock(found.last, zone)[:5]}, "
    return [*lines, ink.BLANK, ink.line((f"last one {at}{formatting.age(passed)} ago", "dim"))]


def _chart(shown: Outcomes, style: OutcomeStyle, lines: int) -> list[Line]:
    """Return the chart with the names of releases above it and the times below it."""
    found, axis = shown.found, shown.axis
    completed, failed = (known_values(each, shown) for each in (found.completed, found.failed))
    rows = lines - 2
    split = style.scales.split("outcomes", largest(completed), largest(failed), rows)
    ticks = [Tick(mark.at, mark.name, RELEASE) for mark in shown.marks if axis.cell_of(mark.at) is not None]
    cells = tick_cells(axis, ticks)
    drawn = up_and_down(
        Columns(completed, "area-completed"),
        Columns(failed, "area-failed"),
        split.rows,
        split.top,
        style.signs,
        ticks=cells,
    )
    top = (0, formatting.short_count(split.top), "dim")
    times = [
        (axis.cell_of(tick.at) or 0, formatting.clock(tick.at, style.zone)[:5], RELEASE)
        for tick in ticks[-1:]
    ]
    return [name_line(axis, ticks, [top]), *drawn, axis_line(axis, style.zone, names=times)]


def sum_lines(found: Sums, cells: int, glyphs: Glyphs, *, least: bool = False) -> list[Line]:
    """Return two lines: how many runs completed and failed, what they cost, their tokens, and the share that was wasted.

    `least`: some runs may be missing, so each sum is a minimum.
    """
    totals = found.totals
    completed, failed = totals.by_class.get(COMPLETED, 0), totals.failed
    counts = [
        [Span(f"{glyphs.status[COMPLETED]} ", "completed"), _number(completed, least)],
        [Span(f"{glyphs.status[FAILED]} ", "failed" if failed else "dim"), _number(failed, least)],
    ]
    words = (Span(f" {COMPLETED}", "dim"), Span(f" {FAILED}", "dim"))
    for said in (
        [[*count, word] for count, word in zip(counts, words, strict=True)],
        [counts[0], [*counts[1], words[1]]],
        counts,
    ):
        if sum(map(ink.width, said)) + _GAP <= cells:
            break
    money = [] if found.costs is None else [Span(_at_least(found.costs.total.text(), least), "strong")]
    tokens = [Span(_at_least(formatting.short_count(totals.total), least), "text"), Span(" tok", "dim")]
    return [_apart(said, cells), _apart([*([money] if money else []), tokens, _wasted(found)], cells)]


def _wasted(found: Sums) -> list[Span]:
    tokens, total = found.waste.tokens, found.totals.total
    if not total or tokens is None:
        return [Span(f"{formatting.UNKNOWN if None in (tokens, total) else '0%'} wasted", "dim")]
    share = tokens / total
    least = "≥" if found.waste.unreported else ""
    return [Span(f"{least}{formatting.percent(share)} wasted", "warn" if share >= _MUCH_WASTED else "dim")]


def _number(count: int, least: bool) -> Span:
    said = f"{count:,}" if count or not least else formatting.UNKNOWN  # at least 0 is not known
    return Span(_at_least(said, least), "strong" if count else "dim")


def _at_least(text: str, least: bool) -> str:
    return f"≥{text}" if least and text != formatting.UNKNOWN and not text.startswith("≥") else text


def outcome_line(shown: Outcomes, style: OutcomeStyle, cells: int, words: str) -> Line:
    """Return one line for a screen without a left column: the failed runs over time, their share and the cost."""
    found, totals = shown.found, shown.found.whole.totals
    if not totals.runs and shown.complete:
        return (Span(ink.cut(f"no run ended in {words}", cells), "dim"),)
    share = totals.failed / totals.ended if totals.ended else None
    role = "failed" if is_loud(totals) else "text"
    said = [Span(f" {formatting.percent(share)}", role), Span(f" of {words.removeprefix('last ')}", "dim")]
    costs = found.whole.costs
    money = [] if costs is None else [Span(f"  {_at_least(costs.total.text(), found.least)}", "strong")]
    for right in ([*said, *money], said):
        room = cells - ink.width(right) - len("failed ")
        if room < _LEAST_TREND:
            continue
        failed = known_values(found.failed, shown)[-room:]
        top = style.scales.top("failed", largest(failed), "count")
        return (Span("failed ", "dim"), *trend(failed, "area-failed", top, style.signs), *right)
    return tuple(said) if ink.width(said) <= cells else ink.BLANK


def known_values(counts: Sequence[int], shown: Outcomes) -> Sequence[float | None]:
    """Return the runs in each cell of the axis: as many as are known; None where no run is known, but there may be some."""
    known = shown.axis.known(counts, shown.found.known_since)
    return [count or value for count, value in zip(counts, known, strict=True)]


def _apart(parts: Sequence[Sequence[Span]], cells: int) -> Line:
    """Return the parts side by side, the last one at the right end; what does not fit is left out from the left but one."""
    shown = list(parts)
    while len(shown) > 1 and sum(map(ink.width, shown)) + _GAP * (len(shown) - 1) > cells:
        shown.pop(-2 if len(shown) > 2 else 0)
    spans: list[Span] = []
    for place, part in enumerate(shown):
        if place and place == len(shown) - 1:
            spans.append(Span(" " * max(_GAP, cells - ink.width(spans) - ink.width(part))))
        elif place:
            spans.append(Span(" " * _GAP))
        spans += part
    return tuple(spans)
