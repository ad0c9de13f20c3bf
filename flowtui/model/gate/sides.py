"""The two sides of a deploy gate out of a snapshot: what was created before a moment, and what was created after it.

Says how far the history is known, so that nobody compares with a window that was read only in part. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from flowtui.model.gate import Side
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot

_NAMED: Final = 3  # threads that one sentence names


class Sides(NamedTuple):
    """`base` holds the runs created in the window before the moment, `new` those created from it on.

    `undated` counts runs that say not when they were created, so that they are on neither. `missing` is one
    display-safe sentence on why the base may not be whole, "" where it is.
    """

    base: Side
    new: Side
    undated: int
    missing: str


def sides_of(
    snapshot: Snapshot,
    since: float,
    compare: float,
    *,
    threads: Sequence[str] = (),
    wants: Callable[[Run], bool] = lambda _: True,
) -> Sides:
    """Return the two sides of a moment. `since` is UTC epoch seconds by the server's clock, `compare` seconds before it.

    `threads` (raw ids) are the only ones that count, none: all; `wants` says which runs do.
    """
    begin = since - compare
    base: list[Run] = []
    new: list[Run] = []
    undated = 0
    for key in threads or snapshot.threads:
        for run in snapshot.runs(key):
            created = run.created
            if created is None:
                undated += wants(run)
            elif created >= begin and wants(run):
                (new if created >= since else base).append(run)
    now = snapshot.server_time(snapshot.at)
    # A server's clock may be a little ahead of what it says: a run that we know of has been created.
    latest = max((run.created for run in new if run.created is not None), default=-math.inf)
    until = max(now, math.nextafter(latest, math.inf))
    return Sides(
        Side(tuple(base), begin, since),
        Side(tuple(new), since, until),
        undated,
        unread(snapshot, begin, threads),
    )


def unread(snapshot: Snapshot, back_to: float, threads: Sequence[str] = ()) -> str:
    """Return why the runs created from `back_to` on are not all known; "" where they are."""
    if not threads and not snapshot.listed:
        reason = "" if snapshot.list_failure is None else f": {snapshot.list_failure.message}"
        return f"the list of threads has not been read{reason}"
    absent = [key for key in threads if key not in snapshot.threads]
    if absent:
        return f"{len(absent)} of {len(threads)} threads have not been read"
    short = short_threads(snapshot, back_to, threads)
    if not short:
        return ""
    what = ", ".join(state.id for state in short[:_NAMED])
    more = f" and {len(short) - _NAMED:,} more" if len(short) > _NAMED else ""
    failed = next((state.failure.message for state in short if state.failure is not None), "")
    because = f": {failed}" if failed else ""
    return f"the runs before the mark are not all known of {what}{more}{because}"


def short_threads(snapshot: Snapshot, back_to: float, threads: Sequence[str] = ()) -> list[ThreadState]:
    """Return the threads, of those that have been found, whose known runs do not go back that far."""
    states = (snapshot.threads[key] for key in threads) if threads else snapshot.threads.values()
    return [state for state in states if not _reaches(state, back_to)]


def _reaches(state: ThreadState, back_to: float) -> bool:
    """Whether the known runs of a thread go back that far. They are one stretch from the newest down."""
    if state.observed is None:
        return False
    if state.whole:
        return True
    return _second_oldest(run.created for run in state.runs.values()) <= back_to


def _second_oldest(dates: Iterable[float | None]) -> float:
    """Return the second of the oldest dates: one absurd date is no proof that a list was read down to it."""
    known = sorted(date for date in dates if date is not None)
    return known[1] if len(known) > 1 else float("inf")
