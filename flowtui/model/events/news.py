"""Whether a change is news, or so old that it was only found now. Pure."""

from __future__ import annotations

from typing import Final

from flowtui.model.run.row import RUNNING
from flowtui.model.state.changes import APPEARED, CHANGED, Change

SLACK: Final = 2.0
"""Seconds by which the server's clock and the local one may differ without being noticed."""


def is_news(change: Change, began: float, offset: float) -> bool:
    """Whether a change happened after `began` (local clock), instead of being old and found only now.

    `offset` is the server's clock minus the local one, in seconds. A run that is found because an older page was read
    is old. If the thread was restored from the history, only a time of the run itself shows that the change is not old.
    """
    if change.catch_up:
        happened = _happened(change)
        return happened is not None and happened >= began + offset - SLACK
    if change.before is not None:
        return change.since is not None
    created, since = change.after.created, change.since
    if created is None:
        return since is not None
    # A run created before the previous observation was found on an older page, which was not read then.
    floor = began if since is None else min(began, since)
    return created >= floor + offset - SLACK


def _happened(change: Change) -> float | None:
    """Return when a run was created or got its new status, by its own times (server's clock); None if they do not show it."""
    before, after = change.before, change.after
    if change.kind == APPEARED:
        return after.created
    if change.kind != CHANGED or before is None or before.status == after.status:
        return None
    if after.terminal:
        return after.ended
    return after.started if after.status_class == RUNNING else None
