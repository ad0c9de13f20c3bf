"""The failures of one reason as a few lines of text, to paste into a chat or a ticket. Pure."""

from __future__ import annotations

from typing import Final

from flowtui import formatting
from flowtui.model.answers.failures import Failures, ReasonRuns
from flowtui.model.answers.reason_news import news_words
from flowtui.model.export.failure_tables import FailureNames, counts_text, reason_text
from flowtui.model.reasons.reason import reason_id
from flowtui.text import safe_text

_IDS: Final = 200  # most ids of runs
_AGENTS: Final = 20  # most agents


def reason_lines(one: ReasonRuns, found: Failures, names: FailureNames) -> str:
    """Return the reason, its counts, and the ids of its runs, the newest first; all text is display-safe."""
    source = "" if one.reason is None or not one.reason.source else f" ({one.reason.source})"
    first, last = (formatting.timestamp(at, names.zone) for at in (one.first, one.last))
    count, failed = formatting.count(len(one.runs)), formatting.plural(found.outcomes.failed, "failed run")
    since = formatting.timestamp(found.since, names.zone)
    lines = [
        f"{count}× {reason_text(one)}{source}",
        f"{formatting.percent(one.share)} of {failed} since {since}",
        f"first {first}, last {last}",
        f"agents: {counts_text(one.by('agent'), names, _AGENTS)}",
    ]
    if news := news_words(one.news, names.begin, names.now, names.zone):
        lines.append(news)
    if one.reason is not None:
        lines.append(f"reason id: {reason_id(one.reason)}")
    ids = [safe_text(run.raw_id) for run in one.runs[:_IDS]]
    more = len(one.runs) - len(ids)
    lines.append(f"runs: {' '.join(ids)}" + (f" and {formatting.count(more)} more" if more else ""))
    return "".join(f"{line}\n" for line in lines)
