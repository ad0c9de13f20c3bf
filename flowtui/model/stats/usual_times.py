"""How long an agent's runs usually wait and take. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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


def usual_times(runs: Iterable[Run]) -> UsualTimes:
    """Return the usual times of these runs. A run whose times are out of order is ignored."""
    waited: defaultdict[str, list[float]] = defaultdict(list)
    took: defaultdict[str, list[float]] = defaultdict(list)
    # One pass over all known runs: itemgetter takes the fields out of the rows in C.
    for agent, status_class, created, started, completed in map(_READ, runs):
        if started is None:
            continue
        if created is not None and started >= created:
            waited[agent].append(started - created)
        if status_class == COMPLETED and completed is not None and completed >= started:
            took[agent].append(completed - started)
    return UsualTimes(_stats(waited), _stats(took))


def with_remembered(known: UsualTimes, remembered: UsualTimes) -> UsualTimes:
    """Return for each agent the usual times that the history remembers; those of known runs, where too few are remembered."""
    if not remembered.revision:
        return known
    waits, durations = (
        {
            **few,
            **{agent: stats for agent, stats in many.items() if agent not in few or stats.runs >= _ENOUGH},
        }
        for few, many in ((known.waits, remembered.waits), (known.durations, remembered.durations))
    )
    return UsualTimes(waits, durations, remembered.revision)


def _stats(samples: Mapping[str, list[float]]) -> dict[str, DurationStats]:
    return {agent: _stats_of(times) for agent, times in samples.items() if len(times) >= _MIN_SAMPLES}


def _stats_of(times: list[float]) -> DurationStats:
    times.sort()
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

    def of(self, snapshot: Snapshot) -> UsualTimes:
        """Return how long the runs of each agent usually wait and take."""
        known = sum(len(state.runs) for state in snapshot.threads.values())
        fresh = self._at is not None and 0 <= snapshot.at - self._at < _KEPT
        fresh = fresh and self._usual.revision == self.remembered.revision
        if not fresh or known <= self._few or known > self._runs * _GROWN:
            self._usual = with_remembered(usual_times(snapshot.runs()), self.remembered)
            self._at, self._runs = snapshot.at, known
        return self._usual
