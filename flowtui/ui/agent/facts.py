"""The words beside the charts of the agent page: each value, against what is usual. Pure.

What does not fit is left out whole: half a number would be another number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui import formatting
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.usual import COST, FAILED, P50, P95, TOKENS
from flowtui.ui.agent.words import since_text, stretch_text, times_text, usual_text, value_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

VALUE: Final = 7
"""The cells of a value."""

_COMPARED: Final = 11  # cells of how it compares, with a gap
_SINCE: Final = 20  # most cells of the release since which more runs fail
_NARROW: Final = 30  # with fewer cells, only the value, how it compares and what is usual are said


def facts(page: AgentPage, metric: str, currency: str, rows: int, cells: int) -> list[Line]:
    """Return at most `rows` lines of `cells` cells about the metric of a chart; the chart of durations has P50."""
    if metric == P50:
        lines = _time(page, currency, cells)
    elif rows == 1:
        return [brief(page, metric, currency, cells)]
    elif cells < _NARROW:
        usual = Span(usual_text(page, metric, currency), "dim")
        lines = [
            _fitting(_head(page, metric, currency), cells, _compared(page, metric)),
            _below(cells, (usual,)),
        ]
    else:
        lines = {FAILED: _failed, TOKENS: _tokens, COST: _cost}[metric](page, currency, cells)
    return lines[:rows]


def brief(page: AgentPage, metric: str, currency: str, cells: int) -> Line:
    """Return one line: the value, how it compares, and what is usual."""
    usual = (Span(usual_text(page, metric, currency), "dim"),)
    compared = _compared(page, metric)
    head, outside = _head(page, metric, currency), page.compared.metrics[metric].outside
    if outside or cells >= _NARROW:
        return _fitting(head, cells, compared, usual)
    found = _fitting(head, cells, usual)
    return found if len(found) > len(head) else _fitting(head, cells, compared)


def _role(page: AgentPage, metric: str) -> str:
    found = page.compared.metrics[metric].outside
    return "" if not found else "bad" if metric == FAILED and found > 0 else "warn"


def _head(page: AgentPage, metric: str, currency: str) -> Line:
    """Return the value."""
    found = page.compared.metrics[metric]
    text = value_text(metric, found.value, currency, floor=found.floor)
    return (Span(ink.fit(text, max(VALUE, len(text) + 1)), _role(page, metric) or "strong"),)


def _compared(page: AgentPage, metric: str) -> Line:
    found = page.compared.metrics[metric]
    if not (text := times_text(found)):
        return ink.BLANK
    role = "dim" if found.few else _role(page, metric) or "good"
    return (Span(ink.fit(text, max(_COMPARED, len(text) + 2)), role),)


def _fitting(head: Line, cells: int, *parts: Sequence[Span]) -> Line:
    """Return the head, and of the parts those that fit."""
    line = list(head)
    for part in parts:
        bare = [*part[:-1], part[-1]._replace(text=part[-1].text.rstrip())] if part else []
        if ink.width((*line, *bare)) <= cells:
            line += part
    return tuple(line)


def _below(cells: int, *parts: Sequence[Span]) -> Line:
    """Return a line below a value."""
    return _fitting((Span(" " * VALUE),), cells, *parts)


def _usual(page: AgentPage, metric: str, currency: str, before: str = "") -> Line:
    return (Span(f"{before}{usual_text(page, metric, currency)}", "dim"),)


def _failed(page: AgentPage, currency: str, cells: int) -> list[Line]:
    numbers = page.compared.last.numbers
    release = page.since_release
    since = () if release is None else (Span(f"{ink.cut(since_text(release.name), _SINCE)}, "),)
    usual = _usual(page, FAILED, currency)
    counts = f"{numbers.failed:,} of {numbers.ended:,}" if numbers.ended else "no run ended"
    first = _fitting(_head(page, FAILED, currency), cells, (*since, *usual))
    if len(first) == 1 and since:
        first = _fitting(_head(page, FAILED, currency), cells, usual)
    time = (Span(f" in {stretch_text(page)}", "dim"),)
    return [first, _below(cells, _compared(page, FAILED), (Span(counts, "dim"),), time)]


def _time(page: AgentPage, currency: str, cells: int) -> list[Line]:
    lines: list[Line] = []
    for metric, name in ((P50, "p50, "), (P95, "p95, ")):
        usual = _usual(page, metric, currency, "" if cells < _NARROW else name)
        lines.append(_fitting(_head(page, metric, currency), cells, usual))
    outside = next((metric for metric in (P95, P50) if page.compared.metrics[metric].outside), P95)
    state = _compared(page, outside)
    name = f"{outside} " if page.compared.metrics[outside].outside else ""
    return [*lines, _below(cells, (Span(name, "dim"), *state) if state else ())]


def _tokens(page: AgentPage, currency: str, cells: int) -> list[Line]:
    numbers = page.compared.last.numbers  # as the value above, which has no room to say of which time it is
    run: Sequence[Span] = ()
    wasted: Sequence[Span] = ()
    if numbers.tokens is not None and numbers.reported:
        run = (Span(f"{numbers.tokens / numbers.reported:,.0f} a run", "dim"),)
        if numbers.waste.tokens and numbers.tokens:
            wasted = (Span(f", {formatting.percent(numbers.waste.tokens / numbers.tokens)} wasted", "dim"),)
    first = _fitting(_head(page, TOKENS, currency), cells, _usual(page, TOKENS, currency, "an hour, "))
    return [first, _below(cells, _compared(page, TOKENS), run, wasted)]


def _cost(page: AgentPage, currency: str, cells: int) -> list[Line]:
    name, costs = page.chosen.name, page.numbers.costs
    if not page.numbers.runs:
        spent = formatting.money(0.0, currency)
    else:
        spent = formatting.UNKNOWN if costs is None else costs.total.text()
    before: Sequence[Span] = ()
    if page.before is not None and page.before.numbers.costs is not None:
        total = page.before.numbers.costs.total
        text = total.text() if page.before.numbers.runs else formatting.money(0.0, currency)
        before = (Span(f", {text} before", "dim"),)
    first = _fitting(_head(page, COST, currency), cells, _usual(page, COST, currency, "an hour, "))
    return [first, _below(cells, (Span(spent, "strong"), Span(f" in {name}", "dim")), before)]
