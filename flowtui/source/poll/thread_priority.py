"""How eagerly a thread is looked at where all of them are watched. The rules, in one place; pure.

In order, the first that holds:
1. A run that the server still shows is active: the thread moves.
2. It is locked, and its runs were not looked at since the list last said so: it moves, whatever spans say.
3. A run of it was seen to change less than `AFTERGLOW` intervals before the last look: it moves, as runs come in a row.
4. It is locked, but a later look shows no active run (it has just ended, or the lock is an orphan): it lingers.
5. Otherwise it rests. A span or a changed lock does not make it move, it only wants one look, and that look decides.
"""

from __future__ import annotations

from typing import Final

from flowtui.model.state.known_runs import ThreadState

MOVING: Final = "moving"
LINGERING: Final = "lingering"
RESTING: Final = "resting"

AFTERGLOW: Final = 3.0
"""Intervals for which a thread is looked at as often as before after its last run has ended."""


def priority_of(state: ThreadState, interval: float) -> str:
    """Return `MOVING`, `LINGERING` or `RESTING`; `interval` is that of what moves, in seconds."""
    if any(run.active and run.raw_id not in state.not_seen for run in state.runs.values()):
        return MOVING
    locked = state.thread is not None and state.thread.locked
    if locked and (state.observed is None or state.thread_at is None or state.observed < state.thread_at):
        return MOVING
    touched = max((trail.changed_at for trail in state.trails.values()), default=float("-inf"))
    if state.observed is not None and 0.0 <= state.observed - touched < interval * AFTERGLOW:
        return MOVING
    return LINGERING if locked else RESTING
