"""Changes between two observations, and trails: what observations showed of a run since it was first seen active.

All times are UTC epoch seconds of the local clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from flowtui.model.run.row import Run

APPEARED: Final = "appeared"
CHANGED: Final = "changed"
NOT_SEEN: Final = "not_seen"
SEEN_AGAIN: Final = "seen_again"
DROPPED: Final = "dropped"
LET_GO: Final = "let_go"
"""An older run left memory. Nothing happened to the run itself."""

MAX_TRAILS: Final = 200
"""The most trails kept of one thread: those of the runs that changed last."""

_MAX_STATUS_CHANGES: Final = 32  # kept of one run, because a server may change a status without end


class Change(NamedTuple):
    """One difference between two observations. Times are UTC epoch seconds of the local clock."""

    kind: str
    """One of the constants above."""
    before: Run | None
    """The run as it was; None if it was not known."""
    after: Run
    """The run as it is; its last known state if it is gone."""
    since: float | None
    """When the change happened, at the earliest; None if there was no earlier observation."""
    at: float
    """When the change happened, at the latest."""
    catch_up: bool = False
    """Whether this start had not observed the thread before, and compared with rows from the history: the change may have
    happened before this start, and is no news then."""


class StatusChange(NamedTuple):
    """A change of a run's status, in the API's words."""

    before: str
    after: str
    since: float | None
    """When the change happened, at the earliest; None if there was no earlier observation."""
    at: float
    """When the change happened, at the latest."""


class Trail(NamedTuple):
    """What observations showed of one run since it was first seen active."""

    first: float
    """The time of the observation with which the trail begins."""
    changed_at: float
    """The time of the last observation that showed a change of the run."""
    status_changes: tuple[StatusChange, ...] = ()
    """The changes of its status, the oldest first."""
    tokens_fell: bool = False
    """Whether an observation showed a smaller token count than the one before."""


def follow_trails(trails: Mapping[str, Trail], changes: Iterable[Change], at: float) -> Mapping[str, Trail]:
    """Return the trails (raw run id → trail) after these changes; the same object if no trail changes.

    A run that was never seen active gets no trail.
    """
    new: dict[str, Trail] | None = None
    for change in changes:
        before, after, since = change.before, change.after, change.since
        if change.kind not in (APPEARED, CHANGED):
            continue
        trail = trails.get(after.raw_id)
        if trail is None and not (after.active or (before is not None and before.active)):
            continue
        new = dict(trails) if new is None else new
        new.pop(after.raw_id, None)  # the run that changed last goes to the end
        new[after.raw_id] = _followed(trail or Trail(at, at), before, after, since, at)
    if new is None:
        return trails
    while len(new) > MAX_TRAILS:
        del new[next(iter(new))]
    return new


def _followed(trail: Trail, before: Run | None, after: Run, since: float | None, at: float) -> Trail:
    moves, fell = trail.status_changes, trail.tokens_fell
    if before is not None:
        if before.status != after.status:
            moves = (*moves, StatusChange(before.status, after.status, since, at))[-_MAX_STATUS_CHANGES:]
        fell = fell or any(
            old is not None and new is not None and new < old
            for old, new in (
                (before.prompt_tokens, after.prompt_tokens),
                (before.completion_tokens, after.completion_tokens),
                (before.total_tokens, after.total_tokens),
            )
        )
    return Trail(trail.first, at, moves, fell)
