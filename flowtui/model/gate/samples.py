"""Selects the runs of a side that count, in order, and reads the values of a metric from them.

Failed runs tend to end sooner than others, so the runs that have ended so far are not typical. Therefore runs are taken
in order of creation, and only as long as nearly all of them have ended.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowtui.model.gate import beliefs, likeness
from flowtui.model.gate.beliefs import Belief
from flowtui.model.gate.bursts import Moment
from flowtui.model.gate.likeness import Tally
from flowtui.model.gate.tree import CANCEL_RATE, FAILURE_RATE, RATES, RUNS_PER_MIN, SHARES, TOKENS_PER_RUN
from flowtui.model.run.row import CANCELLED, FAILED, Run

_STILL_ACTIVE: Final = 0.05  # share of the runs that may still be active; one active run is always allowed
_BINS: Final = 20
_IMPOSSIBLE: Final = 1 << 63  # tokens of a run; such a number is an error of the server


class Side(NamedTuple):
    """A window of time, and runs. Those of the runs that were created in the window count."""

    runs: Sequence[Run]
    """The runs, including some that were created at other times."""
    since: float
    """The start of the window, in UTC epoch seconds by the server's clock."""
    until: float
    """The end of the window (exclusive), in the same seconds. For the new side this is now."""


class Nature(NamedTuple):
    """What is known about a metric from more than one side. The defaults say that nothing more is known."""

    worth: float | None = None
    """How many independent values the values of the sample are worth; None: each counts."""
    spread: float = 0.0
    """The standard deviation of values divided by their mean, at least."""
    bursts: float = 1.0
    """How unevenly runs arrive, at least (see `beliefs.arrivals`)."""
    nearer: float = 0.0
    """That of `beliefs.percentile`."""


PLAIN: Final = Nature()


@dataclass(frozen=True, slots=True)
class Sample:
    """The runs of a side that count, oldest first."""

    since: float
    """The start of the side, in UTC epoch seconds by the server's clock."""
    until: float
    """The end of the side (exclusive), in the same seconds."""
    now: float
    """The time at which the sample was taken, in the same seconds."""
    created: tuple[float, ...] = ()
    """The creation times of all runs of the side."""
    origins: tuple[str, ...] = ()
    """The raw ids of the threads of all runs of the side, in the order of `created`."""
    settled: tuple[Run, ...] = ()
    """The runs that have ended and count."""
    timed: tuple[Run, ...] = ()
    """The settled runs, and the runs that have been active for too long to be waited for."""
    waiting: int = 0
    """How many ended runs do not count yet, because too many earlier runs are active."""
    _values: dict[tuple[str, int | None], list[tuple[float, str]]] = field(
        default_factory=dict, compare=False
    )
    _threads: dict[tuple[str, int | None], frozenset[str]] = field(default_factory=dict, compare=False)
    _tallies: dict[tuple[str, int | None, frozenset[str]], Tally] = field(default_factory=dict, compare=False)
    _known: dict[tuple[str, int | None, Nature], Belief | None] = field(default_factory=dict, compare=False)

    def size(self, metric: str) -> int:
        """Return how many runs may have a value of a metric."""
        if metric == RUNS_PER_MIN:
            return len(self.created)
        return len(self.timed if metric in SHARES else self.settled)

    def belief(self, metric: str, first: int | None = None, nature: Nature = PLAIN) -> Belief | None:
        """Return the belief about a metric; None if no run has a value. Only the first `first` runs are used; None: all."""
        key = (metric, first, nature)
        if key not in self._known:
            arrivals = metric == RUNS_PER_MIN
            self._known[key] = (
                self._arrivals(first, nature)
                if arrivals
                else self._of_ended(metric, first, nature, beliefs.rate)
            )
        return self._known[key]

    def estimate(self, metric: str, nature: Nature) -> Belief | None:
        """Return the belief about a metric from all runs, to show its interval: that about a rate has no places."""
        if metric in RATES:
            return self._of_ended(metric, None, nature, beliefs.rate_estimate)
        return self.belief(metric, None, nature)

    def values(self, metric: str, first: int | None = None) -> list[tuple[float, str]]:
        """Return the values of a metric of ended runs, each with the raw id of its thread. Of a rate they are 0 or 1."""
        key = (metric, first)
        if key not in self._values:
            # Runs that have been active for too long count with their present duration and wait; their outcome is unknown.
            runs = (self.timed if metric in SHARES else self.settled)[:first]
            read = _READ[metric]
            known = ((read(run, self.now), run.thread_key) for run in runs)
            self._values[key] = [(value, thread) for value, thread in known if value is not None]
        return self._values[key]

    def moments(self, metric: str, first: int | None = None) -> list[Moment]:
        """Return when the runs were created that a rate counts, oldest first, and which of them are hits."""
        known = self.values(metric, first)
        return [
            Moment(run.created or 0.0, thread, value > 0)
            for run, (value, thread) in zip(self.settled, known, strict=False)
        ]

    def threads(self, metric: str, first: int | None = None) -> frozenset[str]:
        """Return the raw ids of the threads of the runs with a value."""
        key = (metric, first)
        if key not in self._threads:
            self._threads[key] = frozenset(thread for _, thread in self.values(metric, first))
        return self._threads[key]

    def tally(self, metric: str, first: int | None, shared: frozenset[str]) -> Tally:
        """Return the runs with a value by group. Hits are the runs beyond the percentile, for a mean beyond the median.

        `shared`: the threads that have runs on both sides.
        """
        key = (metric, first, shared)
        if key not in self._tallies:
            known = self.values(metric, first)
            edge = 0.0
            if known and metric not in RATES:
                edge = beliefs.quantile(sorted(value for value, _ in known), SHARES.get(metric, 0.5))
            self._tallies[key] = likeness.tally(((thread, value > edge) for value, thread in known), shared)
        return self._tallies[key]

    def _of_ended(
        self,
        metric: str,
        first: int | None,
        nature: Nature,
        rate: Callable[[int, int, float | None], Belief],
    ) -> Belief | None:
        known = self.values(metric, first)
        if not known:
            return None
        if metric in RATES:
            found = rate(round(sum(value for value, _ in known)), len(known), nature.worth)
        else:
            some = tuple(sorted(value for value, _ in known))
            found = (
                beliefs.percentile(some, SHARES[metric], nature.nearer, nature.worth)
                if metric in SHARES
                else beliefs.mean(some, nature.spread, nature.worth)
            )
        worth = len(known) if nature.worth is None else nature.worth
        return found._replace(threads=len(self.threads(metric, first)), worth=float(worth))

    def _arrivals(self, first: int | None, nature: Nature) -> Belief | None:
        """Return the belief about runs per minute.

        With `first`, the time until the creation of the last of these runs counts, else all the time of the side.
        """
        times, minutes = self._window(first)
        if minutes <= 0 or not math.isfinite(minutes):
            return None
        return beliefs.arrivals(len(times), minutes, max(nature.bursts, self._unevenness(first)))

    def _window(self, first: int | None) -> tuple[tuple[float, ...], float]:
        """Return when runs were created, and the minutes of that window."""
        times = self.created[:first]
        end = self.until if first is None or not times else times[-1]
        return times, (end - self.since) / 60

    def bursts(self, first: int | None, shared: frozenset[str]) -> float:
        """Return how unevenly runs arrived, as in `beliefs.arrivals`: by bins of time or by thread, whichever is more.

        A thread with runs on both sides (`shared`), and one without others beside it, goes on: only bins tell of it.
        Any other thread is a burst, however far apart its runs are.
        """
        sizes = Counter(self.origins[:first])
        together = [1 if thread in shared else number for thread, number in sizes.items()]
        by_thread = (
            math.fsum(map(operator.mul, sizes.values(), together)) / sizes.total() if len(sizes) > 1 else 1.0
        )
        return max(by_thread, self._unevenness(first))

    def _unevenness(self, first: int | None) -> float:
        """Return how unevenly runs arrived, by bins of time."""
        times, minutes = self._window(first)
        bins = min(_BINS, len(times) // 5)
        if bins < 2 or minutes <= 0 or not math.isfinite(minutes):
            return 1.0
        counts = [0] * bins
        for at in times:
            counts[min(bins - 1, int((at - self.since) / (minutes * 60) * bins))] += 1
        average = len(times) / bins
        return sum((count - average) ** 2 for count in counts) / (bins - 1) / average


def _tokens(run: Run, now: float) -> float | None:
    del now
    known = run.total_tokens if run.terminal else None
    return None if known is None or not 0 <= known < _IMPOSSIBLE else float(known)


def _failed(run: Run, now: float) -> float:
    del now
    return float(run.status_class == FAILED)


def _cancelled(run: Run, now: float) -> float:
    del now
    return float(run.status_class == CANCELLED)


_READ: Final[Mapping[str, Callable[[Run, float], float | None]]] = {
    FAILURE_RATE: _failed,
    CANCEL_RATE: _cancelled,
    TOKENS_PER_RUN: _tokens,
    "p50(duration)": Run.duration,
    "p95(duration)": Run.duration,
    "p50(wait)": Run.wait,
    "p95(wait)": Run.wait,
}


def longest(side: Side) -> float:
    """Return the longest time in seconds from creation to end of a run; infinity if none has ended."""
    ages = [
        run.ended - run.created for run in _inside(side) if run.created is not None and run.ended is not None
    ]
    return max(ages, default=math.inf)


def sample(side: Side, now: float, max_age: float) -> Sample:
    """Return the sample of a side at `now`.

    Runs that have been active for more than `max_age` seconds are not waited for.
    """
    runs = sorted(_inside(side), key=lambda run: (run.created or 0.0, run.raw_id))
    settled: list[Run] = []
    timed: list[Run] = []
    active = kept = long = 0
    for number, run in enumerate(runs, 1):
        if run.terminal:
            settled.append(run)
            timed.append(run)
        elif run.age(now) > max_age:  # type: ignore[operator]  # inside: created is known
            timed.append(run)
        else:
            active += 1
        if active <= max(1.0, _STILL_ACTIVE * number):
            kept, long = len(settled), len(timed)
    return Sample(
        side.since,
        side.until,
        now,
        tuple(run.created for run in runs if run.created is not None),
        tuple(run.thread_key for run in runs if run.created is not None),
        tuple(settled[:kept]),
        tuple(timed[:long]),
        len(settled) - kept,
    )


def _inside(side: Side) -> list[Run]:
    return [run for run in side.runs if run.created is not None and side.since <= run.created < side.until]
