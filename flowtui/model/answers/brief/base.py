"""What the history knows beside the runs of the range: how runs usually end, the same hours before, configurations."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final, NamedTuple

from flowtui.model.answers.brief.inputs import ConfigChange, UsualOutcomes
from flowtui.model.history.gone_rows import QUARTER
from flowtui.model.history.past import Past, QuarterSum
from flowtui.model.history.statistics import moment_of
from flowtui.model.run.row import FAILED, TERMINAL, Run

DAYS: Final = 7
"""Of how many days before the range the runs say what is usual."""

CHANGES: Final = 20
"""Most agents whose configurations are read, and most changes that are returned: the newest."""

_DAY: Final = 86_400.0
_LEAST: Final = _DAY  # seconds that must be remembered before the range, to say that an agent is new
_FEW: Final = 50  # with fewer runs before the range, no agent is called new
_MISSING: Final = (
    0.1  # share of the runs of which only sums are kept; with more, the same hours before are not known
)


class Base(NamedTuple):
    """What was before the range."""

    usual: Mapping[str, UsualOutcomes] = {}
    """Agent id → how its runs ended from `usual_since` until the range began."""
    usual_since: float | None = None
    """None: nothing is known."""
    agents: AbstractSet[str] | None = None
    """The ids of all agents that had a run before the range; None: not known, or for too short a time."""

    def new(self, runs: Iterable[Run]) -> frozenset[str]:
        """Return the ids of the agents of these runs that are not among `agents`; none if too little is known of these."""
        known = self.agents
        if known is None or sum(one.runs for one in self.usual.values()) < _FEW:
            return frozenset()
        return frozenset(run.agent_id for run in runs) - known - {""}


class Before(NamedTuple):
    """The same hours before."""

    since: float
    runs: Sequence[Run]
    """The runs that count in them."""


class Earlier(NamedTuple):
    """What may be read after the range itself."""

    before: Before | None
    changes: Sequence[ConfigChange]


NO_BASE: Final = Base()
"""Nothing is known of the time before the range."""


def hours_before(since: float, until: float) -> tuple[float, float]:
    """Return the same hours before a time range: a day earlier, or as many days as the range is long."""
    shift = max(1, math.ceil((until - since) / _DAY)) * _DAY
    return since - shift, until - shift


def read_base(past: Past, since: float, until: float) -> Base:
    """Return what is remembered of the time before a range. Reads a file; raises HistoryError.

    Usual outcomes are those of whole quarters of an hour.
    """
    begin = past.begin
    if begin is None or begin >= since:
        return NO_BASE
    last = math.floor(since / QUARTER) * QUARTER
    first = max(math.ceil(begin / QUARTER), math.ceil((since - DAYS * _DAY) / QUARTER)) * QUARTER
    sums = past.sums(first, last, max(QUARTER, last - first)) if first < last else []
    usual = usual_of_sums(sums)
    agents: set[str] | None = None
    if begin <= since - _LEAST:
        agents = set(usual)
        own = {one.agent_id for one in past.sums(last, until + QUARTER, max(QUARTER, until + QUARTER - last))}
        if own - agents:  # one that rests for some days is not new
            agents.update(one.agent_id for one in past.sums(begin, last, max(QUARTER, last - begin)))
    return Base(usual, first if first < last else None, agents)


def read_before(past: Past, since: float, until: float) -> Before | None:
    """Return the runs of the same hours before a range; None if not all their rows are kept. Reads a file; raises HistoryError."""
    begin = past.begin
    since, until = hours_before(since, until)
    if begin is None or begin > since:
        return None
    runs = past.runs(since, until, "counted")
    first, last = math.ceil(since / QUARTER) * QUARTER, math.floor(until / QUARTER) * QUARTER
    sums = past.sums(first, last, max(QUARTER, last - first)) if first < last else []
    ended = sum(one.runs for one in sums if one.status_class in TERMINAL)
    return Before(since, runs) if len(runs) >= ended * (1.0 - _MISSING) else None


def read_earlier(past: Past, since: float, until: float) -> Earlier:
    """Return the same hours before, and the changes of configuration of a range. Reads a file; raises HistoryError."""
    first, last = math.floor(since / QUARTER) * QUARTER, math.ceil(until / QUARTER) * QUARTER
    sums = past.sums(first, last, max(QUARTER, last - first))
    changes = config_changes(past, {one.agent_id for one in sums}, since, until)
    return Earlier(read_before(past, since, until), changes)


def base_of_runs(runs: Iterable[Run], begin: float, since: float, until: float) -> tuple[Base, Before | None]:
    """Return what some runs say of the time before a range. `begin`: from when on all runs that ended are among them."""
    earlier = [run for run in runs if not run.active and begin <= (moment_of(run) or 0.0) < since]
    count: Counter[str] = Counter(run.agent_id for run in earlier if run.terminal)
    failed: Counter[str] = Counter(run.agent_id for run in earlier if run.status_class == FAILED)
    usual = {agent: UsualOutcomes(number, failed[agent]) for agent, number in count.items()}
    agents = {run.agent_id for run in earlier} if begin <= since - _LEAST else None
    first, last = hours_before(since, until)
    own = [run for run in earlier if first <= (moment_of(run) or 0.0) < last]
    return Base(usual, begin, agents), Before(first, own) if begin <= first else None


def usual_of_sums(sums: Iterable[QuarterSum]) -> dict[str, UsualOutcomes]:
    """Return agent id → how many of its runs ended, and how many of them failed."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in sums:
        if one.status_class in TERMINAL:
            counts[one.agent_id][0] += one.runs
            counts[one.agent_id][1] += one.runs if one.status_class == FAILED else 0
    return {agent: UsualOutcomes(*both) for agent, both in counts.items()}


def config_changes(past: Past, agents: Iterable[str], since: float, until: float) -> list[ConfigChange]:
    """Return the first runs with a configuration that no earlier run of the range had, in order. Raises HistoryError.

    An agent that goes back and forth between two configurations is listed once.
    """
    found: list[ConfigChange] = []
    for agent in sorted(agents)[:CHANGES]:
        ordered = sorted(past.configs(since, until, agent))
        known = {each.config for each in ordered[:1]}
        for last, each in pairwise(ordered):
            if each.config != last.config and each.config not in known and each.created >= since:
                known.add(each.config)
                found.append(ConfigChange(each.created, agent, (each.thread_key, each.raw_id)))
    return sorted(found)[-CHANGES:]
