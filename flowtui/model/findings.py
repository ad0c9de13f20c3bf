"""Suspects: what looks wrong though no status says so. Named, explained, never acted on.

Pure. Each finding needs evidence that one late answer cannot make: a wrong alarm at 2 a.m. costs more than a late one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.formatting import span
from flowtui.model.run import CANCELLED, Run
from flowtui.model.store import ThreadState

OVERDUE: Final = "overdue"
ORPHAN_LOCK: Final = "orphan_lock"
CONTRADICTION: Final = "contradiction"
WENT_BACK: Final = "went_back"
NOT_SEEN: Final = "not_seen"


class Finding(NamedTuple):
    """`name` is part of the interface of `runs -o json`; `text` says it in a few words with its evidence."""

    name: str
    text: str


def run_findings(
    run: Run, now: float, state: ThreadState | None = None, clock_offset: float = 0.0
) -> tuple[Finding, ...]:
    """Return what is suspect about one run at `now` (server time); `state` adds what only repeated looks show.

    `clock_offset` is the server's clock minus the local one, in seconds.
    """
    found: list[Finding] = []
    if run.active and run.expires is not None and now > run.expires:
        # An outage is no evidence: somebody must have looked after the deadline.
        seen = None if state is None or state.observed is None else state.observed + clock_offset
        if seen is None or seen > run.expires:
            found.append(Finding(OVERDUE, f"overdue by {span(now - run.expires)}"))
    if run.created is not None and run.started is not None and run.started < run.created:
        found.append(Finding(CONTRADICTION, "started before it was created"))
    if run.started is not None and run.ended is not None and run.ended < run.started:
        found.append(Finding(CONTRADICTION, "ended before it started"))
    if state is not None:
        if run.raw_id in state.went_back:
            found.append(Finding(WENT_BACK, "its status went backwards"))
        if run.raw_id in state.not_seen:
            found.append(Finding(NOT_SEEN, "not in the last answer"))
        if state.thread is not None and state.thread.active_run == run.raw_id and _orphaned(state):
            found.append(Finding(ORPHAN_LOCK, "ended, but its thread is still locked by it"))
    return tuple(found)


def thread_findings(state: ThreadState) -> tuple[Finding, ...]:
    """Return what is suspect about a thread itself."""
    if not _orphaned(state) or state.thread is None:
        return ()
    holder = state.runs.get(state.thread.active_run or "")
    if state.thread.active_run is None:
        text = "locked by no run"
    elif holder is None:
        text = "locked by a run it does not list"
    else:
        ended = "been cancelled" if holder.status_class == CANCELLED else holder.status_class
        text = f"locked by {holder.id}, which has {ended}"
    return (Finding(ORPHAN_LOCK, text),)


def _orphaned(state: ThreadState) -> bool:
    """Whether looks at the thread and at its runs, both made a full interval after the first suspicion, confirm it."""
    if state.orphaned is None or state.thread_at is None or state.observed is None:
        return False
    return min(state.thread_at, state.observed) - state.orphaned >= state.interval
