"""Runs of a gate that the history remembers, so that the API is asked only for what is missing.

Of a thread, the history counts up to a moment, its *floor*: until then the thread's list was read without a hole, and all
runs that were created before it had ended. Runs created since then must come from the API.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from flowtui import formatting
from flowtui.model.history.coverage import GAP, TimeCoverage, coverage, time_words
from flowtui.model.history.past import LIVE, READ, UNANSWERED, Past, Watched
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.timeline.lanes import group_runs
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

_BEGIN: Final = "the start of the window before the mark"

# Seconds. Between what a start reads afterwards and its first look at all threads lies a moment that nobody watched. No run of
# it is missed, as that look shows it.
_MOMENT: Final = 5.0


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
    remembered: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    """Raw thread id → all its remembered runs that were created since `begin`, for runs that have left memory."""
    coverage: TimeCoverage | None = None
    """How the window of the base was watched; None if nothing is remembered of it."""
    why: str = ""
    """Why the base comes from the API alone, as a display-safe clause; "" if it does not, or if there is no history."""

    def complete(self, thread: str) -> bool:
        """Whether all of a thread's base is remembered."""
        return self.floors.get(thread, -math.inf) >= self.since

    def recovers(self, state: ThreadState) -> bool:
        """Whether the runs that have left memory and were created since `begin` are remembered, and none older is missing.

        The ids of those that left last are known; as these are remembered, those before them count as remembered, too.
        """
        ended = {run.raw_id for run in self.remembered.get(state.key, ()) if run.terminal}
        dates = {raw_id: left.created for raw_id, left in state.left.ids.items()}
        needed = [raw_id for raw_id, at in dates.items() if at is None or at >= self.begin]
        older = state.whole or any(at is not None and at < self.begin for at in dates.values())
        return older and bool(needed) and ended.issuperset(needed)

    def others(self, thread: str, state: ThreadState | None) -> Sequence[Run]:
        """Return the runs of a thread that count and are not in memory."""
        if state is None:
            return self.runs.get(thread, ())
        left = state.left.newest >= self.back_to(thread, self.begin) and self.recovers(state)
        found = (self.remembered if left else self.runs).get(thread, ())
        return [run for run in found if run.raw_id not in state.runs]

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
    """Return that the base comes from the API alone. `why`: a clause, such as `the history cannot be read`."""
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
    rows = past.runs(begin, until, most=MOST + 1)
    if len(rows) > MOST:
        return from_api(f"more than {formatting.count(MOST)} runs are remembered of this window")
    found = PastBase(begin, since, remembered=group_runs(rows))
    spans = past.watched(local, until - clock_offset)
    if first > local:  # of a thread that is remembered further back, the list was read then
        spans = [Watched(local, first, READ), *spans]
    watched = coverage(spans, local, until - clock_offset)
    known = _known_until(watched)
    known = until if known >= watched.until else known + clock_offset - slack
    if known <= begin:
        late = known + slack > begin
        return replace(found, why=_too_new(slack) if late else f"nobody watched at {_BEGIN}")
    reached = {
        key: min(known, until, reach.observed + clock_offset - slack)
        for key, reach in past.reach(threads).items()
        if reach.whole or reach.oldest <= begin
    }
    floors = {key: floor for key, floor in reached.items() if floor > begin}
    if not floors:
        late = max(reached.values(), default=-math.inf) + slack > begin
        which = "was read since" if reached else "is remembered back to"
        return replace(found, why=_too_new(slack) if late else f"no thread {which} {_BEGIN}")
    return _with_floors(found, floors, watched.within(local, since - clock_offset))


def _too_new(slack: float) -> str:
    """Return why nothing of the history counts although the window was watched."""
    return f"clocks may differ, so the history counts only up to {time_words(slack)} before it was last read"


def _known_until(watched: TimeCoverage) -> float:
    """Return until when it is known what happened: what happened in a gap, or in an outage before it, was read by nobody."""
    known, before = watched.since, ""
    for part in watched.parts:
        moment = before == READ and part.until - part.since <= _MOMENT
        if part.how == GAP and not moment:
            return known
        known = known if part.how in (UNANSWERED, GAP) else part.until
        before = part.how
    return watched.until


def _with_floors(found: PastBase, floors: dict[str, float], shown: TimeCoverage) -> PastBase:
    for key, runs in found.remembered.items():
        # The end of an active run is not remembered: it and all newer ones are asked for.
        active = (run.created for run in runs if not run.terminal and run.created is not None)
        if key in floors:
            floors[key] = min(floors[key], *active, math.inf)
    kept = {
        key: [run for run in runs if run.created is not None and run.created < floors[key]]
        for key, runs in found.remembered.items()
        if key in floors
    }
    return replace(found, floors=floors, runs=kept, coverage=shown)


def base_words(
    runs: int, remembered: int, watched: tuple[float, float, float, float] | Sequence[float] | None, why: str
) -> str:
    """Return where a base of `runs` runs comes from; "" if there is no history.

    `remembered`: how many of the runs come from the history. `watched`: as in `PastBase`; None: the history did not count.
    `why`: why it did not.
    """
    part = f"{formatting.count(remembered)} of {formatting.plural(runs, 'run')}"
    if watched is None:
        whose = (
            f"base from the API; {part} from the history, as they have left memory"
            if remembered
            else "base from the API"
        )
        return f"{whose}: {why}" if why else ""
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
    if runs and not remembered:
        return f"base in memory, and the history knows no other run of it: {', '.join(said)}"
    return f"base from the history ({part}): {', '.join(said)}"
