"""The rows that came from the history, for what keeps rows in order."""

from __future__ import annotations

from flowtui.model.state.changes import APPEARED, Change
from flowtui.model.state.snapshot import Update


def restored_rows(update: Update) -> list[Change]:
    """Return the rows that came from the history, for what keeps rows in order. They are no news to the user."""
    snapshot = update.snapshot
    return [
        Change(APPEARED, None, run, None, snapshot.at)
        for key in update.restored
        if (state := snapshot.threads.get(key)) is not None
        for run in state.runs.values()
    ]
