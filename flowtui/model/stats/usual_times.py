"""How long an agent's runs usually wait and take. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Final, NamedTuple

from flowtui.model.run.row import COMPLETED, Run, getter
from flowtui.model.state.snapshot import Snapshot

_MIN_SAMPLES: Final = 3
_KEPT: Final = 30.0
"""Seconds for which a result is reused, because usual times change slowly."""

# If the number of known runs has grown by more than this factor, the result is computed again: the first pages of a large
# account say little.
_GROWN: Final = 1.3

_ENOUGH: Final = 10
"""From so many remembered durations of an agent on, those of known runs do not count."""

_READ: Final = getter("agent_id", "status_class", "created", "started", "completed")


class DurationStats(NamedTuple):
    """Statistics of some durations in seconds."""

    median: float
    """Half of the durations are at most this long."""
    slow: float
    """19 of 20 durations are at most this long."""
    runs: int
    """The number of durations."""
    basis: str = ""
    """Of what time they are, in words, if they come from the history: `in the 7 days remembered`; else ""."""


@dataclass(frozen=True, slots=True)
class UsualTimes:
    """How long the runs of each agent usually wait and take."""

    waits: Mapping[str, DurationStats] = field(default_factory=dict)
    """Agent id → how long its runs wait to be started. Agents with fewer than three known waits are left out."""
    durations: Mapping[str, DurationStats] = field(default_factory=dict)
    """Agent id → how long its completed runs took. Agents with fewer than three such runs are left out."""
    revision: int = 0
    """How often the history was read for them; 0: they come from known runs alone."""


NO_USUAL_TIMES: Final = UsualTimes()
"""The usual times of no runs."""


class Samples:
    """The known durations of runs, in seconds. `threads`: raw thread id → how many of its runs are in them."""

    def __init__(self) -> None:
        self.threads: dict[str, int] = {}
        self._waited: defaultdict[str, list[float]] = defaultdict(list)
        self._took: defaultdict[str, list[float]] = defaultdict(list)
        self._sorted = 0  # how many lists `sort_some` has sorted

    def add(self, runs: Iterable[Run]) -> None:
        """Add these runs. One whose times are out of order is ignored."""
        waited, took = self._waited, self._took
        # One pass over all known runs: itemgetter takes the fields out of the rows in C.
        for agent, status_class, created, started, completed in map(_READ, runs):
            if started is None:
                continue
            if created is not None and started >= created:
                waited[agent].append(started - created)
            if status_class == COMPLETED and completed is not None and completed >= started:
                took[agent].append(completed - started)

    def add_threads(self, snapshot: Snapshot) -> bool:
        """Add the threads that were not added yet; return False if another has more or fewer runs than when it was added."""
        for key, state in snapshot.threads.items():
            count = self.threads.get(key)
            if count is None:
                self.threads[key] = len(state.runs)
                self.add(state.runs.values())
            elif count != len(state.runs):
                return False
        return True

    def usual(self) -> UsualTimes:
        """Return the usual times of these runs."""
        return UsualTimes(_stats(self._waited), _stats(self._took))


def usual_times(runs: Iterable[Run]) -> UsualTimes:
    """Return the usual times of these runs. A run whose times are out of order is ignored."""
    samples = Samples()
    samples.add(runs)
    return samples.usual()


class _OnDemand(Mapping[str, DurationStats]):
    """Usual times by agent: of what the history remembers, and where that is too little, of known runs.

    Those of known runs are computed once they are asked for, as that takes long and only active runs need them.
    """

    def __init__(
        self, remembered: Mapping[str, DurationStats], known: Callable[[], Mapping[str, DurationStats]]
    ) -> None:
        self._remembered, self._known = remembered, known

    def __getitem__(self, agent: str) -> DurationStats:
        stats = self._remembered.get(agent)
        if stats is None or stats.runs < _ENOUGH:
            stats = self._known().get(agent, stats)
        if stats is None:
            raise KeyError(agent)
        return stats

    def __iter__(self) -> Iterator[str]:
        return iter({**self._known(), **self._remembered})

    def __len__(self) -> int:
        return len({**self._known(), **self._remembered})


def _stats(samples: Mapping[str, list[float]]) -> dict[str, DurationStats]:
    return {agent: _stats_of(times) for agent, times in samples.items() if len(times) >= _MIN_SAMPLES}


def _stats_of(times: list[float]) -> DurationStats:
    times.sort()  # fast if most of them were sorted before
    count = len(times)
    return DurationStats(median(times), times[-(-count * 19 // 20) - 1], count)


def median(ascending: Sequence[float]) -> float:
    """Return the median of one or more sorted numbers."""
    return (ascending[(len(ascending) - 1) // 2] + ascending[len(ascending) // 2]) / 2


class UsualTimesCache:
    """Computes usual times, and reuses a result for a while.

    If at most `few` runs are known, nothing is reused, as computing takes hardly any time. `remembered`: those of the
    history, which count first.
    """

    def __init__(self, few: int = 0) -> None:
        self.remembered: UsualTimes = NO_USUAL_TIMES
        self._few = few
        self._usual: UsualTimes = NO_USUAL_TIMES
        self._at: float | None = None
        self._runs = 0
        self._samples: Samples | None = None

    def of(self, snapshot: Snapshot) -> UsualTimes:
        """Return how long the runs of each agent usually wait and take."""
        known = sum(len(state.runs) for state in snapshot.threads.values())
        fresh = self._at is not None and 0 <= snapshot.at - self._at < _KEPT
        fresh = fresh and self._usual.revision == self.remembered.revision
        if not fresh or known <= self._few or known > self._runs * _GROWN:
            grown = known > max(self._runs, self._few)
            read = cache(partial(self._grown, snapshot) if grown else partial(usual_times, snapshot.runs()))
            remembered = self.remembered
            self._usual = UsualTimes(
                _OnDemand(remembered.waits, lambda: read().waits),
                _OnDemand(remembered.durations, lambda: read().durations),
                remembered.revision,
            )
            self._at, self._runs = snapshot.at, known
        elif known == self._runs:
            self._samples = None  # no more runs come
        return self._usual

    def _grown(self, snapshot: Snapshot) -> UsualTimes:
        """Return the usual times while more and more threads come in. Each of them is read once."""
        if self._samples is None or not self._samples.add_threads(snapshot):
            self._samples = Samples()
            self._samples.add_threads(snapshot)
        return self._samples.usual()
