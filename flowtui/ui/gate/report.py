"""The page of the gate as Markdown for a file, and as text for a ticket or a chat. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from flowtui import formatting
from flowtui.model.answers.gate.new_failures import FailuresSince
from flowtui.model.answers.gate.page import GatePage, Measured
from flowtui.model.export.markdown import markdown
from flowtui.model.gate import Estimate, metric_text
from flowtui.model.gate.wording import NAMES
from flowtui.text import safe_text
from flowtui.ui.gate.agent_rows import alone_words, remark_words, together_words
from flowtui.ui.gate.failure_rows import Since, news_words, others_words, title_words
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
    page: GatePage,
    since: Since,
    failures: FailuresSince,
    zone: tzinfo | None,
    escape: Callable[[str], str] = markdown,
    *,
    refreshed: float | None = None,
) -> Iterator[str]:
    """Yield the report: verdict, comparisons, agents, new failures, the command.

    `escape`: makes texts fit for the format; `str` leaves them as they are, for a plain text. `refreshed`: when the runs were
    read (server's clock).
    """
    question = page.answer.question
    yield f"# {WORDS[page.verdict]}: {escape(sentence(page))}\n\n"
    at = page.decided.at if page.decided is not None else None
    told = [counts_words(page), decided_words(page, formatting.clock(at, zone)[:5])]
    if refreshed is not None:
        told.append(f"last refreshed {formatting.timestamp(refreshed, zone)}")
    yield f"Since {escape(question.mark.name)}, {formatting.timestamp(question.mark.at, zone)}. {escape('; '.join(filter(None, told)))}\n\n"
    yield from _table(page.metrics, [WORDS[each.verdict] for each in page.metrics], escape)
    if page.agents:
        yield f"\n## By agent, each alone: {escape(remark_words(page))}\n\n"
        agents = [_ended(each) for each in page.agents[:_MOST]]
        yield from _table(agents, [alone_words(each, page) for each in page.agents], escape)
        if together := together_words(page):
            yield f"\n{together}\n"
    title = ": ".join(filter(None, title_words(failures, since)))
    yield f"\n## {escape(title)}\n\n"
    for each in failures.new[:_MOST]:
        news, _ = news_words(each, since, zone)
        who = ", ".join(f"{name or formatting.UNKNOWN} {count:,}" for name, count in each.agents[:_MOST])
        yield f"- {each.runs:,}× {escape(safe_text(each.reason.text))} ({escape(who)}; {news})\n"
    for text in others_words(failures):
        yield f"- {escape(text)}\n"
    yield f"\n```\n{watch_command(question)}\n```\n\n{script_words(page)}\n\n"
    for text, _ in rest_words(page):
        yield f"- {escape(text)}\n"


def _table(found: Sequence[Measured], words: Sequence[str], escape: Callable[[str], str]) -> Iterator[str]:
    alone = any(each.row.agent is not None for each in found)
    yield f"| verdict |{' agent |' if alone else ''} metric | base | new | limit |\n"
    yield f"| --- |{' --- |' if alone else ''} --- | --- | --- | --- |\n"
    for each, word in zip(found, words, strict=False):
        agent = f" {escape(each.agent or formatting.UNKNOWN)} |" if alone else ""
        metric = each.leaf.metric
        sides = " | ".join(_side(metric, side) for side in (each.row.base, each.used))
        yield f"| {word} |{agent} {NAMES[metric]} | {sides} | {escape(limit_words(each))} |\n"


def _ended(each: Measured) -> Measured:
    """Return the comparison of an agent with the value of all its ended runs, as its line on the screen has it."""
    return each._replace(used=each.row.new._replace(low=each.used.low, high=each.used.high))


def _side(metric: str, found: Estimate) -> str:
    value, between = metric_text(metric, found.value), interval_words(metric, found)
    return f"{value} ({between}; {formatting.plural(found.n, 'run')})" if between else value
