"""The agent page as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from flowtui import formatting
from flowtui.model.answers.agent.page import AgentPage
from flowtui.model.answers.agent.usual import COST, METRICS
from flowtui.model.export.markdown import markdown
from flowtui.ui.agent.words import (
    basis_texts,
    is_dated,
    stretch_text,
    times_text,
    usual_text,
    value_text,
    when_text,
)

_NAMES = {
    "failed": "failed share",
    "p50": "p50",
    "p95": "p95",
    "tokens": "tokens an hour",
    "cost": "cost an hour",
}
_RUNS = 20  # failed runs that are listed


def agent_report(page: AgentPage, name: str, currency: str, zone: tzinfo | None) -> Iterator[str]:
    """Yield the lines: counts, numbers against what is usual, reasons, changes."""
    numbers = page.numbers
    span = f"{formatting.timestamp(page.grid.since, zone)} to {formatting.timestamp(page.now, zone)}"
    yield f"# {markdown(name)}: last {page.chosen.name}\n\n{span}\n\n"
    counts = [
        (numbers.ended, "ended"),
        (numbers.failed, "failed"),
        (numbers.cancelled, "cancelled"),
        (numbers.completed, "completed"),
        (numbers.unknown, "unknown"),
        (len(page.active), "active now"),
    ]
    yield ", ".join(f"{count:,} {word}" for count, word in counts) + "\n\n"
    yield f"| | in {stretch_text(page)} | usual | |\n| --- | --- | --- | --- |\n"
    for metric in METRICS:
        if metric == COST and numbers.costs is None:
            continue
        found = page.compared.metrics[metric]
        value = value_text(metric, found.value, currency, floor=found.floor)
        usual = usual_text(page, metric, currency).removeprefix("usual ")
        yield f"| {_NAMES[metric]} | {value} | {usual} | {times_text(found)} |\n"
    yield f"\n{basis_texts(page)[0]}\n"
    yield from _reasons(page, zone)
    yield from _changes(page, zone)


def _reasons(page: AgentPage, zone: tzinfo | None) -> Iterator[str]:
    yield "\n## Reasons\n\n"
    dated = is_dated(page)
    for use in page.reasons.uses[:_RUNS]:
        yield f"- {len(use.runs):,}× {markdown(use.reason.text)}: {markdown(when_text(use, zone, dated=dated))}\n"
    if more := len(page.reasons.uses) - _RUNS:
        yield f"- and {more:,} more reasons\n" if more > 0 else ""
    if count := len(page.reasons.unexplained):
        yield f"- {count:,}× without a known reason\n"
    if not page.numbers.failed:
        yield "No run failed.\n"


def _changes(page: AgentPage, zone: tzinfo | None) -> Iterator[str]:
    yield "\n## Changed\n\n"
    for mark in page.changes.releases:
        yield f"- {formatting.timestamp(mark.at, zone)}: {markdown(mark.name)}\n"
    for change in page.changes.configs:
        yield f"- {formatting.timestamp(change.at, zone)}: configuration {markdown(change.old)} → {markdown(change.config)}\n"
    if not page.changes.releases and not page.changes.configs:
        yield "No release, no change of configuration known.\n"
