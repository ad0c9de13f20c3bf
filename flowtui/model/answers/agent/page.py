"""All that the page of one agent shows, computed from its runs. Pure; times are UTC epoch seconds by the server's clock."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from flowtui.config.values.prices import Prices
from flowtui.model.answers.agent.buckets import Bucket, Buckets, added, cost_per_hour, tokens_per_hour, within
from flowtui.model.answers.agent.changes import AgentChanges, ConfigChange, agent_changes
from flowtui.model.answers.agent.known_time import KnownTime
from flowtui.model.answers.agent.onset import since_release, unusual_buckets
from flowtui.model.answers.agent.reasons import ReasonsOfRange, reasons_of_range
from flowtui.model.answers.agent.time_ranges import Grid, TimeRange, grid_of
from flowtui.model.answers.agent.usual import FAILED, Compared, Earlier, Stretch, compare
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.history.coverage import TimeCoverage
from flowtui.model.history.gone_rows import with_gone
from flowtui.model.history.past import QuarterSum
from flowtui.model.history.statistics import Statistics, statistics
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED as FAILED_CLASS
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Mark

TRENDS: Final = 13
"""The cells of the small trend of a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    """What is known of an agent.

    `chosen`: the time range. `runs`: what ended in it or later. `gone`: sums of further runs, whose rows are gone. `active`: the runs that are active now, the newest first.
    `earlier`: the runs from before the range; None as long as they are not read. `coverage`: how the range was watched;
    None without a history. `watched_until`, `reach`: see `KnownTime`. `reasons`: why runs failed. `before`: the reasons for which
    runs failed before the range. `releases`: of all time, the newest last. `configs`: see `ConfigLine.changes`.
    """

    chosen: TimeRange
    runs: EndedRuns
    gone: Sequence[QuarterSum] = ()
    active: Sequence[Run] = ()
    earlier: Earlier | None = None
    coverage: TimeCoverage | None = None
    watched_until: float
    reach: float = math.inf
    reasons: Mapping[RunKey, Reason] = field(default_factory=dict)
    before: Container[Reason] = ()
    releases: Sequence[Mark] = ()
    configs: Sequence[ConfigChange] = ()
    prices: Prices | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AgentPage:
    """What the page shows. Two pages are equal only if they are the same object."""

    chosen: TimeRange
    grid: Grid
    """The buckets of the charts."""
    now: float
    buckets: Sequence[Bucket]
    numbers: Statistics
    """Of all runs that ended in the range; without percentiles."""
    compared: Compared
    unusual: frozenset[int]
    """The indexes of the buckets in which more runs failed than is usual; of none, if that is not known."""
    since_release: Mark | None
    """The release since which more runs fail than is usual; None if there is none."""
    before: Stretch | None
    """The time before the range, as long as the range; None if too little of it is known."""
    active: Sequence[Run]
    reasons: ReasonsOfRange
    changes: AgentChanges
    ended: EndedRuns

    def runs(self, most: int) -> list[Run]:
        """Return the active runs, then the ended ones, the newest first; at most so many."""
        left = max(0, most - len(self.active))
        return [*self.active[:most], *self.ended.between(self.grid.begin)[:left]]

    def tokens(self, bucket: Bucket) -> float | None:
        """Return the tokens an hour of a bucket; None if unknown. Those of the last one grow until it is over."""
        return None if bucket.gap else tokens_per_hour(bucket.numbers, self.grid.step)

    def cost(self, bucket: Bucket) -> float | None:
        """Return the cost an hour of a bucket; None if unknown. That of the last one grows until it is over."""
        return None if bucket.gap else cost_per_hour(bucket.numbers, self.grid.step)

    @property
    def priced(self) -> bool:
        """Whether a cost is known of a run that ended in the range, or none ended."""
        costs = self.numbers.costs
        return costs is not None and (not self.numbers.runs or costs.total.amount is not None)

    @property
    def empty(self) -> bool:
        """Whether no run is active, and none ended in the range."""
        return not self.active and not self.numbers.runs


class PageMaker:
    """Computes pages of one agent. What did not change since the last page is not computed again."""

    def __init__(self, prices: Prices | None) -> None:
        self._buckets = Buckets(prices)

    def page(self, facts: AgentFacts, now: float, cells: int) -> AgentPage:
        """Return the page. `cells`: the most buckets of a chart."""
        chosen, runs = facts.chosen, facts.runs
        shown, small = grid_of(chosen, now, cells), grid_of(chosen, now, TRENDS)
        known = KnownTime(facts.coverage, runs.first, facts.watched_until, facts.reach)
        buckets = self._buckets.of(runs, shown, known, now, gone=facts.gone)
        compared = compare(
            chosen, runs, facts.earlier, now, known=known, prices=facts.prices, gone=facts.gone
        )
        usual = compared.metrics[FAILED].usual
        unusual = frozenset() if usual is None else unusual_buckets(buckets, usual.high)
        inside = runs.between(shown.begin, buckets[0].until)  # of the first bucket, what belongs to the range
        first = with_gone(statistics(inside, facts.prices), within(facts.gone, shown.begin, buckets[0].until))
        failed = [run for run in inside if run.status_class == FAILED_CLASS]
        created = [bucket.oldest for bucket in buckets if bucket.oldest is not None]
        return AgentPage(
            chosen,
            shown,
            now,
            buckets,
            added([first, *(bucket.numbers for bucket in buckets[1:])]),
            compared,
            unusual,
            None
            if usual is None
            else since_release(runs, shown.begin, compared.last.seconds, usual.high, facts.releases),
            None if facts.earlier is None else facts.earlier.whole(chosen.seconds),
            facts.active,
            reasons_of_range(
                chain(chain.from_iterable(bucket.failed for bucket in reversed(buckets[1:])), failed),
                facts.reasons,
                small,
                now,
                oldest=min(created, default=None),
                releases=facts.releases,
                before=facts.before,
            ),
            agent_changes(facts.releases, facts.configs, shown.begin, shown.until),
            runs,
        )
