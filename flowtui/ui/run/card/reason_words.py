"""How often a reason came, where else, and since which release, in words. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.answers.reason_news import moment_words, news_words
from flowtui.model.answers.run.same_reason import SameReason
from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span

_NAMED: Final = 3
"""So many other agents are named."""
_AGENT: Final = 24
NEWS_ROLES: Final = {"new": "other", "first": "other", "before": "dim", "": "dim"}


def often_spans(found: SameReason, run: Run, context: Context, cells: int) -> list[Span]:
    """Return `22 times since 02:06, also in billing` and `new since release-42`, with fewer agents if `cells` are few."""
    news = news_words(found.news, found.begin, context.now, context.zone)
    told = [Span("   "), Span(news, NEWS_ROLES[found.news.kind])] if news else []
    for named in range(_NAMED, -1, -1):
        spans = [Span(times_words(found, context)), *also_spans(found, run, context, named), *told]
        if ink.width(spans) <= cells:
            break
    return spans


def times_words(found: SameReason, context: Context) -> str:
    """Return how often the reason came: `22 times since 02:06`."""
    if found.runs == 1:
        return "once"
    since = "" if found.first is None else f" since {moment_words(found.first, context.now, context.zone)}"
    return f"{formatting.count(found.runs)} times{since}"


def also_spans(found: SameReason, run: Run, context: Context, named: int = _NAMED) -> list[Span]:
    """Return which other agents have it: the names of `named` of them, and how many more."""
    others = [each.key for each in found.agents if each.key != run.agent_id]
    if not others:
        return []
    if not named:
        return [Span(f", also in {formatting.plural(len(others), 'other agent')}")]
    names = ", ".join(
        ink.cut(context.short_agent(key) or formatting.UNKNOWN, _AGENT) for key in others[:named]
    )
    more = f" and {len(others) - named} more" if len(others) > named else ""
    return [Span(f", also in {names}{more}")]
