"""All that the brief of a time range is made of. Times are UTC epoch seconds by the server's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.formatting import UNKNOWN
from flowtui.model.history.coverage import TimeCoverage
from flowtui.model.history.past import Seen
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes
from flowtui.text import safe_name


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
    `reasons`: why runs failed, as far as it is known; `seen`: what is remembered of reasons from before the range.
    `begin`: since when there is a history; None without one. `coverage`: how the range was watched; None if unknown.
    `marks`: releases, the newest last. `changes`: changes of configuration; None if they are not known.
    """

    since: float
    until: float
    now: float
    runs: Sequence[Run]
    active: Sequence[Run] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[RunKey, Reason] = field(default_factory=dict)
    seen: Mapping[Reason, Seen] = field(default_factory=dict)
    usual: Mapping[str, UsualOutcomes] = field(default_factory=dict)
    usual_since: float | None = None
    new_agents: AbstractSet[str] = frozenset()
    times: UsualTimes = NO_USUAL_TIMES
    before: Sequence[Run] | None = None
    before_since: float | None = None
    begin: float | None = None
    coverage: TimeCoverage | None = None
    marks: Sequence[Mark] = ()
    changes: Sequence[ConfigChange] | None = None
    prices: Prices | None = None

    def name(self, agent_id: str) -> str:
        """Return the name of an agent; its id if it has none."""
        return self.names.get(agent_id) or safe_name(agent_id) or UNKNOWN

    @cached_property
    def ended(self) -> list[Ended]:
        """The runs that have ended, at a known time, in the order of their ends."""
        found = [Ended(at, run) for run in self.runs if run.terminal and (at := run.ended) is not None]
        found.sort(key=lambda one: one.at)
        return found

    @cached_property
    def failures(self) -> list[Ended]:
        """The failed ones of `ended`."""
        return [one for one in self.ended if one.run.status_class == FAILED]

    @cached_property
    def usual_share(self) -> float | None:
        """The share of failed runs before the range, if each agent had as many runs as in the range; None if unknown."""
        counts: dict[str, int] = {}
        for one in self.ended:
            counts[one.run.agent_id] = counts.get(one.run.agent_id, 0) + 1
        known = [(count, self.usual[key]) for key, count in counts.items() if key in self.usual]
        total = sum(count for count, usual in known if usual.runs)
        return sum(count * (usual.share or 0.0) for count, usual in known) / total if total else None


class Ended(NamedTuple):
    """A run and when it ended."""

    at: float
    run: Run
