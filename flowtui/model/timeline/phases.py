"""The phases of a run over time, its observed status changes, and the runs of its thread around it.

Pure; all times are UTC epoch seconds by the server's clock unless stated otherwise. A time that is missing or
contradicts another one stays unknown: nothing here corrects what the server said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from flowtui.formatting import span
from flowtui.model.run.row import QUEUED, RUNNING, UNKNOWN, Run
from flowtui.model.state.changes import MAX_TRAILS, StatusChange
from flowtui.model.state.known_runs import ThreadState

NEIGHBOURS: Final = 3
"""How many newer and how many older runs of the thread are shown around a run."""

# number of newer runs, and of older ones, among which the runs are searched that a run waited behind
_REACH: Final = 50
# greatest number of status changes in a trail that has surely not lost its first ones
_SURE_CHANGES: Final = 31
_AHEAD: Final = 2.0  # seconds by which a clock may be ahead without a contradiction


class Phase(NamedTuple):
    """One phase of a run."""

    kind: str
    """QUEUED or RUNNING; UNKNOWN if the times do not tell which."""
    since: float
    """When the phase began."""
    until: float
    """When the phase ended: the current time if it goes on, `since` if its end is unknown."""


@dataclass(frozen=True, slots=True)
class Phases:
    """The phases of one run. An unknown time is None."""

    created: float | None
    started: float | None
    ended: float | None
    """When the run ended; None while it goes on, or if that time is unknown."""
    queued: float | None
    """How long the run was queued, in seconds up to now; None if unknown."""
    running: float | None
    """How long the run was running, in seconds up to now; None if unknown."""
    parts: tuple[Phase, ...]
    """The phases that can be drawn, in order."""
    contradictions: tuple[str, ...] = ()
    """Sentences about times that contradict each other."""

    @property
    def extent(self) -> tuple[float, float] | None:
        """The first and the last known time of the run; None if no time is known."""
        times = [time for part in self.parts for time in part[1:]]
        if self.ended is not None:
            times.append(self.ended)
        return (min(times), max(times)) if times else None


class StatusHistory(NamedTuple):
    """What repeated observations showed of a run."""

    first: float
    """The time of the observation with which its trail begins."""
    status: str | None
    """The API's word for its status at that time; None if unknown."""
    known: bool
    """Whether the run was known before that time, but had no trail."""
    status_changes: tuple[StatusChange, ...]
    """The changes of its status since then, the oldest first."""


class RunPhases(NamedTuple):
    """A run of a thread with its phases."""

    run: Run
    phases: Phases
    own: bool
    """Whether the run is the one that the user opened, and not a neighbour."""


def phases(run: Run, now: float) -> Phases:
    """Return the phases of a run at `now`."""
    created, started, ended = run.created, run.started, run.ended
    parts: list[Phase] = []
    open_end = ended if run.terminal else now
    if created is not None and (started is None or started >= created):
        until = open_end if started is None else started
        kind = QUEUED if started is not None or run.status_class == QUEUED else UNKNOWN
        parts.append(Phase(kind, created, created if until is None else max(created, until)))
    if started is not None:
        sure = run.status_class not in (QUEUED, UNKNOWN) and open_end is not None and open_end >= started
        until = started if open_end is None else max(started, open_end)
        parts.append(Phase(RUNNING if sure or run.status_class == RUNNING else UNKNOWN, started, until))
    return Phases(
        created=created,
        started=started,
        ended=ended,
        queued=run.wait(now),
        running=run.duration(now),
        parts=tuple(parts),
        contradictions=_contradictions(run, now),
    )


def duration_text(seconds: float | None) -> str:
    """Return a duration as text; — if unknown.

    Durations below ten seconds have one decimal (`1.2s`), longer ones are written by `formatting.span`. It is never rounded
    up to a whole second: `formatting.duration`, which stands beside it, counts whole seconds, and 4.97 s are 00:04 there.
    """
    if seconds is None or not 0 <= seconds < 10:
        return span(seconds)
    return f"{min(round(seconds, 1), int(seconds) + 0.9):.1f}s"


def _contradictions(run: Run, now: float) -> tuple[str, ...]:
    created, started, ended = run.created, run.started, run.ended
    found: list[str] = []
    if created is not None and started is not None and started < created:
        found.append(f"It started {duration_text(created - started)} before it was created.")
    if started is not None and ended is not None and ended < started:
        found.append(f"It ended {duration_text(started - ended)} before it started.")
    if started is None and created is not None and ended is not None and ended < created:
        found.append(f"It ended {duration_text(created - ended)} before it was created.")
    if run.status_class == QUEUED and started is not None:
        found.append("It is queued, but it has a start time.")
    latest = max((time for time in (created, started, ended) if time is not None), default=now)
    if latest - now > _AHEAD:
        found.append(f"Its latest time is {duration_text(latest - now)} ahead of the server's own clock.")
    return tuple(found)


def status_history(run: Run, state: ThreadState | None, clock_offset: float) -> StatusHistory | None:
    """Return the observed status changes of a run; None if it was never observed while active.

    `clock_offset` is the server's clock minus the local one, in seconds. It is needed because observations are dated by
    the local clock.
    """
    trail = None if state is None else state.trails.get(run.raw_id)
    if trail is None:
        return None
    moves = tuple(
        move._replace(
            since=None if move.since is None else move.since + clock_offset, at=move.at + clock_offset
        )
        for move in trail.status_changes
    )
    known = bool(trail.status_changes) and trail.status_changes[0].at <= trail.first
    status = None if len(moves) > _SURE_CHANGES else moves[0].before if moves else run.status
    return StatusHistory(trail.first + clock_offset, status, known, moves)


def trails_full(state: ThreadState) -> bool:
    """Whether the trail of a run may have been deleted because too many other runs changed after it."""
    return len(state.trails) >= MAX_TRAILS


def runs_around(run: Run, state: ThreadState | None, now: float) -> list[RunPhases]:
    """Return the run and its neighbours on the thread, newest first. Neighbours without any time are left out."""
    newer, older = _around(run, state, NEIGHBOURS)

    def drawn(runs: Sequence[Run]) -> list[RunPhases]:
        made = [RunPhases(other, phases(other, now), own=False) for other in runs]
        return [lane for lane in made if lane.phases.extent is not None]

    return [*drawn(newer), RunPhases(run, phases(run, now), own=True), *drawn(older)]


def waited_behind(run: Run, state: ThreadState | None, now: float) -> list[tuple[Run, float]]:
    """Return the runs of its thread that ran while this run was queued, each with the seconds it ran in that time.

    The run with the most seconds comes first.
    """
    queue = next((part for part in phases(run, now).parts if part.kind == QUEUED), None)
    if queue is None:
        return []
    found: list[tuple[Run, float]] = []
    newer, older = _around(run, state, _REACH)
    for other in (*newer, *older):
        for part in phases(other, now).parts:
            shared = min(part.until, queue.until) - max(part.since, queue.since)
            if part.kind == RUNNING and shared > 0:
                found.append((other, shared))
    found.sort(key=lambda entry: -entry[1])
    return found


def _around(run: Run, state: ThreadState | None, reach: int) -> tuple[list[Run], list[Run]]:
    """Return the next newer runs and the next older runs, at most `reach` of each.

    Both lists begin with the newest run.
    """
    if state is None or run.raw_id not in state.runs:
        return [], []
    names, before = iter(state.runs), deque[str](maxlen=reach)
    for raw_id in names:  # a list of all would take a millisecond in a long thread
        if raw_id == run.raw_id:
            break
        before.append(raw_id)
    newer, older = ([state.runs[raw_id] for raw_id in part] for part in (before, islice(names, reach)))
    return newer, older
