"""The runs of an agent in buckets of time, with the numbers of each bucket. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.agent.known_time import KnownTime
from flowtui.model.answers.agent.time_ranges import Grid
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.history.gone_rows import QUARTER, with_gone
from flowtui.model.history.past import QuarterSum
from flowtui.model.history.statistics import Statistics, statistics
from flowtui.model.run.cost import Costs, Waste, add_costs, known_sum
from flowtui.model.run.row import FAILED, Run

_HOUR: Final = 3600.0
_KNOWN: Final = 0.5  # share of a bucket that must be known for an empty bucket to mean that nothing ended


class Bucket(NamedTuple):
    """The runs that ended in a stretch of time."""

    since: float
    until: float
    """The end of the bucket (exclusive)."""
    known: bool
    """Whether it is known what ended in it. If not, there may be more runs than these."""
    numbers: Statistics
    failed: Sequence[Run]
    """The failed runs, the one that ended last first."""
    oldest: float | None
    """When the first of all its runs was created; None if unknown."""

    @property
    def gap(self) -> bool:
        """Whether nothing is known of this time: nobody watched it, and no run is known that ended in it."""
        return not self.known and not self.numbers.runs


def tokens_per_hour(numbers: Statistics, seconds: float) -> float | None:
    """Return the tokens an hour of runs that ended within so many seconds; None if no run reported any, 0 without runs."""
    if not numbers.runs:
        return 0.0
    return None if numbers.tokens is None else numbers.tokens * _HOUR / seconds


def cost_per_hour(numbers: Statistics, seconds: float) -> float | None:
    """Return the cost an hour of runs that ended within so many seconds; None if no cost is known, 0 without runs."""
    if numbers.costs is None:
        return None
    amount = numbers.costs.total.amount if numbers.runs else 0.0
    return None if amount is None else amount * _HOUR / seconds


class _Made(NamedTuple):
    """The runs of a bucket, and what was computed from them. `gone`: sums of further runs."""

    runs: list[Run]
    gone: list[QuarterSum]
    numbers: Statistics
    failed: Sequence[Run]
    oldest: float | None


class Buckets:
    """Sorts runs into buckets. The numbers of a bucket are computed again only if its runs have changed."""

    def __init__(self, prices: Prices | None) -> None:
        self._prices = prices
        self._made: dict[tuple[float, float], _Made] = {}

    def of(
        self, runs: EndedRuns, grid: Grid, known: KnownTime, now: float, *, gone: Sequence[QuarterSum] = ()
    ) -> list[Bucket]:
        """Return the buckets of a grid. The last one has also what ended later, as the server's clock may be ahead.

        `gone`: sums of runs whose rows are gone. A bucket has those of quarters of an hour that have their middle in it.
        """
        before, self._made = self._made, {}
        found = []
        for place in range(grid.cells):
            since, until = grid.edges(place)
            rows = runs.between(since, until if place < grid.cells - 1 else None)
            made = before.get((since, until))
            own = within(gone, since, until)
            if made is None or made.runs != rows or made.gone != own:
                made = self._make(rows, own)
            self._made[since, until] = made
            bucket = Bucket(since, until, known.share(since, until, now) >= _KNOWN, *made[2:])
            found.append(bucket)
        return found

    def _make(self, rows: list[Run], gone: list[QuarterSum]) -> _Made:
        created = [run.created for run in rows if run.created is not None]
        failed = [run for run in rows if run.status_class == FAILED]
        numbers = with_gone(statistics(rows, self._prices), gone)
        return _Made(rows, gone, numbers, failed, min(created, default=None))


def within(gone: Sequence[QuarterSum], since: float, until: float) -> list[QuarterSum]:
    """Return the sums of the quarters of an hour that have their middle in a time."""
    return [one for one in gone if since <= one.begin + QUARTER / 2 < until] if gone else []


def added(parts: Sequence[Statistics]) -> Statistics:
    """Return the statistics of all runs together. Their percentiles are not known from those of the parts."""
    empty = statistics((), None)
    priced = [part.costs for part in parts if part.costs is not None]
    currency = priced[0].total.currency if priced else ""
    lost = [part for part in parts if part.failed + part.cancelled]
    return empty._replace(
        runs=sum(part.runs for part in parts),
        completed=sum(part.completed for part in parts),
        failed=sum(part.failed for part in parts),
        cancelled=sum(part.cancelled for part in parts),
        unknown=sum(part.unknown for part in parts),
        busy=sum(part.busy for part in parts),
        timed=sum(part.timed for part in parts),
        prompt=known_sum(part.prompt for part in parts),
        completion=known_sum(part.completion for part in parts),
        tokens=known_sum(part.tokens for part in parts),
        reported=None
        if any(part.reported is None for part in parts)
        else sum(part.reported or 0 for part in parts),
        gone=sum(part.gone for part in parts),
        costs=Costs(
            add_costs([each.total for each in priced], currency),
            add_costs([each.wasted for each in priced], currency),
        )
        if priced
        else None,
        waste=Waste(
            known_sum(part.waste.tokens for part in lost) if lost else 0,
            sum(part.waste.unreported for part in parts),
        ),
    )
