"""Runs of a gate that the history remembers, so that the API is asked only for what is missing.

Of a thread, the history counts up to a moment, its *floor*: until then the thread's list was read without a hole, and all
runs that were created before it had ended. Runs created since then must come from the API.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flowtui import formatting
from flowtui.model.history.coverage import GAP, TimeCoverage, coverage, time_words
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Past
from flowtui.model.run.row import Run
from flowtui.text import safe_text

HISTORY: Final = "history"
API: Final = "api"
"""Where the base of a gate comes from."""

MOST: Final = 50_000
"""Most runs of a window that are read from the history. A gate with more asks the API."""

SLACK: Final = 300.0
"""Seconds by which the clocks of server and this machine may differ, if that was not measured, and a list may be late."""

LATE: Final = 10.0
"""Seconds by which a list may be late, if the difference of the clocks is known."""


@dataclass(frozen=True, eq=False)
class PastBase:
    """What the history says of the runs since the begin of a window. Two are equal only if they are the same object."""

    begin: float = 0.0
    """When the window of the base begins, in UTC epoch seconds by the server's clock."""
    since: float = 0.0
    """When the window ends."""
    floors: Mapping[str, float] = field(default_factory=dict)
    """Raw thread id → its floor, for the threads that are remembered back to `begin`."""
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    """Raw thread id → its remembered runs that were created from `begin` until before its floor, the newest first."""
    coverage: TimeCoverage | None = None
    """How the window of the base was watched; None if nothing is remembered of it."""
    why: str = ""
    """Why the base comes from the API alone, as a display-safe clause; "" if it does not, or if there is no history."""

    def complete(self, thread: str) -> bool:
        """Whether all of a thread's base is remembered."""
        return self.floors.get(thread, -math.inf) >= self.since

    def back_to(self, thread: str, begin: float) -> float:
        """Return how far back the runs of a thread must come from the API."""
        return self.floors.get(thread, begin)

    @property
    def watched(self) -> tuple[float, float, float, float]:
        """For how many seconds the window was watched live, read afterwards, without an answer of the API, and unwatched."""
        found = self.coverage
        if found is None:
            return (0.0, 0.0, 0.0, 0.0)
        live, read, unanswered, gap = map(found.seconds, (LIVE, READ, UNANSWERED, GAP))
        return (live, read, unanswered, gap)


NO_PAST: Final = PastBase()
"""There is no history."""


def from_api(why: str) -> PastBase:
    """Return that the base comes from the API alone. `why`: a clause, such as `the history begins at 12:00`."""
    return PastBase(why=safe_text(why))


def past_base(
    past: Past,
    begin: float,
    since: float,
    until: float,
    *,
    threads: Iterable[str] | None = None,
    clock_offset: float = 0.0,
    slack: float = SLACK,
) -> PastBase:
    """Return what the history says of the runs that were created from `begin` until before `until`. Reads a file.

    The base ends at `since`. These are times of the server's clock; `clock_offset` is that clock minus the local one, in
    seconds, and `slack` how wrong that may be. `threads`: the raw ids of the threads that count; None: all.
    """
    local = begin - clock_offset
    first = past.begin
    if first is None:
        return NO_PAST
    if first > local:
        return from_api("the history begins later than the window before the mark")
    watched = coverage(past.watched(local, until - clock_offset), local, until - clock_offset)
    known = _known_until(watched)
    known = until if known >= watched.until else known + clock_offset - slack
    shown = watched.within(local, since - clock_offset)
    if known <= begin:
        return from_api("nobody watched at the begin of the window before the mark")
    reached = {
        key: min(known, until, reach.observed + clock_offset - slack)
        for key, reach in past.reach(threads).items()
        if reach.whole or reach.oldest <= begin
    }
    floors = {key: floor for key, floor in reached.items() if floor > begin}
    if reached and not floors:
        return from_api("no thread was read since the begin of the window before the mark")
    rows = past.runs(begin, max(floors.values(), default=begin), most=MOST + 1)
    if len(rows) > MOST:
        return from_api(f"more than {formatting.count(MOST)} runs are remembered of this window")
    return _base(begin, since, floors, rows, shown)


def _known_until(watched: TimeCoverage) -> float:
    """Return until when it is known what happened: what happened in a gap, or in an outage before it, was read by nobody."""
    known = watched.since
    for part in watched.parts:
        if part.how == GAP:
            return known
        known = known if part.how == UNANSWERED else part.until
    return watched.until


def _base(
    begin: float, since: float, floors: dict[str, float], rows: Iterable[Run], shown: TimeCoverage
) -> PastBase:
    runs: defaultdict[str, list[Run]] = defaultdict(list)
    for run in rows:
        created, floor = run.created, floors.get(run.thread_key)
        if created is None or floor is None:
            continue
        if not run.terminal:  # its end is not remembered: it and all newer ones are asked for
            floors[run.thread_key] = min(floor, created)
        runs[run.thread_key].append(run)
    kept = {
        key: [run for run in found if (run.created or begin) < floors[key]] for key, found in runs.items()
    }
    if not floors:
        return from_api("no thread is remembered back to the begin of the window before the mark")
    return PastBase(begin, since, floors, kept, shown)


def base_words(
    runs: int, remembered: int, watched: tuple[float, float, float, float] | Sequence[float] | None, why: str
) -> str:
    """Return where a base of `runs` runs comes from; "" if there is no history.

    `remembered`: how many of the runs come from the history. `watched`: as in `PastBase`; None: the history did not count.
    `why`: why it did not.
    """
    if watched is None:
        return f"base from the API: {why}" if why else ""
    live, read, unanswered, gap = watched
    whole = live + read + unanswered + gap
    said = [
        f"watched {time_words(live)} of {time_words(whole)}"
        if live < whole
        else f"watched all {time_words(whole)}"
    ]
    if read:
        said.append(f"{time_words(read)} read afterwards")
    if unanswered:
        said.append(f"{time_words(unanswered)} without an answer, read after it")
    if gap:
        said.append(f"{time_words(gap)} from the API")
    part = f"{formatting.count(remembered)} of {formatting.plural(runs, 'run')}"
    return f"base from the history ({part}): {', '.join(said)}"
