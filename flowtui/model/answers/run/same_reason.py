"""How often runs failed for the reason of one run, whose they are, and since when. Pure; times are UTC epoch seconds.

At first this counts the runs in memory whose reasons are known. Once the history was asked, it is what the history says
of a time range, and whether the reason is new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flowtui.model.answers.failures import Count, counted
from flowtui.model.answers.news import FailureNews
from flowtui.model.answers.reason_news import NO_NEWS, News
from flowtui.model.columns.context import Context
from flowtui.model.history.statistics import moment_of, moments
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import GROUP_KEY, Run


class SameReason(NamedTuple):
    """The runs that failed for one reason, the run itself included."""

    reason: Reason
    runs: int
    times: Sequence[float]
    """When they failed, the last first; a run without a known time is left out."""
    agents: Sequence[Count]
    """How many of them each agent has, the one with the most first."""
    news: News = NO_NEWS
    begin: float | None = None
    """Since when runs are remembered; None if that was not asked, or nothing is."""
    ended_before: int | None = None
    """How many runs ended in the day before the mark of `news`, none of them for this reason; None if unknown."""

    @property
    def first(self) -> float | None:
        """When the first of them failed; None if unknown."""
        return self.times[-1] if self.times else None


def known_runs(run: Run, context: Context) -> SameReason | None:
    """Return how often the reason of a run is known of runs in memory; None if its own is not known."""
    reason = context.reasons.get(run.key)
    if reason is None:
        return None
    keys = [key for key, other in context.reasons.items() if other is reason or other == reason]
    found: list[Run] = []
    for thread, raw_id in keys:
        state = context.threads.get(thread)
        other = None if state is None else state.runs.get(raw_id)
        if other is not None:
            found.append(other)
    times = sorted(filter(None, map(moment_of, found)), reverse=True)
    return SameReason(reason, max(1, len(found)), times, counted(other.agent_id for other in found))


def of_range(
    reason: Reason, runs: Sequence[Run], news: News, begin: float | None, ended_before: Mapping[str, int]
) -> SameReason:
    """Return what a time range says of a reason.

    `runs`: those that failed for it, the one that failed last first. `begin`: since when runs are remembered. `ended_before`: name of a mark → how many runs ended in the day before it.
    """
    before = None if news.mark is None else ended_before.get(news.mark.name)
    times = [at or 0.0 for at in moments(runs)]
    return SameReason(reason, len(runs), times, counted(map(GROUP_KEY["agent"], runs)), news, begin, before)


def with_news(found: SameReason, news: Sequence[FailureNews]) -> SameReason:
    """Return the same with what is known to be new of its reason."""
    for one in news:
        if one.reason == found.reason and one.kind in ("new", "first"):
            news_of = News("first") if one.mark is None or one.kind == "first" else News("new", one.mark)
            return found._replace(news=news_of, begin=one.begin)
    return found
