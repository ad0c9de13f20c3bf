"""Statistics of runs over time: counts, the share of failures, durations, tokens, costs. Pure.

Runs count by their end. A run that has ended at an unknown time, or of which it is unknown whether it has ended,
counts by its creation. Active runs count only if the span of time reaches to the present. Times are UTC epoch seconds by
the server's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.run.cost import Costs, Waste
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, UNKNOWN, Run, getter
from flowtui.model.stats.thread_totals import sums
from flowtui.model.stats.usual_times import median

_ENDS: Final = getter("status_class", "cancelled", "failed", "completed")


class Period(NamedTuple):
    """The span of time of which runs count, from `since` until before `until`."""

    since: float
    until: float
    active: bool = True
    """Whether active runs count, because the span reaches to the present."""

    def counts(self, run: Run) -> bool:
        """Whether a run counts."""
        if run.active:
            return self.active
        at = moment_of(run)
        return at is not None and self.since <= at < self.until


def moment_of(run: Run) -> float | None:
    """Return the time by which a run that is not active counts: its end, else its creation; None if both are unknown."""
    ended = run.ended
    return run.created if ended is None else ended


def moments(runs: Sequence[Run]) -> list[float | None]:
    """Return `moment_of` of many runs, in a third of the time."""
    return [
        own
        if (
            own := completed
            if status == COMPLETED
            else failed
            if status == FAILED
            else cancelled
            if status == CANCELLED
            else None
        )
        is not None
        else moment_of(run)
        for run, (status, cancelled, failed, completed) in zip(runs, map(_ENDS, runs), strict=True)
    ]


class Statistics(NamedTuple):
    """Statistics of some runs."""

    runs: int
    """How many runs count: the sum of the five counts below."""
    completed: int
    failed: int
    cancelled: int
    active: int
    """How many runs are queued or running."""
    unknown: int
    """Of how many runs it is unknown whether they have ended."""
    p50: float | None
    """Half of the ended runs took at most this many seconds from start to end; None if unknown."""
    p95: float | None
    """19 of 20 ended runs took at most this many seconds; None if unknown."""
    busy: float
    """The sum of these durations, in seconds."""
    timed: int
    """How many of the ended runs have a known duration."""
    prompt: int | None
    """The sum of the prompt tokens; None if no run reported them."""
    completion: int | None
    """The sum of the completion tokens; None if no run reported them."""
    tokens: int | None
    """The sum of the total tokens; None if no run reported a total."""
    reported: int | None
    """How many runs reported a total; None if that is not known any more, because rows are gone."""
    costs: Costs | None
    """What the runs have cost, and the failed and cancelled ones of them; None without prices."""
    waste: Waste
    """The tokens of the failed and cancelled runs."""
    gone: int = 0
    """Of how many of the runs only sums are kept. If there are any, percentiles are unknown."""

    @property
    def ended(self) -> int:
        """The number of completed, failed and cancelled runs."""
        return self.completed + self.failed + self.cancelled

    @property
    def failure_share(self) -> float | None:
        """The share of the ended runs that failed, 0 to 1; None if no run has ended."""
        return self.failed / self.ended if self.ended else None


class Group(NamedTuple):
    """The runs of one agent, model or thread, or of one hour or day, and their statistics."""

    key: str
    """The raw id of the agent or thread, or the model; "" for an hour or a day."""
    name: str
    """The name for the user, display-safe; "" for an hour or a day."""
    since: float
    """The begin of the time to which the group belongs."""
    until: float
    """The end of that time (exclusive)."""
    statistics: Statistics


def statistics(runs: Iterable[Run], prices: Prices | None) -> Statistics:
    """Return the statistics of these runs. `prices`: what tokens cost; None: no costs are computed."""
    rows = list(runs)
    found = sums(rows, prices)
    took = sorted(seconds for run in rows if run.terminal and (seconds := run.duration(0.0)) is not None)
    count = found.totals.by_class
    return Statistics(
        runs=found.totals.runs,
        completed=count.get(COMPLETED, 0),
        failed=count.get(FAILED, 0),
        cancelled=count.get(CANCELLED, 0),
        active=found.totals.active,
        unknown=count.get(UNKNOWN, 0),
        p50=median(took) if took else None,
        p95=took[-(-len(took) * 19 // 20) - 1] if took else None,
        busy=sum(took),
        timed=len(took),
        prompt=found.totals.prompt,
        completion=found.totals.completion,
        tokens=found.totals.total,
        reported=found.totals.reported,
        costs=found.costs,
        waste=found.waste,
    )
