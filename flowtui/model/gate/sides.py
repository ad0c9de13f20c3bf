"""The two sides of a deploy gate: the runs of a snapshot, and of the history, created before and after a moment.

Also tells whether the base is fully known, so that the gate never compares with a window that was read only in part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

from flowtui import formatting
from flowtui.model.gate import Side
from flowtui.model.gate.past_base import API, HISTORY, NO_PAST, PastBase
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import short_id

_NAMED: Final = 3  # threads that a sentence names

Labelled = Callable[[Run, bool], bool | None]
"""Takes a run, and whether it is on the new side: whether it has the wanted labels; None if they are not read yet."""


class Sides(NamedTuple):
    """The runs before and after a moment."""

    base: Side
    """The runs created in the window before the moment."""
    new: Side
    """The runs created at the moment or later.

    If labels are wanted and some are not read yet, the side ends at the creation of the first run without labels.
    """
    undated: int
    """The number of runs without a creation time, which are on neither side."""
    missing: str
    """Why the base may be incomplete, as a display-safe sentence; "" if it is complete."""
    silent: int = 0
    """The number of runs that ended before they started, if labels are wanted. They are on neither side.

    Labels are read from spans, and such a run has none.
    """
    remembered: int = 0
    """How many runs of the base come from the history."""
    past: PastBase = NO_PAST
    """What the history says of the base."""

    base_from: str = API
    """HISTORY if the base would not be complete without the history, else API."""


def sides_of(
    snapshot: Snapshot,
    since: float,
    compare: float,
    *,
    threads: Sequence[str] = (),
    wants: Callable[[Run], bool] = lambda _: True,
    labelled: Labelled | None = None,
    past: PastBase = NO_PAST,
) -> Sides:
    """Return the two sides of the moment `since` (UTC epoch seconds by the server's clock).

    The base begins `compare` seconds before that moment. `threads` are the raw ids of the threads whose runs count; if
    there are none, all threads count. A run counts only if `wants` and `labelled` are true for it. `past`: runs that are
    remembered, and need not be in the snapshot.
    """
    begin = since - compare
    base: list[Run] = []
    new: list[Run] = []
    undated = unlabelled = mute = 0
    end = math.inf
    for key in threads or snapshot.threads:
        for run in chain(snapshot.runs(key), past.others(key, snapshot.threads.get(key))):
            created = run.created
            if (created is not None and created < begin) or not wants(run):
                continue
            is_new = created is None or created >= since
            counts = True if labelled is None else labelled(run, is_new)
            if created is None:
                undated += counts is not False
            elif counts:
                (new if is_new else base).append(run)
            elif counts is None and run.terminal and run.started is None:
                mute += 1
            elif counts is None and is_new:
                end = min(end, created)
            else:
                unlabelled += counts is None
    remembered = sum(snapshot.run(run.key) is None for run in base) if past.remembered else 0
    new_side = _new_side(new, since, min(end, snapshot.server_time(snapshot.at)), whole=end == math.inf)
    return Sides(
        Side(tuple(base), begin, since),
        new_side,
        undated,
        unread(snapshot, begin, threads, past) or _unlabelled(unlabelled),
        mute,
        remembered,
        past,
        HISTORY if remembered or (past.floors and unread(snapshot, begin, threads)) else API,
    )


def _new_side(runs: list[Run], since: float, end: float, *, whole: bool) -> Side:
    """Return the new side of these runs, which ends at `end`. `whole`: whether that is now, so that no run is after it."""
    if whole:
        # The server's clock may be ahead of our estimate, so the new side ends only after the newest run.
        latest = max((run.created for run in runs if run.created is not None), default=-math.inf)
        return Side(tuple(runs), since, max(end, math.nextafter(latest, math.inf)))
    # Runs are judged in order of creation, so none is judged before the labels of all earlier ones are known.
    known = tuple(run for run in runs if run.created is not None and run.created < end)
    return Side(known, since, max(end, math.nextafter(since, math.inf)))


def _unlabelled(number: int) -> str:
    return (
        f"the labels of {formatting.plural(number, 'run')} before the mark are not read yet" if number else ""
    )


def unread(snapshot: Snapshot, back_to: float, threads: Sequence[str] = (), past: PastBase = NO_PAST) -> str:
    """Return why the runs created from `back_to` on may not all be known, in a sentence; "" if they are known.

    `threads` are the raw ids of the threads concerned; if there are none, all threads are. `past`: what is remembered.
    """
    if not threads and not snapshot.listed:
        reason = "" if snapshot.list_failure is None else f": {snapshot.list_failure.message}"
        return f"the list of threads has not been read{reason}"
    absent = [key for key in threads if key not in snapshot.threads]
    if absent:
        return f"{len(absent)} of {len(threads)} threads have not been read"
    left = left_since(snapshot, back_to, threads, past)
    if left:
        return left
    short = short_threads(snapshot, back_to, threads, past)
    if not short:
        return ""
    failed = next((state.failure.message for state in short if state.failure is not None), "")
    because = f": {failed}" if failed else ""
    return f"not all runs before the mark are known for {_names(short)}{because}"


def left_since(
    snapshot: Snapshot, back_to: float, threads: Sequence[str] = (), past: PastBase = NO_PAST
) -> str:
    """Return why some of the runs created from `back_to` on are not judged: they have left memory; "" if none has.

    Runs that are remembered in `past` are judged.
    """
    states = filter(None, map(snapshot.threads.get, threads or snapshot.threads))
    left = [
        state
        for state in states
        if state.left.newest >= past.back_to(state.key, back_to) and not past.recovers(state)
    ]
    return f"runs of {_names(left)} that the gate needs have left memory" if left else ""


def _names(states: Sequence[ThreadState]) -> str:
    more = f" and {len(states) - _NAMED:,} more" if len(states) > _NAMED else ""
    return ", ".join(short_id(state.id) for state in states[:_NAMED]) + more


def short_threads(
    snapshot: Snapshot, back_to: float, threads: Sequence[str] = (), past: PastBase = NO_PAST
) -> list[ThreadState]:
    """Return the known threads whose runs are neither read nor remembered as far back as `back_to`."""
    states = (snapshot.threads[key] for key in threads) if threads else snapshot.threads.values()
    return [
        state
        for state in states
        if not (past.complete(state.key) or past.recovers(state))
        and not _reaches(state, past.back_to(state.key, back_to))
    ]


def _reaches(state: ThreadState, back_to: float) -> bool:
    """Whether the runs of a thread, which are read from the newest on, were read as far back as `back_to`."""
    if state.observed is None or not state.current:  # what happened since is not read yet
        return False
    if state.left.newest >= back_to:
        return False
    if state.whole or state.left.newest > -math.inf:  # those that left are older
        return True
    return _second_oldest(run.created for run in state.runs.values()) <= back_to


def _second_oldest(dates: Iterable[float | None]) -> float:
    """Return the second-oldest date; infinity if there are fewer than two dates.

    The oldest would not do: if it were wrong, the list would look as if it was read further back than it was.
    """
    known = sorted(date for date in dates if date is not None)
    return known[1] if len(known) > 1 else float("inf")
