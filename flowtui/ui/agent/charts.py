"""The charts of the agent page on one time axis, with releases and changes of configuration as ticks. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Final, NamedTuple

from flowtui.model.answers.agent.buckets import Bucket
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.usual import COST, FAILED, P50, P95, TOKENS
from flowtui.ui.agent.facts import brief, facts
from flowtui.ui.agent.layout import Layout
from flowtui.ui.agent.words import value_text
from flowtui.ui.charts.columns import Columns, columns, trend
from flowtui.ui.charts.scale import Scales, Unit, largest
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.charts.ticks import RELEASE, Tick, config_ticks, name_line, tick_cells, tick_line
from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_WHOLE: Final = re.compile(r"\.0(?=[kMG]$)")  # the top of a scale is a round number


class ChartStyle(NamedTuple):
    """What charts need besides the page. `currency`: of the prices. `zone`: of all times."""

    signs: ChartSigns
    scales: Scales
    currency: str
    zone: tzinfo | None


class _Chart(NamedTuple):
    """A chart: its name, what is below the name, the metric of its values, and their unit."""

    name: str
    below: str
    metric: str
    unit: Unit
    role: str
    read: Callable[[AgentPage, Bucket], float | None]


_FAILED: Final = _Chart(
    "failed", "share", FAILED, "share", "area-failed-quiet", lambda _, bucket: bucket.numbers.failure_share
)
_P50: Final = _Chart(
    "time", "p50 p95", P50, "seconds", "area-amount-front", lambda _, bucket: bucket.numbers.p50
)
_P95: Final = _Chart("p95", "", P95, "seconds", "area-amount", lambda _, bucket: bucket.numbers.p95)
_TOKENS: Final = _Chart(
    "tokens", "/hour", TOKENS, "count", "area-amount", lambda page, bucket: page.tokens(bucket)
)
_COST: Final = _Chart("cost", "/hour", COST, "amount", "area-amount", lambda page, bucket: page.cost(bucket))


def ticks_of(page: AgentPage) -> list[Tick]:
    """Return the releases and changes of configuration of the range."""
    releases = [Tick(mark.at, mark.name, RELEASE) for mark in page.changes.releases]
    return [*releases, *config_ticks(change.at for change in page.changes.configs)]


class _Drawing(NamedTuple):
    """What is drawn, and how. `wide`: the cells of a bucket. `ticks`: cell → role of releases and changes."""

    page: AgentPage
    plan: Layout
    style: ChartStyle
    wide: int
    ticks: Mapping[int, str]

    def values(self, chart: _Chart) -> list[float | None]:
        """Return the value of each cell."""
        return [
            value for bucket in self.page.buckets for value in [chart.read(self.page, bucket)] * self.wide
        ]

    def gaps(self) -> list[int]:
        """Return the cells of a time nobody watched."""
        return [
            cell
            for place, bucket in enumerate(self.page.buckets)
            if bucket.gap
            for cell in self._cells(place)
        ]

    def unusual(self) -> list[int]:
        """Return the cells in which a larger share failed than is usual."""
        return [cell for place in self.page.unusual for cell in self._cells(place)]

    def _cells(self, place: int) -> range:
        return range(place * self.wide, (place + 1) * self.wide)


def chart_lines(page: AgentPage, plan: Layout, style: ChartStyle, *, priced: bool) -> list[Line]:
    """Return the lines of all charts, as `Layout.height` says. `priced`: there are prices."""
    wide = max(1, plan.chart // page.grid.cells)
    axis = TimeAxis(page.grid.since, page.grid.until, page.grid.cells * wide, live=True)
    ticks = ticks_of(page)
    drawing = _Drawing(page, plan, style, wide, tick_cells(axis, ticks))
    if plan.tiny:
        return [
            _small(chart, drawing) for chart in (_FAILED, _P50, _P95, _TOKENS, *([_COST] if priced else []))
        ]
    rows = [
        (_FAILED, plan.failed),
        (_P50, plan.time),
        (_TOKENS, plan.tokens),
        *([(_COST, plan.cost)] if priced else []),
    ]
    pad = (Span(" " * plan.label),)
    lines: list[Line] = [(*pad, *name_line(axis, ticks))]
    for place, (chart, height) in enumerate(rows):
        if place and plan.spaced:
            lines.append((*pad, *tick_line(drawing.ticks, axis.cells, style.signs)))
        lines += _block(chart, height, drawing)
    lines.append((*pad, *axis_line(axis, style.zone)))
    return [ink.BLANK] * (plan.height(priced=priced) - len(lines)) + lines


def _block(chart: _Chart, height: int, drawing: _Drawing) -> list[Line]:
    """Return the lines of one chart, with its name, its scale and the words beside it."""
    page, plan, style, *_ = drawing
    values = drawing.values(chart)
    back = drawing.values(_P95) if chart is _P50 else None
    top = style.scales.top(chart.metric, largest(values, back or ()), chart.unit)
    drawn = columns(
        Columns(values, chart.role, drawing.unusual() if chart is _FAILED else (), "area-failed"),
        height,
        top,
        style.signs,
        back=None if back is None else Columns(back, _P95.role),
        gaps=drawing.gaps(),
        ticks=drawing.ticks,
    )
    words = facts(page, chart.metric, style.currency, height, plan.words)
    left = plan.label - 1
    lines = []
    for row, line in enumerate(drawn):
        name = ("text", "") if row > 1 else ("strong", chart.name) if not row else ("dim", chart.below)
        scale = (
            _WHOLE.sub("", value_text(chart.metric, top, style.currency))
            if not row
            else "0"
            if row == height - 1
            else ""
        )
        label = (Span(name[1], name[0]), Span(ink.fit(scale, left - len(name[1]), "right") + " ", "dim"))
        said = words[row] if row < len(words) else ink.BLANK
        gap = Span(" " * (2 + plan.chart - ink.width(line)))
        lines.append((*label, *line, *((gap, *said) if said else ())))
    return lines


def _small(chart: _Chart, drawing: _Drawing) -> Line:
    """Return the line of a number with a small trend."""
    page, plan, style, *_ = drawing
    values = drawing.values(chart)
    top = style.scales.top(f"small {chart.metric}", largest(values), chart.unit)
    line = trend(values, chart.role, top, style.signs, gaps=drawing.gaps())
    name = Span(ink.fit("p50" if chart is _P50 else chart.name, plan.label), "dim")
    return (name, *line, Span(" "), *brief(page, chart.metric, style.currency, plan.words))
