"""How fast tokens are used, and how long an agent's runs usually wait and take. Pure.

Tokens are dated by the terminal timestamp of their run, else by when a count was first seen to grow: what was there
at the first look is history and makes no peak.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, NamedTuple

from flowtui.model.run.row import COMPLETED, Run, RunKey
from flowtui.model.state.known_runs import APPEARED, CHANGED, Change

SPAN: Final = 600.0
"""Seconds that the sparkline covers."""

_MIN_SAMPLES: Final = 3
_AHEAD: Final = 5.0  # seconds by which two clocks may differ; later than that is after `now`

_READ: Final = itemgetter(
    *map(Run._fields.index, ("agent_id", "status_class", "created", "started", "completed"))
)


class Pace:
    """Collects what was used while somebody watched. `now` is server time in UTC epoch seconds.

    `wanted` says of which runs; None: of all.
    """

    def __init__(self) -> None:
        self._used: list[tuple[float, RunKey, int]] = []

    def see(self, changes: Iterable[Change], offset: float) -> None:
        """Take in changes; `offset` is the server's clock minus the local one."""
        for change in changes:
            after, before = change.after, change.before
            if after.total_tokens is None or change.kind not in (APPEARED, CHANGED):
                continue
            if before is None and change.since is None:
                continue  # the first look: history, not news
            grown = after.total_tokens - ((before.total_tokens or 0) if before is not None else 0)
            if grown > 0:
                at = after.ended if after.terminal and after.ended is not None else change.at + offset
                self._used.append((at, after.key, grown))

    def per_minute(self, now: float, wanted: Callable[[RunKey], bool] | None = None) -> int:
        """Return the tokens of the last 60 s."""
        return sum(
            used
            for at, key, used in self._used
            if now - 60 < at <= now + _AHEAD and (wanted is None or wanted(key))
        )

    def bins(self, now: float, count: int, wanted: Callable[[RunKey], bool] | None = None) -> Sequence[int]:
        """Return the tokens of the last `SPAN` seconds in `count` equal bins, oldest first."""
        self._used = [item for item in self._used if item[0] > now - SPAN]
        sums = [0] * count
        for at, key, used in self._used:
            if at <= now + _AHEAD and (wanted is None or wanted(key)):
                sums[min(count - 1, max(0, int((at - now + SPAN) / SPAN * count)))] += used
        return sums


class Habit(NamedTuple):
    """What `runs` runs took, in seconds: half of them no longer than `median`, 19 of 20 no longer than `slow`."""

    median: float
    slow: float
    runs: int


@dataclass(frozen=True, slots=True)
class Usual:
    """Agent id → how long its runs wait to be started, and how long the completed ones ran.

    Agents of which fewer than three such runs are known are left out.
    """

    waits: Mapping[str, Habit] = field(default_factory=dict)
    durations: Mapping[str, Habit] = field(default_factory=dict)


NOTHING_USUAL: Final = Usual()
"""Nothing is known of any agent."""


def usual_times(runs: Iterable[Run]) -> Usual:
    """Return what is usual among these runs. Times out of order count for nothing."""
    waited: defaultdict[str, list[float]] = defaultdict(list)
    took: defaultdict[str, list[float]] = defaultdict(list)
    # One pass over all that is known at each update: fields are taken out of the rows in C.
    for agent, status_class, created, started, completed in map(_READ, runs):
        if started is None:
            continue
        if created is not None and started >= created:
            waited[agent].append(started - created)
        if status_class == COMPLETED and completed is not None and completed >= started:
            took[agent].append(completed - started)
    return Usual(_habits(waited), _habits(took))


def _habits(samples: Mapping[str, list[float]]) -> dict[str, Habit]:
    return {agent: _habit(times) for agent, times in samples.items() if len(times) >= _MIN_SAMPLES}


def _habit(times: list[float]) -> Habit:
    times.sort()
    count = len(times)
    middle = (times[(count - 1) // 2] + times[count // 2]) / 2
    return Habit(middle, times[-(-count * 19 // 20) - 1], count)
