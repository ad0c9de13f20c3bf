"""What was usual for an agent before a time range, and how its last stretch of time compares with that. Pure.

The time before the range is cut into stretches of one length. A stretch counts if nine tenths of it are known. *Usual* is
the range from the 10th to the 90th percentile (nearest rank) of the values of these stretches; for shares and percentiles
only stretches count in which at least `RUNS` runs ended. With fewer than `STRETCHES` of them nothing is called usual.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.answers.agent.buckets import cost_per_hour, tokens_per_hour, within
from flowtui.model.answers.agent.known_time import KnownTime
from flowtui.model.answers.agent.time_ranges import TimeRange
from flowtui.model.answers.ended_runs import EndedRuns
from flowtui.model.history.gone_rows import with_gone
from flowtui.model.history.past import QuarterSum
from flowtui.model.history.statistics import Statistics, moment_of, statistics
from flowtui.model.run.row import Run
from flowtui.model.stats.usual_times import median

FAILED: Final = "failed"
P50: Final = "p50"
P95: Final = "p95"
TOKENS: Final = "tokens"
COST: Final = "cost"
METRICS: Final = (FAILED, P50, P95, TOKENS, COST)
"""Share of failed runs; seconds that half, and 19 of 20 of the runs took at most; tokens and cost an hour."""

STRETCHES: Final = 12
"""With fewer earlier stretches than this, nothing is called usual."""
RUNS: Final = 5
"""With fewer ended runs than this, a stretch has no usual share and no usual percentiles."""

_COVERED: Final = 0.9  # share of a stretch that must be known
_OF_RUNS: Final = frozenset({FAILED, P50, P95})


class Stretch(NamedTuple):
    """A time of some length, and the numbers of the runs that ended in it."""

    since: float
    seconds: float
    numbers: Statistics


class Usual(NamedTuple):
    """The range in which eight of ten earlier values lay."""

    low: float
    middle: float
    """The median of the earlier values."""
    high: float
    stretches: int
    """The number of earlier values."""


class Comparison(NamedTuple):
    """The value of the last stretch, against what was usual."""

    value: float | None
    """None if it is unknown."""
    usual: Usual | None
    """None if too little is known."""
    floor: bool = False
    """Whether the true value may be higher, because a price or the usage of a run is missing."""
    few: bool = False
    """Whether the value rests on fewer runs than each of the earlier values, so that it is not compared."""

    @property
    def outside(self) -> int:
        """1 if the value is above what is usual, -1 if it is below, 0 if it is in the range or cannot be compared."""
        if self.value is None or self.usual is None or self.few:
            return 0
        if self.value > self.usual.high:
            return 1
        return -1 if self.value < self.usual.low and not self.floor else 0

    @property
    def times(self) -> float | None:
        """How many times the median of the earlier values this value is; None if unknown, or if that median is 0."""
        if self.value is None or self.usual is None or not self.usual.middle:
            return None
        return self.value / self.usual.middle


class Compared(NamedTuple):
    """The last stretch of a time range, against earlier stretches of the same length."""

    last: Stretch
    metrics: Mapping[str, Comparison]
    """One for each of `METRICS`."""
    since: float | None
    """The begin of the first earlier stretch that counts; None if there is none."""
    known: float
    """How many seconds the earlier stretches have together that count."""
    read: bool
    """Whether the earlier runs were read already."""


def value_of(metric: str, stretch: Stretch) -> float | None:
    """Return a metric of a stretch; None if it is unknown, and for shares and percentiles if no run ended."""
    return _VALUES[metric](stretch)


_VALUES: Final[Mapping[str, Callable[[Stretch], float | None]]] = {
    FAILED: lambda found: found.numbers.failure_share,
    P50: lambda found: found.numbers.p50,
    P95: lambda found: found.numbers.p95,
    TOKENS: lambda found: tokens_per_hour(found.numbers, found.seconds),
    COST: lambda found: cost_per_hour(found.numbers, found.seconds),
}


class Earlier:
    """The runs that ended before a time range, in stretches of time.

    `runs`: the newest first. `gone`: sums of all others that ended since `since`, whose rows are gone or were not read.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        since: float,
        until: float,
        known: KnownTime,
        prices: Prices | None = None,
        *,
        gone: Sequence[QuarterSum] = (),
    ) -> None:
        self.runs, self.since, self.until, self._gone = runs, since, until, gone
        self._known, self._prices = known, prices
        self._made: dict[float, list[Stretch]] = {}
        self._whole: dict[float, Stretch | None] = {}

    def stretches(self, seconds: float) -> list[Stretch]:
        """Return the stretches of this length that are known, the latest first. They end where the range begins."""
        if seconds not in self._made:
            self._made[seconds] = self._cut(seconds)
        return self._made[seconds]

    def whole(self, seconds: float) -> Stretch | None:
        """Return the last so many seconds before the range as one stretch; None if too little of them is known."""
        if seconds not in self._whole:
            self._whole[seconds] = self._last(seconds)
        return self._whole[seconds]

    def _last(self, seconds: float) -> Stretch | None:
        begin = self.until - seconds
        if begin < self.since or self._known.share(begin, self.until, self.until) < _COVERED:
            return None
        rows = [run for run in self.runs if begin <= (moment_of(run) or 0.0) < self.until]
        return self._stretch(begin, seconds, rows)

    def _stretch(self, begin: float, seconds: float, rows: Sequence[Run]) -> Stretch:
        gone = within(self._gone, begin, begin + seconds)
        return Stretch(begin, seconds, with_gone(statistics(rows, self._prices), gone))

    def _cut(self, seconds: float) -> list[Stretch]:
        count = int((self.until - self.since) / seconds)
        rows: list[list[Run]] = [[] for _ in range(count)]
        for run in self.runs:
            at = moment_of(run)
            if (
                at is not None
                and at < self.until
                and (place := math.ceil((self.until - at) / seconds) - 1) < count
            ):
                rows[place].append(run)
        found = []
        for place, own in enumerate(rows):
            begin = self.until - seconds * (place + 1)
            if self._known.share(begin, begin + seconds, self.until) >= _COVERED:
                found.append(self._stretch(begin, seconds, own))
        return found


def compare(
    chosen: TimeRange,
    runs: EndedRuns,
    earlier: Earlier | None,
    now: float,
    *,
    known: KnownTime,
    prices: Prices | None,
    gone: Sequence[QuarterSum] = (),
) -> Compared:
    """Return how the last stretch of a range compares with what was usual before the range.

    The stretch has the first length of the range for which enough earlier stretches have enough runs; the first of all,
    if none has. `earlier`: None if it was not read yet. `gone`: sums of runs of the range whose rows are gone.
    """
    lengths = chosen.stretches if earlier is not None else chosen.stretches[:1]
    seconds = next(
        (each for each in lengths if earlier is not None and _enough(earlier.stretches(each))), lengths[0]
    )
    numbers = statistics(runs.between(now - seconds), prices)
    last = Stretch(now - seconds, seconds, with_gone(numbers, within(gone, now - seconds, math.inf)))
    before = [] if earlier is None else earlier.stretches(seconds)
    complete = known.share(now - seconds, now, now) >= _COVERED
    return Compared(
        last,
        {metric: _compared(metric, last, before, complete=complete) for metric in METRICS},
        min((each.since for each in before), default=None),
        seconds * len(before),
        earlier is not None,
    )


def _enough(found: Sequence[Stretch]) -> bool:
    return sum(each.numbers.ended >= RUNS for each in found) >= STRETCHES


def _compared(metric: str, last: Stretch, before: Sequence[Stretch], *, complete: bool) -> Comparison:
    value = value_of(metric, last) if complete or metric in _OF_RUNS else None
    floor = metric == COST and last.numbers.costs is not None and last.numbers.costs.total.floor
    return Comparison(value, _usual(metric, before), floor, metric in _OF_RUNS and last.numbers.ended < RUNS)


def _usual(metric: str, before: Sequence[Stretch]) -> Usual | None:
    if metric in _OF_RUNS:
        before = [each for each in before if each.numbers.ended >= RUNS]
    elif metric == COST:
        before = [
            each
            for each in before
            if each.numbers.costs is not None and not each.numbers.costs.total.unpriced
        ]
    values = sorted(value for each in before if (value := value_of(metric, each)) is not None)
    if len(values) < STRETCHES:
        return None
    low, high = (values[math.ceil(len(values) * share) - 1] for share in (0.1, 0.9))
    return Usual(low, median(values), high, len(values))
