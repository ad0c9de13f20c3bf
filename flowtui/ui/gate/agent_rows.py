"""The section of agents: one line each, the worst first. Pure.

An agent is judged by its own runs, which are fewer. So it is often undecided where all runs together are decided, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.answers.gate.page import GatePage, Measured
from flowtui.model.gate import FAIL, INCONCLUSIVE, metric_text
from flowtui.model.gate.tree import RATES, asks_base
from flowtui.model.gate.wording import NAMES, counted
from flowtui.text import cell_width
from flowtui.ui.charts.interval import interval_line
from flowtui.ui.charts.section import section_line
from flowtui.ui.gate.metric_rows import interval_of, scale_top, top_text
from flowtui.ui.gate.style import WORDS, Style
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_ALONE: Final = 15  # cells of a verdict
_AGENT: Final = (10, 22)  # least and most cells of a name
_LEAST_TRACK: Final = 10
_MOST: Final = 40  # agents
_OTHERS: Final = 4  # agents that the remark names
_TITLES: Final = ("BASE", "RUNS", "NEW", "RUNS")
_GAPS: Final = (2, 1, 3, 1)  # cells before each of these columns: a share stands beside its runs


class _Columns(NamedTuple):
    """Cells of a name, of each number, and of a track, which ends at `top`."""

    name: int
    numbers: Sequence[int]
    track: int
    top: float


def agent_lines(page: GatePage, cells: int, style: Style) -> list[Line]:
    """Return the section in `cells` cells; nothing if agents were not judged alone."""
    if not page.agents:
        return []
    first = page.agents[0].leaf
    lines = [section_line("By agent", remark_words(page), cells, style.signs)]
    shown = page.agents[:_MOST]
    numbers = [_numbers(each) for each in shown]
    columns = _columns(shown, numbers, cells, scale_top(f"agents {first.text}", shown, style))
    lines.append(_titles(columns, top_text(first.metric, columns.top)))
    for each, texts in zip(shown, numbers, strict=True):
        lines.append(_row(each, alone_words(each, page), texts, columns, style))
    if (more := len(page.agents) - len(shown)) > 0:
        lines.append((Span(f"and {more:,} more agents", "dim"),))
    for told, role in ((together_words(page), "dim"), (_others(page), style.role(FAIL))):
        lines += ink.paragraph(told, role, cells) if told else []
    return lines


def remark_words(page: GatePage) -> str:
    """Return what the numbers of agents are: `failed share of 105 ended runs, limit base + 10%`; runs that were judged are fewer."""
    first = page.agents[0].leaf
    runs = sum(each.row.new.n for each in page.agents)
    return f"{NAMES[first.metric]} of {counted(first.metric, runs)}, limit {first.limit_text}"


def _columns(shown: Sequence[Measured], numbers: Sequence[Sequence[str]], cells: int, top: float) -> _Columns:
    """Return columns in `cells` cells; without room, agents have no tracks."""
    wide = [
        gap + max(map(len, column))
        for gap, column in zip(_GAPS, zip(_TITLES, *numbers, strict=True), strict=True)
    ]
    longest = max(cell_width(each.agent or formatting.UNKNOWN) for each in shown)
    name = min(max(_AGENT[0], longest), _AGENT[1])
    track = cells - _ALONE - name - sum(wide) - 2
    if track >= _LEAST_TRACK:
        return _Columns(name, wide, track, top)
    return _Columns(min(name, max(_AGENT[0], cells - _ALONE - sum(wide))), wide, 0, top)


def _numbers(each: Measured) -> list[str]:
    """Return base and new, and the runs of each: all that have ended, so that the agents add up to what the remark says."""
    metric = each.leaf.metric
    said: list[str] = []
    for side in (each.row.base, each.row.new):
        share = metric in RATES
        said.append(formatting.percent(side.value) if share else metric_text(metric, side.value))
        said.append(formatting.count(side.n))
    return said


def alone_words(each: Measured, page: GatePage) -> str:
    """Return the verdict on an agent by its own runs; while there is none, why."""
    if each.verdict != INCONCLUSIVE:
        return WORDS[each.verdict]
    if page.answer.sides.missing:
        return "not certain"
    if asks_base(each.leaf.limit) and not each.row.base.n:
        return "no base runs"
    return "too few runs" if each.row.judged < page.answer.question.min_runs else "not certain"


def _titles(columns: _Columns, top: str) -> Line:
    left = f"{ink.fit('ALONE', _ALONE)}{ink.fit('AGENT', columns.name)}"
    numbers = "".join(map(_right, _TITLES, columns.numbers))
    scale = f"  0{ink.fit(top, columns.track - 1, 'right')}" if columns.track else ""
    return (Span(left + numbers + scale, "dim"),)


def _row(each: Measured, word: str, numbers: Sequence[str], columns: _Columns, style: Style) -> Line:
    decided = each.verdict != INCONCLUSIVE
    role = style.role(each.verdict) if decided else "dim"
    spans = [
        Span(ink.fit(f"{style.sign(each.verdict)} {word}", _ALONE), role),
        Span(ink.fit(each.agent or formatting.UNKNOWN, columns.name)),
    ]
    for text, wide, tone in zip(
        numbers, columns.numbers, ("dim", "dim", role if decided else "text", "dim"), strict=True
    ):
        spans.append(Span(_right(text, wide), tone))
    if columns.track:
        interval = interval_of(each.used, each.row.limit)
        drawn = interval_line(interval, columns.top, columns.track, style.signs, role)
        spans += [Span("  "), *drawn]
    return tuple(spans)


def _right(text: str, cells: int) -> str:
    return ink.fit(text, cells, "right")


def together_words(page: GatePage) -> str:
    """Return why all runs together have a verdict, but no agent alone; "" if that is not so."""
    decided = page.others or any(each.verdict != INCONCLUSIVE for each in page.agents)
    if page.verdict == INCONCLUSIVE or not page.agents or decided:
        return ""
    return f"{WORDS[page.verdict]} is of all runs together; each agent alone is undecided"


def _others(page: GatePage) -> str:
    """Return which agents fail by other metrics; "" if none does."""
    if not page.others:
        return ""
    told = [
        f"{agent or formatting.UNKNOWN} by {', '.join(NAMES[each.leaf.metric] for each in found)}"
        for agent, found in list(page.others.items())[:_OTHERS]
    ]
    more = len(page.others) - len(told)
    return f"fails too: {'; '.join(told)}" + (f"; and {more:,} more" if more > 0 else "")
