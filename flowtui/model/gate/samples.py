"""Selects the runs of a side that count, in order, and reads the values of a metric from them.

Failed runs tend to end sooner than others, so the runs that have ended so far are not typical. Therefore runs are taken
in order of creation, and only as long as nearly all of them have ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowtui.model.gate import beliefs
from flowtui.model.gate.beliefs import Belief
from flowtui.model.gate.tree import CANCEL_RATE, FAILURE_RATE, RUNS_PER_MIN, SHARES
from flowtui.model.run.row import CANCELLED, FAILED, Run

_STILL_ACTIVE: Final = 0.05  # share of the runs that may still be active; one active run is always allowed
_BINS: Final = 20


class Side(NamedTuple):
    """A window of time, and runs. Those of the runs that were created in the window count."""

    runs: Sequence[Run]
    """The runs, including some that were created at other times."""
    since: float
    """The start of the window, in UTC epoch seconds by the server's clock."""
    until: float
    """The end of the window (exclusive), in the same seconds. For the new side this is now."""


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
    settled: tuple[Run, ...] = ()
    """The runs that have ended and count."""
    timed: tuple[Run, ...] = ()
    """The settled runs, and the runs that have been active for too long to be waited for."""
    waiting: int = 0
    """How many ended runs do not count yet, because too many earlier runs are active."""
    _known: dict[tuple[str, int | None, float], Belief | None] = field(default_factory=dict, compare=False)

    def size(self, metric: str) -> int:
        """Return how many runs may have a value of a metric."""
        if metric == RUNS_PER_MIN:
            return len(self.created)
        return len(self.timed if metric in SHARES else self.settled)

    def belief(self, metric: str, first: int | None = None, nearer: float = 0.0) -> Belief | None:
        """Return the belief about a metric; None if no run has a value.

        Only the first `first` runs are used; None: all. `nearer` is that of `beliefs.percentile`.
        """
        key = (metric, first, nearer)
        if key not in self._known:
            arrivals = metric == RUNS_PER_MIN
            self._known[key] = self._arrivals(first) if arrivals else self._of_ended(metric, first, nearer)
        return self._known[key]

    def _of_ended(self, metric: str, first: int | None, nearer: float) -> Belief | None:
        # Runs that have been active for too long count with their present duration and wait; their outcome is unknown.
        runs = (self.timed if metric in SHARES else self.settled)[:first]
        if metric in (FAILURE_RATE, CANCEL_RATE):
            wanted = FAILED if metric == FAILURE_RATE else CANCELLED
            if not runs:
                return None
            found = beliefs.rate(sum(run.status_class == wanted for run in runs), len(runs))
            return found._replace(threads=len({run.thread_key for run in runs}), worth=float(len(runs)))
        read = _READ.get(metric, _tokens)
        known = [(value, run.thread_key) for run in runs if (value := read(run, self.now)) is not None]
        if not known:
            return None
        some = tuple(sorted(value for value, _ in known))
        found = beliefs.percentile(some, SHARES[metric], nearer) if metric in SHARES else beliefs.mean(some)
        return found._replace(threads=len({thread for _, thread in known}), worth=float(len(some)))

    def _arrivals(self, first: int | None) -> Belief | None:
        """Return the belief about runs per minute.

        With `first`, the time until the creation of the last of these runs counts, else all the time of the side.
        """
        times = self.created[:first]
        end = self.until if first is None or not times else times[-1]
        minutes = (end - self.since) / 60
        if minutes <= 0 or not math.isfinite(minutes):
            return None
        bins = min(_BINS, max(1, len(times) // 5))
        counts = [0] * bins
        for at in times:
            counts[min(bins - 1, int((at - self.since) / (end - self.since) * bins))] += 1
        average = len(times) / bins
        spread = sum((count - average) ** 2 for count in counts) / (bins - 1) if bins > 1 else average
        return beliefs.arrivals(len(times), minutes, spread / average if average else 1.0)


def _tokens(run: Run, now: float) -> float | None:
    del now
    known = run.total_tokens if run.terminal else None
    return None if known is None or known < 0 else float(known)


_READ: Final[Mapping[str, Callable[[Run, float], float | None]]] = {
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
        tuple(settled[:kept]),
        tuple(timed[:long]),
        len(settled) - kept,
    )


def _inside(side: Side) -> list[Run]:
    return [run for run in side.runs if run.created is not None and side.since <= run.created < side.until]
