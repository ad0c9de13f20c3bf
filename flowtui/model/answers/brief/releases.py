"""Releases of the time range, and since which of them more runs failed. A coincidence in time, never a cause. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from flowtui.model.answers.brief.bursts import LEVEL, NO_REASON, Burst
from flowtui.model.answers.brief.chance import more_often
from flowtui.model.answers.brief.inputs import BriefInput, UsualOutcomes
from flowtui.model.answers.brief.scan import FEWEST, odds, weighed_logs
from flowtui.model.answers.brief.sentence import RELEASE, Sentence
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run
from flowtui.model.state.marks import Mark

TOGETHER: Final = 300.0
"""Seconds: marks that are closer to each other are one release."""

_INSIDE: Final = 0.95  # share of the runs of a reason that a release must have
_LATER: Final = (
    9.0  # logarithm of how much likelier it is that a reason came later than the release, or went earlier
)
_HIGHER: Final = 0.05  # by so much at least a share must be higher than before, to be told
_TIMES: Final = 2.0  # and so many times as high


class Release(NamedTuple):
    """A release: one mark, or several at the same time."""

    at: float
    name: str
    until: float
    """When the next one was; infinite for the last."""
    following: str
    """The name of the next one; "" for the last."""


def releases(marks: Iterable[Mark], since: float, until: float) -> list[Release]:
    """Return the releases in a time range, in order. `marks` are sorted, the newest last."""
    groups: list[list[Mark]] = []
    for mark in marks:
        if groups and mark.at - groups[-1][-1].at <= TOGETHER:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    found = []
    for group, after in zip_longest(groups, groups[1:]):
        end, following = (math.inf, "") if after is None else (after[0].at, _name(after))
        if since <= group[0].at < until:
            found.append(Release(group[0].at, _name(group), end, following))
    return found


def _name(group: Sequence[Mark]) -> str:
    """Return the name of the first mark, and how many more there are. Marks of the user come first: they have no colon."""
    ranked = sorted(group, key=lambda mark: ":" in mark.name)
    return ranked[0].name + (f" and {len(group) - 1} more" if len(group) > 1 else "")


def release_sentences(
    data: BriefInput, came: Sequence[Burst], found: Sequence[Release]
) -> tuple[list[Sentence], list[Burst]]:
    """Return a sentence for each release since which more runs failed, and the reasons that are in none of them."""
    ended = [one.run for one in data.ended]
    said: list[Sentence] = []
    left = list(came)
    for release in found:
        own = [burst for burst in left if _belongs(burst, release, ended)]
        left = [burst for burst in left if burst not in own]
        others = {run.key for burst in left for run in burst.failed}
        new = [run for run in ended if _since(run, release) and run.key not in others]
        agents = {agent for burst in own for agent in burst.agents}
        agents.update(_worse(data, ended, new, release, len(found)))
        if agents:
            runs = [run for run in ended if run.agent_id in agents and _since(run, release)]
            said.append(_sentence(data, release, runs, own, left))
    return said, left


def _since(run: Run, release: Release) -> bool:
    return run.created is not None and release.at <= run.created < release.until


def _belongs(burst: Burst, release: Release, ended: Sequence[Run]) -> bool:
    """Whether a reason came with the release and stayed until the next one.

    Nearly all of its runs were created in this time; and there are not so many runs before the first of them or after the
    last one that it must have come later, or gone earlier.
    """
    inside = sorted(run.created or 0.0 for run in burst.failed if _since(run, release))
    if len(inside) < max(1.0, _INSIDE * len(burst.failed)):
        return False
    agents = set(burst.agents)
    times = [run.created or 0.0 for run in ended if run.agent_id in agents and _since(run, release)]
    before = sum(at < inside[0] for at in times)
    after = sum(at > inside[-1] for at in times)
    between, many = len(times) - before - after, len(inside)
    table = weighed_logs(len(times))
    return all(odds(many, between, many, between + more, table) < _LATER for more in (before, after))


def _worse(
    data: BriefInput, ended: Sequence[Run], new: Sequence[Run], release: Release, releases_count: int
) -> list[str]:
    """Return the ids of the agents of which more runs failed since the release than before."""
    found = []
    failed = Counter(run.agent_id for run in new if run.status_class == FAILED)
    for agent in (agent for agent, count in failed.items() if count >= FEWEST):
        own = [run for run in new if run.agent_id == agent]
        base = _before(data, ended, {agent}, release)
        if differs(own, base, LEVEL / (releases_count * len(data.names or {agent: ""}))):
            found.append(agent)
    return found


def differs(new: Sequence[Run], base: UsualOutcomes, level: float) -> bool:
    """Whether more of the runs `new` failed than of the base, by more than chance, and enough to be told.

    Runs of one thread tend to fail together: then they count as fewer.
    """
    failed = sum(run.status_class == FAILED for run in new)
    if failed < FEWEST or not base.runs:
        return False
    share, before = failed / len(new), base.failed / base.runs
    if share < before + _HIGHER or share < _TIMES * before:
        return False
    from flowtui.model.gate.likeness import Tally, tally, weights  # noqa: PLC0415  the gate is slow to import

    seen = tally(((run.thread_key, run.status_class == FAILED) for run in new), frozenset())
    worth = math.fsum(weight * seen.worth(likeness) for likeness, weight in weights(seen, Tally()))
    runs = max(1, round(worth))
    return more_often(round(share * runs), runs, base.failed, base.runs) < level


def _before(
    data: BriefInput, ended: Sequence[Run], agents: Collection[str], release: Release
) -> UsualOutcomes:
    """Return the outcomes of agents before the release: in the range, and usually."""
    own = [run for run in ended if run.agent_id in agents and (run.created or math.inf) < release.at]
    failed = sum(run.status_class == FAILED for run in own)
    usual = [data.usual[agent] for agent in agents if agent in data.usual]
    return UsualOutcomes(
        len(own) + sum(each.runs for each in usual), failed + sum(each.failed for each in usual)
    )


def _sentence(
    data: BriefInput, release: Release, every: Sequence[Run], own: Sequence[Burst], left: Sequence[Burst]
) -> Sentence:
    """Return the sentence. `every`: all runs of its agents since the release; `left`: the reasons that are told apart from it.

    Runs without a known reason are told nowhere else, so they count here.
    """
    others = {
        run.key: burst.reason for burst in left if burst.reason is not NO_REASON for run in burst.failed
    }
    runs = [run for run in every if run.key not in others]
    apart = [others[run.key] for run in every if run.key in others]
    failed = [run for run in runs if run.status_class == FAILED]
    agents = [agent for agent, _ in Counter(run.agent_id for run in failed).most_common()]
    reasons = Counter(data.reasons.get(run.key, NO_REASON) for run in failed)
    reason: Reason | None = own[0].reason if own else None
    if reason is None and reasons:
        reason = next((each for each, _ in reasons.most_common() if each is not NO_REASON), None)
    base = _before(data, [one.run for one in data.ended], agents, release)
    goes_on = release.until == math.inf
    return Sentence(
        kind=RELEASE,
        since=release.at,
        until=None if goes_on else release.until,
        name=release.name,
        following=release.following,
        agents=tuple(map(data.name, agents)),
        agent_ids=tuple(agents),
        count=len(failed),
        runs=len(runs),
        share=base.share,
        reason=reason,
        more=max(0, len(reasons) - 1),
        apart=len(apart),
        apart_reasons=tuple(dict.fromkeys(apart)),
        keys=tuple(run.key for run in failed),
        trouble=goes_on,
    )
