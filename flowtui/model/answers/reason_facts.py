"""What the runs that failed for one reason have in common: whose they are, where the reason came alone, what they cost. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.earlier_runs import EarlierRuns
from flowtui.model.answers.ended_runs import Tally, tally_of
from flowtui.model.answers.failures import ReasonRuns
from flowtui.model.history.statistics import moment_of
from flowtui.model.run.cost import Costs, Waste, costs, waste
from flowtui.model.run.row import GROUP_KEY, TERMINAL, Run, getter
from flowtui.model.state.marks import Mark, release_of

_CREATED: Final = getter("created")


class AgentShare(NamedTuple):
    """How many of an agent's ended runs failed for a reason."""

    agent_id: str
    runs: int
    """The runs that failed for the reason."""
    of: int
    """All runs of the agent that ended in the same time."""


class Before(NamedTuple):
    """How often a reason came in a time of the same length before the time range, or before the mark since which it is new."""

    since: float
    until: float
    mark: Mark | None
    """The mark, if the time ends with it."""
    failed: int
    """The runs that failed for the reason."""
    of: int
    """All runs that ended in that time."""


class ReasonFacts(NamedTuple):
    """What is known of the runs that failed for one reason."""

    who_since: float
    """Since when `who` counts: the start of the range, or the mark since which the reason is new."""
    who: Sequence[AgentShare]
    """The agents, the one with the most of these failures first."""
    release: str
    """The release in which all of them were created, if runs of others ended in the range; "" if there is no such one."""
    tool: str
    """The tool that failed; "" if none did, or its name is unknown."""
    model: str
    """The model of all of them, if runs of others ended in the range; "" if there is no such one."""
    before: Before | None
    """None if that is not known."""
    waste: Waste
    """Their tokens."""
    costs: Costs
    """Their cost; its amount is None without prices."""


def reason_facts(
    one: ReasonRuns,
    runs: Sequence[Run],
    since: float,
    *,
    marks: Sequence[Mark] = (),
    earlier: EarlierRuns | None = None,
    prices: Prices | None = None,
    tally: Tally | None = None,
) -> ReasonFacts:
    """Return the facts of one reason.

    `runs`: all that count in the range that begins at `since`, the one that ended last first. `marks`: the newest last.
    `earlier`: what ended before the range; None if that is unknown. `tally`: that of `runs`, if the caller has it.
    """
    all_runs = tally_of(runs) if tally is None else tally
    begin = one.news.mark.at if one.news.mark is not None and one.news.mark.at > since else since
    of = _ended_by_agent(all_runs if begin == since else tally_of(runs[: _place(runs, begin)]))
    return ReasonFacts(
        who_since=begin,
        who=[AgentShare(key, count, of[key]) for key, count in one.by("agent")],
        release=_release(one.runs, runs, marks),
        tool=tool_of(one),
        model=_model(one.runs, all_runs),
        before=None if earlier is None else _before(one, runs, since, earlier),
        waste=waste(one.runs),
        costs=costs(one.runs, prices),
    )


def _place(runs: Sequence[Run], at: float) -> int:
    """Return how many of these runs, of which the last one comes first, ended at a time or later."""
    return bisect_right(runs, -at, key=lambda run: -(moment_of(run) or 0.0)) if runs else 0


def _ended_by_agent(tally: Tally) -> Counter[str]:
    """Return how many runs each agent has, without those that may not have ended."""
    of: Counter[str] = Counter()
    for (status_class, agent, _), number in tally.items():
        if status_class in TERMINAL:
            of[agent] += number
    return of


def tool_of(one: ReasonRuns) -> str:
    """Return the name of the tool that failed; "" if none did, or its name is unknown."""
    kind, _, name = ("" if one.reason is None else one.reason.source).partition(" ")
    return name if kind == "tool" else ""


def _release(own: Sequence[Run], runs: Sequence[Run], marks: Sequence[Mark]) -> str:
    if not marks:
        return ""
    names = {release_of(run, marks) for run in own}
    if len(names) > 1 or "" in names:
        return ""
    (name,) = names
    place = next(place for place, mark in enumerate(marks) if mark.name == name)
    begin = marks[place].at
    end = marks[place + 1].at if place + 1 < len(marks) else math.inf
    created = list(filter(None, map(_CREATED, runs)))
    alone = len(created) == len(runs) and (not created or (min(created) >= begin and max(created) < end))
    return "" if alone else name


def _model(own: Sequence[Run], tally: Tally) -> str:
    names = set(map(GROUP_KEY["model"], own))
    if len(names) > 1:
        return ""
    (name,) = names
    return name if any(number and model != name for (_, _, model), number in tally.items()) else ""


def _before(one: ReasonRuns, runs: Sequence[Run], since: float, earlier: EarlierRuns) -> Before | None:
    mark = one.news.mark
    if mark is None or mark.at <= since:
        failed = earlier.failed.get(one.reason, 0) if one.reason is not None else 0
        return Before(earlier.since, earlier.until, None, failed, earlier.ended) if one.reason else None
    ended = earlier.before_mark.get(mark)
    if ended is None:
        return None
    between = _ended_by_agent(tally_of(runs[_place(runs, mark.at) :])).total()
    return Before(ended.since, mark.at, mark, 0, ended.runs + between)
