"""The section of agents: one line each, the worst first. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.answers.gate.page import GatePage, Measured
from flowtui.model.gate import metric_text
from flowtui.model.gate.wording import NAMES
from flowtui.ui.charts.interval import interval_line
from flowtui.ui.charts.section import section_line
from flowtui.ui.gate.metric_rows import interval_of, scale_top, top_text
from flowtui.ui.gate.style import WORDS, Style
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_VERDICT: Final = 13
_AGENT: Final = (10, 22)  # least and most cells of a name
_RUNS: Final = 6
_VALUE: Final = 9
_LEAST_TRACK: Final = 10
_MOST: Final = 40  # agents
_OTHERS: Final = 4  # agents that the remark names


def agent_lines(page: GatePage, cells: int, style: Style) -> list[Line]:
    """Return the section in `cells` cells; nothing if agents were not judged alone."""
    if not page.agents:
        return []
    first = page.agents[0].leaf
    remark = f"each alone, {NAMES[first.metric]}, limit {first.limit_text}"
    lines = [section_line("By agent", remark, cells, style.signs)]
    shown = page.agents[:_MOST]
    longest = max(ink.width([Span(each.agent or formatting.UNKNOWN)]) for each in shown)
    name = min(max(_AGENT[0], longest), _AGENT[1]) + 1
    track = cells - _VERDICT - name - _RUNS - 2 * _VALUE - 2
    if track < _LEAST_TRACK:
        track, name = 0, max(_AGENT[0], cells - _VERDICT - _RUNS - 2 * _VALUE)
    top = scale_top(f"agents {first.text}", shown, style)
    lines.append(_titles(name, track, top_text(first.metric, top)))
    lines += [_row(each, name, track, top, style) for each in shown]
    if (more := len(page.agents) - len(shown)) > 0:
        lines.append((Span(f"and {more:,} more agents", "dim"),))
    return [*lines, *_others(page, cells, style)]


def _titles(name: int, track: int, top: str) -> Line:
    left = f"{ink.fit('VERDICT', _VERDICT)}{ink.fit('AGENT', name)}"
    numbers = "".join(
        ink.fit(title, wide, "right") for title, wide in (("RUNS", _RUNS), ("BASE", _VALUE), ("NEW", _VALUE))
    )
    scale = f"  0{ink.fit(top, track - 1, 'right')}" if track else ""
    return (Span(f"{left}{numbers}{scale}", "dim"),)


def _row(each: Measured, name: int, track: int, top: float, style: Style) -> Line:
    role = style.role(each.verdict)
    metric, row = each.leaf.metric, each.row
    spans = [
        Span(ink.fit(f"{style.sign(each.verdict)} {WORDS[each.verdict]}", _VERDICT), role),
        Span(f"{ink.fit(each.agent or formatting.UNKNOWN, name - 1)} "),
        Span(ink.fit(formatting.count(row.new.n), _RUNS, "right"), "dim"),
        Span(ink.fit(metric_text(metric, row.base.value), _VALUE, "right"), "dim"),
        Span(ink.fit(metric_text(metric, each.used.value), _VALUE, "right"), role),
    ]
    if track:
        drawn = interval_line(interval_of(each.used, row.limit), top, track, style.signs, role)
        spans += [Span("  "), *drawn]
    return tuple(spans)


def _others(page: GatePage, cells: int, style: Style) -> list[Line]:
    """Return which agents fail by other metrics."""
    if not page.others:
        return []
    told = [
        f"{agent or formatting.UNKNOWN} by {', '.join(NAMES[each.leaf.metric] for each in found)}"
        for agent, found in list(page.others.items())[:_OTHERS]
    ]
    more = len(page.others) - len(told)
    text = f"fails too: {'; '.join(told)}" + (f"; and {more:,} more" if more > 0 else "")
    return ink.paragraph(text, style.role("FAIL"), cells)
