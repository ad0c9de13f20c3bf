"""The range on one axis: outcomes, how it was watched, what failed when, releases. Pure."""

from __future__ import annotations

from typing import Final

from flowtui.model.answers.brief.brief import Brief
from flowtui.model.answers.brief.inputs import BriefInput
from flowtui.model.answers.brief.outcomes import columns
from flowtui.model.answers.brief.sentence import REASON
from flowtui.model.answers.brief.watched import gaps, outages
from flowtui.model.history.coverage import time_words
from flowtui.model.reasons.reason import Reason
from flowtui.text import shorten_cells
from flowtui.ui.brief.items import Item, Style
from flowtui.ui.charts.columns import Columns, up_and_down
from flowtui.ui.charts.periods import Period, gap_cells, period_line
from flowtui.ui.charts.scale import largest
from flowtui.ui.charts.ticks import Tick, config_ticks, release_line, tick_cells
from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.paint.ink import Line, Span

_LABEL: Final = 14  # cells of the words beside the charts
_SHORT_LABEL: Final = 0
_NAMED: Final = 18  # cells of a tool or reason on the line of what failed


def time_items(brief: Brief, style: Style, rows: int) -> list[Item]:
    """Return the charts over time, `rows` lines of them for outcomes; below 70 cells without words beside them."""
    label = _LABEL if style.cells >= 70 else _SHORT_LABEL
    axis = _axis(brief, style.cells - label)
    ticks = [Tick(one.at, one.name) for one in brief.releases]
    ticks += config_ticks(one.at for one in brief.changes or ())
    made: list[tuple[str, Line]] = [("", axis_line(axis, style.zone))]
    made += _outcomes(brief, style, axis, rows, ticks[: len(brief.releases)])
    made += _watched(brief, style, axis)
    if ticks:
        made.append(("released", release_line(axis, ticks, style.signs)))
    return [Item((Span(f"{word:<{label}}"[:label], "dim"), *line)) for word, line in made]


def _axis(brief: Brief, cells: int) -> TimeAxis:
    data = brief.data
    return TimeAxis(data.since, max(data.until, data.since + 1.0), max(2, cells), live=data.until >= data.now)


def _outcomes(
    brief: Brief, style: Style, axis: TimeAxis, rows: int, ticks: list[Tick]
) -> list[tuple[str, Line]]:
    data = brief.data
    known = _known_since(data)
    found = columns(data, axis.cells)
    up = axis.known([one.completed for one in found], known)
    down = axis.known([one.failed for one in found], known)
    split = style.scales.split("outcomes", largest(up), largest(down), rows)
    lines = up_and_down(
        Columns(up, "area-completed"),
        Columns(down, "area-failed"),
        split.rows,
        split.top,
        style.signs,
        gaps=_gaps(data, axis),
        ticks=tick_cells(axis, ticks),
    )
    words = [""] * len(lines)
    words[0] = f"completed {split.top:,.0f}"[:_LABEL]
    if split.down and len(lines) > split.up:
        words[split.up] = "failed"
    return list(zip(words, lines, strict=True))


def _known_since(data: BriefInput) -> float | None:
    """Return since when all runs of the range are known: remembered, or read from the API; None: without any run."""
    if not data.ended:
        return None
    if data.begin is None:
        return data.ended[0].at
    return max(data.since, min(data.begin, max(data.reach, data.ended[0].at)))


def _gaps(data: BriefInput, axis: TimeAxis) -> list[int]:
    """Return the cells of a time nobody watched, and whose runs were not all read from the API."""
    if data.coverage is None:
        return []
    edges = axis.edges()
    return [cell for cell in gap_cells(axis, data.coverage) if edges[cell] < data.reach]


def _watched(brief: Brief, style: Style, axis: TimeAxis) -> list[tuple[str, Line]]:
    """Return how the range was watched, and when the API or a reason was there; a line only where there is something."""
    made = []
    unseen = [
        Period(part.since, part.until, f"nobody, {time_words(part.seconds)}", "warn", gap=True)
        for part in gaps(brief.data)
        if part.seconds >= 1
    ]
    begin = brief.data.begin
    if begin is not None and begin > brief.data.since:
        unseen.insert(0, Period(brief.data.since, begin, "nothing remembered", "dim", gap=True))
    if brief.data.coverage is not None:
        made.append(("watched", period_line(axis, unseen, style.signs, solid=True)))
    broken = [
        Period(part.since, part.until, f"API {time_words(part.seconds)}", "warn")
        for part in outages(brief.data)
        if part.seconds >= 1
    ]
    broken += [
        Period(
            one.since,
            brief.data.until if one.until is None else one.until,
            shorten_cells(_what(one.reason), _NAMED),
            "bad",
        )
        for one in brief.sentences
        if one.kind == REASON and one.reason is not None
    ]
    if broken:
        made.append(("failing", period_line(axis, sorted(broken), style.signs)))
    return made


def _what(reason: Reason) -> str:
    """Return the tool that failed; if no tool with a name did, the reason."""
    kind, _, name = reason.source.partition(" ")
    return name if kind == "tool" and name else reason.text
