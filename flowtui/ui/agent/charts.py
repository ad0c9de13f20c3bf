"""The charts of the agent page on one time axis, with releases and changes of configuration as ticks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from flowtui.ui.charts.ticks import CONFIG, RELEASE, Tick, name_line, tick_cells, tick_line
from flowtui.ui.charts.time_axis import TimeAxis, axis_line
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_CONFIG_NAME: Final = "config"


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
    return [*releases, *(Tick(change.at, _CONFIG_NAME, CONFIG) for change in page.changes.configs)]


def chart_lines(page: AgentPage, plan: Layout, style: ChartStyle, *, priced: bool) -> list[Line]:
    """Return the lines of all charts, as `Layout.height` says. `priced`: there are prices."""
    if plan.tiny:
        return _tiny(page, plan, style, priced=priced)
    wide = max(1, plan.chart // page.grid.cells)
    axis = TimeAxis(page.grid.since, page.grid.until, page.grid.cells * wide, live=True)
    ticks = ticks_of(page)
    cells = tick_cells(axis, ticks)
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
            lines.append((*pad, *tick_line(cells, axis.cells, style.signs)))
        lines += _block(chart, height, page, plan, style, wide, cells)
    lines.append((*pad, *axis_line(axis, style.zone)))
    return [ink.BLANK] * (plan.height(priced=priced) - len(lines)) + lines


def _block(
    chart: _Chart,
    height: int,
    page: AgentPage,
    plan: Layout,
    style: ChartStyle,
    wide: int,
    cells: dict[int, str],
) -> list[Line]:
    """Return the lines of one chart, with its name, its scale and the words beside it. `wide`: the cells of a bucket."""
    values = _values(page, chart, wide)
    back = _values(page, _P95, wide) if chart is _P50 else None
    top = style.scales.top(chart.metric, largest(values, back or ()), chart.unit)
    gaps = _gaps(page, wide)
    drawn = columns(
        Columns(values, chart.role, _unusual(page, wide) if chart is _FAILED else (), "area-failed"),
        height,
        top,
        style.signs,
        back=None if back is None else Columns(back, _P95.role),
        gaps=gaps,
        ticks=cells,
    )
    words = facts(page, chart.metric, style.currency, height)
    left = plan.label - 1
    lines = []
    for row, line in enumerate(drawn):
        name = ("text", "") if row > 1 else ("strong", chart.name) if not row else ("dim", chart.below)
        scale = value_text(chart.metric, top, style.currency) if not row else "0" if row == height - 1 else ""
        label = (Span(name[1], name[0]), Span(ink.fit(scale, left - len(name[1]), "right") + " ", "dim"))
        said = words[row] if row < len(words) else ink.BLANK
        gap = Span(" " * (2 + plan.chart - ink.width(line)))
        lines.append((*label, *line, *((gap, *_cut(said, plan.words)) if said else ())))
    return lines


def _tiny(page: AgentPage, plan: Layout, style: ChartStyle, *, priced: bool) -> list[Line]:
    """Return a line for each number, with a small trend."""
    wide = max(1, plan.chart // page.grid.cells)
    names = {P50: "p50", P95: "p95"}
    lines = []
    for chart in (_FAILED, _P50, _P95, _TOKENS, *([_COST] if priced else [])):
        values = _values(page, chart, wide)
        top = style.scales.top(f"small {chart.metric}", largest(values), chart.unit)
        line = trend(values, chart.role, top, style.signs, gaps=_gaps(page, wide))
        name = Span(ink.fit(names.get(chart.metric, chart.name), plan.label), "dim")
        lines.append((name, *line, Span(" "), *_cut(brief(page, chart.metric, style.currency), plan.words)))
    return lines


def _values(page: AgentPage, chart: _Chart, wide: int) -> list[float | None]:
    return [value for bucket in page.buckets for value in [chart.read(page, bucket)] * wide]


def _gaps(page: AgentPage, wide: int) -> list[int]:
    return [cell for place, bucket in enumerate(page.buckets) if bucket.gap for cell in _cells(place, wide)]


def _unusual(page: AgentPage, wide: int) -> list[int]:
    """Return the cells in which a larger share failed than is usual."""
    usual = page.compared.metrics[FAILED].usual
    if usual is None:
        return []
    shares = [bucket.numbers.failure_share or 0.0 for bucket in page.buckets]
    return [cell for place, share in enumerate(shares) if share > usual.high for cell in _cells(place, wide)]


def _cells(place: int, wide: int) -> range:
    return range(place * wide, (place + 1) * wide)


def _cut(line: Sequence[Span], cells: int) -> Line:
    """Return a line in at most so many cells."""
    found: list[Span] = []
    for span in line:
        room = cells - ink.width(found)
        if room <= 0:
            break
        found.append(Span(ink.cut(span.text, room), span.role))
    return tuple(found)
