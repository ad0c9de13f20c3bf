"""How long runs usually wait and take, as the history remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flowtui.model.history.coverage import remembered_words
from flowtui.model.history.past import Past
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, DurationStats, UsualTimes, usual_times

DAYS: Final = 7
"""Of how many days the runs count."""

MOST_OF_A_DAY: Final = 2_000
"""Most runs that are read of one day, those that were created last: enough for a median, and little to read."""

_DAY: Final = 86_400.0


def remembered_times(past: Past, now: float, revision: int) -> UsualTimes:
    """Return the usual times of the last days up to `now`, by the server's clock, in UTC epoch seconds. Reads a file."""
    begin = past.begin
    if begin is None:
        return NO_USUAL_TIMES
    runs = [
        run
        for day in range(DAYS)
        for run in past.runs(now - (day + 1) * _DAY, now - day * _DAY, most=MOST_OF_A_DAY)
    ]
    words = remembered_words(max(begin, now - DAYS * _DAY), now)
    found = usual_times(runs)
    return replace(
        found, waits=_of(found.waits, words), durations=_of(found.durations, words), revision=revision
    )


def _of(stats: Mapping[str, DurationStats], basis: str) -> dict[str, DurationStats]:
    return {agent: each._replace(basis=basis) for agent, each in stats.items()}
