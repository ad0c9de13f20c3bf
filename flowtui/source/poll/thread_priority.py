"""How often a thread is observed: as moving (often), lingering (less often) or resting (in turn). Pure.

The first of these rules that holds for a thread decides:
1. The server shows an active run: moving.
2. The list shows the thread locked, and its runs were not read since: moving, even if no span names the thread.
3. A run of the thread changed less than `AFTERGLOW` intervals before the last observation: moving, as another run may follow.
4. The thread is locked, but a later observation shows no active run (just ended, or the lock is an orphan): lingering.
5. Otherwise: resting. A new span or a changed lock only causes one observation, after which these rules decide again.
"""

from __future__ import annotations

from typing import Final

from flowtui.model.state.known_runs import ThreadState

MOVING: Final = "moving"
LINGERING: Final = "lingering"
RESTING: Final = "resting"

AFTERGLOW: Final = 3.0
"""Number of intervals for which a thread counts as moving after the last change of its runs."""


def priority_of(state: ThreadState, interval: float) -> str:
    """Return `MOVING`, `LINGERING` or `RESTING`; `interval` is that of moving threads, in seconds."""
    if state.shows_active:
        return MOVING
    locked = state.thread is not None and state.thread.locked
    if locked and (state.observed is None or state.thread_at is None or state.observed < state.thread_at):
        return MOVING
    touched = max((trail.changed_at for trail in state.trails.values()), default=float("-inf"))
    if state.observed is not None and 0.0 <= state.observed - touched < interval * AFTERGLOW:
        return MOVING
    return LINGERING if locked else RESTING
