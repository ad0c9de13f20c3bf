"""How often a thread is observed when all threads are watched: it moves, lingers or rests. Pure.

The first rule that holds decides:
1. The server shows an active run: the thread moves.
2. It is locked, and its runs were not observed since the list showed the lock: it moves, whatever spans tell.
3. One of its runs changed less than `AFTERGLOW` intervals before the last observation: it moves, as the next run may follow.
4. It is locked, but a later observation shows no active run (it has just ended, or the lock is an orphan): it lingers.
5. Otherwise it rests. A span or a changed lock does not make it move, but causes one observation, which decides.
"""

from __future__ import annotations

from typing import Final

from flowtui.model.state.known_runs import ThreadState

MOVING: Final = "moving"
LINGERING: Final = "lingering"
RESTING: Final = "resting"

AFTERGLOW: Final = 3.0
"""Intervals for which a thread still moves after its last run has ended."""


def priority_of(state: ThreadState, interval: float) -> str:
    """Return `MOVING`, `LINGERING` or `RESTING`; `interval` is that of moving threads, in seconds."""
    if any(run.active and run.raw_id not in state.not_seen for run in state.runs.values()):
        return MOVING
    locked = state.thread is not None and state.thread.locked
    if locked and (state.observed is None or state.thread_at is None or state.observed < state.thread_at):
        return MOVING
    touched = max((trail.changed_at for trail in state.trails.values()), default=float("-inf"))
    if state.observed is not None and 0.0 <= state.observed - touched < interval * AFTERGLOW:
        return MOVING
    return LINGERING if locked else RESTING
