"""How fast tokens are used, and how long an agent's runs usually take. Pure.

Tokens are dated by the terminal timestamp of their run, else by when a count was first seen to grow: what was there
at the first look is history and makes no peak.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from flowtui.model.run import COMPLETED, Run
from flowtui.model.store import APPEARED, CHANGED, Change

SPAN: Final = 600.0
"""Seconds that the sparkline covers."""

_MIN_SAMPLES = 3


class Pace:
    """Collects what was used while somebody watched. `now` is server time in UTC epoch seconds."""

    def __init__(self) -> None:
        self._used: list[tuple[float, str, int]] = []

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
                self._used.append((at, after.thread_key, grown))

    def per_minute(self, now: float, thread: str | None = None) -> int:
        """Return the tokens of the last 60 s, of one thread or of all."""
        return sum(used for at, key, used in self._used if now - 60 < at <= now + 5 and thread in (None, key))

    def bins(self, now: float, count: int, thread: str | None = None) -> Sequence[int]:
        """Return the tokens of the last `SPAN` seconds in `count` equal bins, oldest first."""
        self._used = [item for item in self._used if item[0] > now - SPAN]
        sums = [0] * count
        for at, key, used in self._used:
            if thread in (None, key):
                sums[min(count - 1, max(0, int((at - now + SPAN) / SPAN * count)))] += used
        return sums


def usual_durations(runs: Iterable[Run]) -> dict[str, float]:
    """Return agent id → median seconds of its completed runs; agents with fewer than three are left out."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    for run in runs:
        if run.status_class == COMPLETED and (seconds := run.duration(0.0)) is not None:
            took[run.agent_id].append(seconds)
    return {agent: median(times) for agent, times in took.items() if len(times) >= _MIN_SAMPLES}
