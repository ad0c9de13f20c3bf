"""The sentences of the brief: at most four, each of which rests on numbers that chance does not make. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from flowtui.model.answers.brief.bursts import LEVEL, NO_REASON, Burst, bursts
from flowtui.model.answers.brief.chance import at_least
from flowtui.model.answers.brief.inputs import BriefInput, UsualOutcomes
from flowtui.model.answers.brief.releases import Release, differs, release_sentences
from flowtui.model.answers.brief.sentence import (
    AGENT,
    EMPTY,
    MORE,
    NEW_AGENT,
    QUIET,
    REASON,
    RELEASE,
    Sentence,
)
from flowtui.model.answers.brief.slow_agents import slow_sentences
from flowtui.model.answers.brief.watched import gap_sentences, outage_sentences
from flowtui.model.history.statistics import moment_of
from flowtui.model.run.row import FAILED, Run

MOST: Final = 4
"""The most sentences."""
LATELY: Final = 3600.0
"""Seconds before the end of the range: if as many fail in them as usual, it is quiet now."""

_DOUBT: Final = 0.01  # how improbable so many failures by chance may be while it is still quiet
_FAILING: Final = (RELEASE, REASON, AGENT)


def sentences(data: BriefInput, found: Sequence[Release]) -> list[Sentence]:
    """Return what happened, the most important first. `found`: the releases of the range."""
    if not data.ended:
        return [*_short(data), Sentence(kind=EMPTY, since=data.since, until=data.until)][:MOST]
    came = bursts(data)
    released, left = release_sentences(data, came, found)
    said = [*released, *(_reason(data, burst) for burst in left if burst.reason is not NO_REASON)]
    said += _agents(data, came, said)
    said.sort(key=lambda one: (not one.trouble, one.kind != RELEASE, -one.count))
    said += _short(data)
    said += slow_sentences(data)
    said += _new_agents(data)
    last = _quiet(data, said)
    return [*(one for one in last if one.kind == MORE), *said, *(one for one in last if one.kind == QUIET)][
        :MOST
    ]


def _short(data: BriefInput) -> list[Sentence]:
    """Return what is known of the time itself."""
    return [*outage_sentences(data), *gap_sentences(data)]


def _reason(data: BriefInput, burst: Burst) -> Sentence:
    return Sentence(
        kind=REASON,
        since=burst.since,
        until=burst.until if burst.over else None,
        agents=tuple(map(data.name, burst.agents)),
        agent_ids=tuple(burst.agents),
        count=len(burst.failed),
        runs=burst.runs,
        reason=burst.reason,
        more=burst.more,
        model=burst.model,
        after=burst.after,
        after_count=burst.after_failed,
        keys=tuple(run.key for run in burst.failed),
        trouble=not burst.over,
    )


def _agents(data: BriefInput, came: Iterable[Burst], said: Iterable[Sentence]) -> list[Sentence]:
    """Return a sentence about agents of which more runs failed than usual, apart from what is said already."""
    told = {run.key for burst in came if burst.reason is not NO_REASON for run in burst.failed}
    told.update(key for sentence in said for key in sentence.keys)
    runs: defaultdict[str, list[Run]] = defaultdict(list)
    for _, run in data.ended:
        if run.status_class != FAILED or run.key not in told:
            runs[run.agent_id].append(run)
    level = LEVEL / max(1, len(runs))
    worse = [
        agent for agent, own in runs.items() if agent in data.usual and differs(own, data.usual[agent], level)
    ]
    if not worse:
        return []
    failed = [run for agent in worse for run in runs[agent] if run.status_class == FAILED]
    worse.sort(key=lambda agent: (-sum(run.agent_id == agent for run in failed), agent))
    usual = [data.usual[agent] for agent in worse]
    reasons = Counter(data.reasons.get(run.key, NO_REASON) for run in failed)
    known = [reason for reason, _ in reasons.most_common() if reason is not NO_REASON]
    failed.sort(key=lambda run: moment_of(run) or 0.0)
    return [
        Sentence(
            kind=AGENT,
            since=moment_of(failed[0]) or data.since,
            until=None,
            agents=tuple(map(data.name, worse)),
            agent_ids=tuple(worse),
            count=len(failed),
            runs=sum(len(runs[agent]) for agent in worse),
            share=UsualOutcomes(sum(one.runs for one in usual), sum(one.failed for one in usual)).share,
            reason=known[0] if known else None,
            more=max(0, len(reasons) - 1),
            keys=tuple(run.key for run in failed),
            trouble=True,
        )
    ]


def _new_agents(data: BriefInput) -> list[Sentence]:
    """Return a sentence about agents that had their first runs."""
    runs = [run for _, run in data.ended if run.agent_id in data.new_agents]
    if not runs:
        return []
    agents = [agent for agent, _ in Counter(run.agent_id for run in runs).most_common()]
    return [
        Sentence(
            kind=NEW_AGENT,
            since=min(run.created if run.created is not None else data.until for run in runs),
            until=None,
            agents=tuple(map(data.name, agents)),
            agent_ids=tuple(agents),
            count=sum(run.status_class == FAILED for run in runs),
            runs=len(runs),
            keys=tuple(run.key for run in runs),
        )
    ]


def _quiet(data: BriefInput, said: Sequence[Sentence]) -> list[Sentence]:
    """Return whether more runs fail than usual, if nothing that is told goes on."""
    if any(one.trouble for one in said):
        return []
    over = [one.until for one in said if one.kind in _FAILING and one.until is not None]
    since = max(over, default=data.since)
    lately = max(data.since, data.until - LATELY, since) if over else data.since
    runs = [run for at, run in data.ended if at >= lately]
    failed = [run for run in runs if run.status_class == FAILED]
    usual = data.usual_outcomes
    more = usual is not None and bool(runs) and differs(runs, usual, LEVEL)
    share = None if usual is None else usual.share
    if not more and share is not None and at_least(len(failed), len(runs), share) < _DOUBT:
        return []  # too many failed to call it quiet, too few to be sure that more fail
    return [
        Sentence(
            kind=MORE if more else QUIET,
            since=since,
            until=None,
            count=len(failed),
            runs=len(runs),
            share=data.usual_share,
            seconds=data.until - lately,
            more=len(over),
            keys=tuple(run.key for run in failed),
        )
    ]
