"""The runs of an agent that came before one of its runs, as far as they are in memory. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from flowtui.model.columns.context import Context
from flowtui.model.run.row import COMPLETED, Run

_REACH: Final = 400
"""The most earlier runs that are looked at: an agent of which hardly any run completes must not slow the screen down."""


def completed_before(run: Run, context: Context) -> Iterator[Run]:
    """Yield the completed runs that the same agent created before this one, the newest first."""
    if context.lineage is None:
        return
    for thread, raw_id in islice(context.lineage.earlier(run), _REACH):
        state = context.threads.get(thread)
        other = None if state is None else state.runs.get(raw_id)
        if other is not None and other.status_class == COMPLETED:
            yield other


def last_completed(run: Run, context: Context) -> Run | None:
    """Return the last run of the same agent before this one that completed; None if none is known."""
    return next(completed_before(run, context), None)
