"""The words beside the charts of the agent page: each value, against what is usual. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.usual import COST, FAILED, P50, P95, TOKENS
from flowtui.ui.agent.words import stretch_text, times_text, usual_text, value_text
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

VALUE: Final = 8
"""The cells of a value."""

_COMPARED: Final = 12  # cells of how it compares, with a gap


def facts(page: AgentPage, metric: str, currency: str, rows: int) -> list[Line]:
    """Return at most `rows` lines about the metric of a chart; the chart of durations has P50."""
    lines = {FAILED: _failed, P50: _time, TOKENS: _tokens, COST: _cost}[metric](page, currency)
    if rows == 1 and len(lines) > 1:
        return [brief(page, metric, currency)]
    return lines[:rows]


def brief(page: AgentPage, metric: str, currency: str) -> Line:
    """Return one line: the value, how it compares, and what is usual."""
    return (
        *_value(page, metric, currency),
        *_compared(page, metric),
        Span(usual_text(page, metric, currency), "dim"),
    )


def _value(page: AgentPage, metric: str, currency: str) -> Line:
    found = page.compared.metrics[metric]
    text = value_text(metric, found.value, currency, floor=found.floor)
    role = "strong"
    if found.outside:
        role = "bad" if metric == FAILED and found.outside > 0 else "warn"
    return (Span(ink.fit(text, VALUE), role),)


def _compared(page: AgentPage, metric: str) -> Line:
    found = page.compared.metrics[metric]
    text = times_text(found)
    if not text:
        return ink.BLANK
    role = "good" if not found.outside else "bad" if metric == FAILED and found.outside > 0 else "warn"
    return (Span(ink.fit(text, max(_COMPARED, len(text) + 1)), role),)


def _indented(*spans: Span) -> Line:
    return (Span(" " * VALUE), *spans)


def _failed(page: AgentPage, currency: str) -> list[Line]:
    numbers = page.compared.last.numbers
    since = f"since {page.onset.release}, " if page.onset is not None and page.onset.release else ""
    counts = f"{numbers.failed:,} of {numbers.ended:,} in {stretch_text(page)}"
    first = (*_value(page, FAILED, currency), Span(since), Span(usual_text(page, FAILED, currency), "dim"))
    return [first, _indented(*_compared(page, FAILED), Span(counts, "dim"))]


def _time(page: AgentPage, currency: str) -> list[Line]:
    lines: list[Line] = []
    for metric, name in ((P50, "p50"), (P95, "p95")):
        said = f"{name}, {usual_text(page, metric, currency)}"
        lines.append((*_value(page, metric, currency), Span(said, "dim")))
    outside = next((metric for metric in (P95, P50) if page.compared.metrics[metric].outside), P95)
    state = _compared(page, outside)
    return [
        *lines,
        _indented(*([] if not state else [Span("p50 " if outside == P50 else "p95 ", "dim")]), *state),
    ]


def _tokens(page: AgentPage, currency: str) -> list[Line]:
    numbers = page.numbers
    said = []
    if numbers.tokens is not None and numbers.reported:
        said.append(f"{numbers.tokens / numbers.reported:,.0f} a run")
        if numbers.waste.tokens:
            said.append(f"{formatting.percent(numbers.waste.tokens / numbers.tokens)} wasted")
    first = (*_value(page, TOKENS, currency), Span(f"an hour, {usual_text(page, TOKENS, currency)}", "dim"))
    return [first, _indented(*_compared(page, TOKENS), Span(", ".join(said), "dim"))]


def _cost(page: AgentPage, currency: str) -> list[Line]:
    name = page.chosen.name
    first = (*_value(page, COST, currency), Span(f"an hour, {usual_text(page, COST, currency)}", "dim"))
    spent = page.numbers.costs.total.text() if page.numbers.costs is not None else formatting.UNKNOWN
    second = [Span(spent, "strong"), Span(f" in {name}", "dim")]
    if page.before is not None and page.before.numbers.costs is not None:
        total = page.before.numbers.costs.total
        before = total.text() if page.before.numbers.runs else formatting.money(0.0, currency)
        second.append(Span(f", {before} the {name} before", "dim"))
    return [first, _indented(*second)]
