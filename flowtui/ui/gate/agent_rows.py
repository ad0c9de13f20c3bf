"""The section of agents: one line each, the worst first. Pure.

An agent is judged by its own runs, which are fewer. So it is often undecided where all runs together are decided, and says so.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.answers.gate.page import GatePage, Measured
from flowtui.model.gate import FAIL, INCONCLUSIVE, metric_text
from flowtui.model.gate.tree import asks_base
from flowtui.model.gate.wording import NAMES
from flowtui.ui.charts.interval import interval_line
from flowtui.ui.charts.section import section_line
from flowtui.ui.gate.metric_rows import interval_of, scale_top, top_text
from flowtui.ui.gate.style import WORDS, Style
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_ALONE: Final = 15
_AGENT: Final = (10, 22)  # least and most cells of a name
_RUNS: Final = 6
_VALUE: Final = 9
_LEAST_TRACK: Final = 10
_MOST: Final = 40  # agents
_OTHERS: Final = 4  # agents that the remark names


class _Columns(NamedTuple):
    """Cells of a name and of a track, which ends at `top`."""

    name: int
    track: int
    top: float


def agent_lines(page: GatePage, cells: int, style: Style) -> list[Line]:
    """Return the section in `cells` cells; nothing if agents were not judged alone."""
    if not page.agents:
        return []
    first = page.agents[0].leaf
    remark = f"{NAMES[first.metric]}, limit {first.limit_text}"
    lines = [section_line("By agent", remark, cells, style.signs)]
    shown = page.agents[:_MOST]
    longest = max(ink.width([Span(each.agent or formatting.UNKNOWN)]) for each in shown)
    name = min(max(_AGENT[0], longest), _AGENT[1]) + 1
    track = cells - _ALONE - name - _RUNS - 2 * _VALUE - 2
    if track < _LEAST_TRACK:
        track, name = 0, max(_AGENT[0], cells - _ALONE - _RUNS - 2 * _VALUE)
    top = scale_top(f"agents {first.text}", shown, style)
    columns = _Columns(name, track, top)
    lines.append(_titles(columns, top_text(first.metric, top)))
    lines += [_row(each, alone_words(each, page), columns, style) for each in shown]
    if (more := len(page.agents) - len(shown)) > 0:
        lines.append((Span(f"and {more:,} more agents", "dim"),))
    for told, role in ((together_words(page), "dim"), (_others(page), style.role(FAIL))):
        lines += ink.paragraph(told, role, cells) if told else []
    return lines


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
    numbers = "".join(
        ink.fit(title, wide, "right") for title, wide in (("RUNS", _RUNS), ("BASE", _VALUE), ("NEW", _VALUE))
    )
    scale = f"  0{ink.fit(top, columns.track - 1, 'right')}" if columns.track else ""
    return (Span(f"{left}{numbers}{scale}", "dim"),)


def _row(each: Measured, word: str, columns: _Columns, style: Style) -> Line:
    decided = each.verdict != INCONCLUSIVE
    role = style.role(each.verdict) if decided else "dim"
    metric, row = each.leaf.metric, each.row
    spans = [
        Span(ink.fit(f"{style.sign(each.verdict)} {word}", _ALONE), role),
        Span(f"{ink.fit(each.agent or formatting.UNKNOWN, columns.name - 1)} "),
        Span(ink.fit(formatting.count(each.used.n), _RUNS, "right"), "dim"),
        Span(ink.fit(metric_text(metric, row.base.value), _VALUE, "right"), "dim"),
        Span(ink.fit(metric_text(metric, each.used.value), _VALUE, "right"), role if decided else "text"),
    ]
    if columns.track:
        interval = interval_of(each.used, row.limit)
        drawn = interval_line(interval, columns.top, columns.track, style.signs, role)
        spans += [Span("  "), *drawn]
    return tuple(spans)


def together_words(page: GatePage) -> str:
    """Return why all runs together have a verdict, but no agent alone; "" if that is not so."""
    decided = page.others or any(each.verdict != INCONCLUSIVE for each in page.agents)
    if page.verdict == INCONCLUSIVE or not page.agents or decided:
        return ""
    return f"{WORDS[page.verdict]} is of all runs together; no agent alone has enough runs"


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
