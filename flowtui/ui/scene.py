"""What one snapshot looks like in one view: rows, lights, titles. Pure, so that drawing has nothing left to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from flowtui.model.columns import Context
from flowtui.model.health import thread_health
from flowtui.model.pace import usual_durations
from flowtui.model.run import Run, RunKey
from flowtui.model.snapshot import Snapshot
from flowtui.model.still import Waiting
from flowtui.model.view import View, arrange, words_of
from flowtui.ui.glyphs import Glyphs
from flowtui.ui.table_paint import Look

_PROGRESS_BAR = 10  # cells
_CAUSE = 72  # characters of why a picture is old; the detail pane and the thread list have the rest


@dataclass(frozen=True, slots=True)
class Scene:
    """The rows in their wanted order, how they look, and which of them hold their threads."""

    rows: list[Run]
    look: Look
    active: frozenset[RunKey]


def cell_context(
    snapshot: Snapshot | None,
    now: float,
    zone: tzinfo | None,
    *,
    usual: Mapping[str, float],
    reasons: Mapping[RunKey, str],
) -> Context:
    """Return what cells need at `now`, by the local clock."""
    if snapshot is None:
        return Context(now=now, zone=zone)
    return Context(
        now=snapshot.server_time(now),
        agents=snapshot.agents,
        threads=snapshot.threads,
        zone=zone,
        usual=usual,
        reasons=reasons,
        clock_offset=snapshot.clock_offset,
    )


def compose_scene(
    snapshot: Snapshot | None,
    view: View,
    *,
    now: float,
    zone: tzinfo | None,
    glyphs: Glyphs,
    still: bool,
    reasons: Mapping[RunKey, str],
) -> Scene:
    """Return the scene of a snapshot; `still` rests what moves by itself, `reasons` say why runs failed."""
    order = (view.sort, view.descending)
    if snapshot is None:
        return Scene([], Look(Context(now=now, zone=zone), glyphs, order=order, still=still), frozenset())
    context = cell_context(snapshot, now, zone, usual=usual_durations(snapshot.runs()), reasons=reasons)
    look = Look(
        context,
        glyphs,
        still=still,
        words=words_of(view.text),
        order=order,
        stale=stale_threads(snapshot, now),
    )
    return Scene(arrange(snapshot, view, context), look, holders(snapshot))


def stale_threads(snapshot: Snapshot, now: float) -> frozenset[str]:
    """Return the threads whose rows are older than they should be, and look so."""
    return frozenset(key for key, state in snapshot.threads.items() if not thread_health(state, now).good)


def holders(snapshot: Snapshot) -> frozenset[RunKey]:
    """Return the runs that hold their threads: the rows that are lit."""
    return frozenset(
        (state.key, state.active_run) for state in snapshot.threads.values() if state.active_run is not None
    )


def runs_title(snapshot: Snapshot | None, view: View, *, paused: bool) -> str:
    """Return what the table shows, in words."""
    state = snapshot.threads.get(view.thread) if snapshot is not None and view.thread is not None else None
    parts = ["Runs", state.id if state is not None else "all threads"]
    if view.only != "all":
        parts.append(f"{view.only} only")
    if view.text.strip():
        parts.append(f'"{view.text.strip()}"')
    if paused:
        parts.append("paused")
    return " · ".join(parts)


def runs_subtitle(
    snapshot: Snapshot | None,
    rows: list[Run],
    waiting: Waiting,
    *,
    glyphs: Glyphs,
    now: float,
    thread: str | None = None,
) -> str:
    """Return what waits or is under way: trouble, a first load, an order not shown yet, what could not be read.

    With a `thread` (raw id) the trouble is that thread's.
    """
    parts: list[str] = []
    if snapshot is not None and rows:
        state = snapshot.threads.get(thread) if thread is not None else None
        health = thread_health(state, now) if state is not None else snapshot.health(now)
        if health.cause:
            parts.append(health.cause if len(health.cause) <= _CAUSE else health.cause[: _CAUSE - 1] + "…")
    if snapshot is not None and snapshot.threads and rows:
        states = snapshot.threads.values()
        done = sum(state.observed is not None or state.failure is not None for state in states)
        if done < len(states):
            filled = done * _PROGRESS_BAR // len(states)
            bar = glyphs.bar * filled + glyphs.track * (_PROGRESS_BAR - filled)
            parts.append(f"loading {done:,} of {len(states):,} threads {bar}")
    if waiting:
        parts.append(f"{waiting.text}   . applies")
    unreadable = sum(run.unreadable is not None for run in rows)
    if unreadable:
        parts.append(f"{unreadable} unreadable")
    return "  ·  ".join(parts)
