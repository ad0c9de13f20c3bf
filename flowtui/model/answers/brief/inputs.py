"""All that the brief of a time range is made of. Times are UTC epoch seconds by the server's clock."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property, partial
from operator import itemgetter
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.formatting import UNKNOWN
from flowtui.model.history.coverage import TimeCoverage
from flowtui.model.history.past import Seen
from flowtui.model.history.statistics import moments
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, TERMINAL, Run, RunKey, getter
from flowtui.model.state.marks import Mark
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes
from flowtui.text import safe_name

ENOUGH: Final = 10
"""With fewer runs before the range, an agent has no usual share of failures."""


_CLASS: Final = getter("status_class")
_AGENT: Final = getter("agent_id")
_RUN: Final[Callable[[Ended], Run]] = itemgetter(1)
_time: Final[Callable[[tuple[float, Run]], float]] = itemgetter(0)


class UsualOutcomes(NamedTuple):
    """How many of an agent's runs ended in some days before the time range, and how many of them failed."""

    runs: int
    failed: int

    @property
    def share(self) -> float | None:
        """The share that failed, 0 to 1; None without runs."""
        return self.failed / self.runs if self.runs else None


class ConfigChange(NamedTuple):
    """An agent's run whose configuration differs from that of the agent's run before it."""

    at: float
    """When the run was created."""
    agent_id: str
    run: RunKey


@dataclass(frozen=True, kw_only=True)
class BriefInput:
    """What is known of a time range.

    `since`, `until`: the range; `now`: the present, which is `until` if the range has no other end.
    `runs`: those that count in the range, by their end, or by their creation if they ended at an unknown time.
    `active`: the runs that are queued or running now; () if the range ends earlier.
    `usual`: agent id → its outcomes from `usual_since` until the range began; `usual_since` is None if nothing is known.
    `new_agents`: the ids of agents with runs in the range of which no earlier run is remembered; () if that is not known.
    `times`: how long runs usually wait and take.
    `before`: the runs of the same hours before, from `before_since`; None if these are not known.
    `reasons`: why runs failed, as far as it is known; `seen`: what is remembered of reasons from before the range;
    `unseen`: the reasons of which nothing is remembered; None: all that are not in `seen`.
    `begin`: since when there is a history; None without one. `coverage`: how the range was watched; None if unknown.
    `reach`: since when all runs were read from the API, as far as that is known.
    `marks`: releases, the newest last. `changes`: changes of configuration; None if they are not known.
    `whole`: whether all runs of the range are known though `coverage` is not.
    """

    since: float
    until: float
    now: float
    runs: Sequence[Run]
    active: Sequence[Run] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[RunKey, Reason] = field(default_factory=dict)
    seen: Mapping[Reason, Seen] = field(default_factory=dict)
    unseen: AbstractSet[Reason] | None = None
    usual: Mapping[str, UsualOutcomes] = field(default_factory=dict)
    usual_since: float | None = None
    new_agents: AbstractSet[str] = frozenset()
    times: UsualTimes = NO_USUAL_TIMES
    before: Sequence[Run] | None = None
    before_since: float | None = None
    begin: float | None = None
    reach: float = math.inf
    coverage: TimeCoverage | None = None
    marks: Sequence[Mark] = ()
    changes: Sequence[ConfigChange] | None = None
    prices: Prices | None = None
    whole: bool = False

    def name(self, agent_id: str) -> str:
        """Return the name of an agent; its id if it has none."""
        return self.names.get(agent_id) or safe_name(agent_id) or UNKNOWN

    def is_new(self, reason: Reason) -> bool:
        """Whether it is known that a reason did not come before the range, in what is remembered."""
        remembers = self.begin is not None and self.begin < self.since
        return remembers and reason not in self.seen and (self.unseen is None or reason in self.unseen)

    @cached_property
    def ended(self) -> list[Ended]:
        """The runs that have ended, in the order of their ends; of a run that ended at an unknown time its creation counts."""
        runs = [run for run in self.runs if _CLASS(run) in TERMINAL]
        timed = [(at, run) for at, run in zip(moments(runs), runs, strict=True) if at is not None]
        timed.sort(key=_time)  # fast, as they come in the order of their ends, the newest first
        return list(map(_ended, timed))

    @cached_property
    def ends(self) -> Mapping[str, Sequence[float]]:
        """Status class → when its ended runs ended, in order."""
        times: defaultdict[str, list[float]] = defaultdict(list)
        for at, run in self.ended:
            times[_CLASS(run)].append(at)
        return times

    @cached_property
    def failures(self) -> list[Ended]:
        """The failed ones of `ended`."""
        return [one for one in self.ended if _CLASS(one[1]) == FAILED]

    @cached_property
    def usual_outcomes(self) -> UsualOutcomes | None:
        """The outcomes before the range, weighed as if each agent had had as many runs as in the range.

        Agents with fewer than `ENOUGH` earlier runs are left out; None if no agent has so many.
        """
        counts = Counter(map(_AGENT, map(_RUN, self.ended)))
        known = [
            (count, usual)
            for agent, count in counts.items()
            if (usual := self.usual.get(agent)) is not None and usual.runs >= ENOUGH
        ]
        if not known:
            return None
        share = sum(count * usual.failed / usual.runs for count, usual in known)
        runs = sum(usual.runs for _, usual in known)
        return UsualOutcomes(runs, round(runs * share / sum(count for count, _ in known)))

    @property
    def usual_share(self) -> float | None:
        """The share of runs that usually fail, 0 to 1; None if unknown."""
        return None if self.usual_outcomes is None else self.usual_outcomes.share


class Ended(NamedTuple):
    """A run and when it ended, or when it was created if its end is unknown."""

    at: float
    run: Run


# `Ended._make` without its check of the length: a call in C for each of ten thousand runs.
_ended: Final = partial(tuple.__new__, Ended)
