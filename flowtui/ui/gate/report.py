"""The page of the gate as Markdown, for a file, a ticket or a chat. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

from flowtui import formatting
from flowtui.model.answers.gate.new_failures import FailuresSince
from flowtui.model.answers.gate.page import GatePage, Measured
from flowtui.model.export.markdown import markdown
from flowtui.model.gate import Estimate, metric_text
from flowtui.model.gate.wording import NAMES
from flowtui.text import safe_text
from flowtui.ui.gate.failure_rows import Remembered, news_words, since_of
from flowtui.ui.gate.style import WORDS
from flowtui.ui.gate.words import (
    counts_words,
    decided_words,
    interval_words,
    limit_words,
    rest_words,
    script_words,
    sentence,
    watch_command,
)

_MOST: Final = 50  # agents, and reasons


def report_lines(
    page: GatePage, failures: FailuresSince, remembered: Remembered, when: str, zone: tzinfo | None
) -> Iterator[str]:
    """Yield the report: verdict, comparisons, agents, new failures, the command. `when`: the time of the mark, with date."""
    question = page.answer.question
    yield f"# {WORDS[page.verdict]}: {markdown(sentence(page))}\n\n"
    at = page.decided.at if page.decided is not None else None
    told = [counts_words(page), decided_words(page, formatting.clock(at, zone)[:5])]
    yield f"Since {markdown(question.mark.name)}, {when}. {markdown('; '.join(filter(None, told)))}\n\n"
    yield from _table(page.metrics)
    if page.agents:
        yield f"\n## By agent: {NAMES[page.agents[0].leaf.metric]}\n\n"
        yield from _table(page.agents[:_MOST])
    yield f"\n## New failures since {markdown(question.mark.name)}\n\n"
    since = since_of(page, remembered)
    for each in failures.new[:_MOST]:
        news, _ = news_words(each, since, zone)
        who = ", ".join(f"{name or formatting.UNKNOWN} {count:,}" for name, count in each.agents[:_MOST])
        yield f"- {each.runs:,}× {markdown(safe_text(each.reason.text))} ({markdown(who)}; {news})\n"
    if not failures.new:
        yield "None.\n"
    yield f"\n```\n{watch_command(question)}\n```\n\n{script_words(page)}\n\n"
    for text, _ in rest_words(page):
        yield f"- {markdown(text)}\n"


def _table(found: Sequence[Measured]) -> Iterator[str]:
    alone = any(each.row.agent is not None for each in found)
    yield f"| verdict |{' agent |' if alone else ''} metric | base | new | limit |\n"
    yield f"| --- |{' --- |' if alone else ''} --- | --- | --- | --- |\n"
    for each in found:
        agent = f" {markdown(each.agent or formatting.UNKNOWN)} |" if alone else ""
        metric = each.leaf.metric
        sides = " | ".join(_side(metric, side) for side in (each.row.base, each.used))
        yield f"| {WORDS[each.verdict]} |{agent} {NAMES[metric]} | {sides} | {markdown(limit_words(each))} |\n"


def _side(metric: str, found: Estimate) -> str:
    value, between = metric_text(metric, found.value), interval_words(metric, found)
    return f"{value} ({between})" if between else value
