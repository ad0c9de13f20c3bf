"""Reads from the history what is new and wrong of what this start has observed. Called in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui.model.answers.news import RECENT, FailureNews, failure_news, range_of, shares_of
from flowtui.model.answers.reason_news import Memory
from flowtui.model.history.gone_rows import QUARTER
from flowtui.model.history.past import Past
from flowtui.model.history.remembered_reasons import explained_runs
from flowtui.model.run.row import Run
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

MOST: Final = 5_000
"""Failed runs that are looked at: those that failed last."""

_DAY: Final = 86_400.0
"""Seconds of the time before to which shares are compared; and by which a server's clock may be ahead."""


def read_news(past: Past, snapshot: Snapshot, marks: Sequence[Mark], hide: bytes | None) -> list[FailureNews]:
    """Return what is new and wrong, the most important first.

    `marks`: the newest last. `hide`: the installation's key, if texts of reasons are to be hidden; None: they are not.
    Raises HistoryError.
    """
    begin = past.begin
    if begin is None:
        return []
    begin += snapshot.clock_offset
    now = snapshot.server_time(snapshot.at)
    since, until = range_of(begin, now), now + _DAY
    failed = past.runs(since, until, "counted", failed=True, most=MOST)
    runs = [run for run in failed if _is_observed(run, snapshot)]
    if not runs:
        return []
    recent = (now - RECENT) // QUARTER * QUARTER
    before = recent - _DAY
    earlier, later = explained_runs(past, before, recent, hide), explained_runs(past, recent, until, hide)
    reasons = {**earlier, **later}
    seen = past.seen(set(reasons.values()), since)
    sums = (past.sums(recent, until, 2 * _DAY), past.sums(before, recent, _DAY))
    shares = shares_of(*sums, earlier.values())
    return failure_news(runs, reasons, since, now, memory=Memory(marks, begin, seen), shares=shares)


def _is_observed(run: Run, snapshot: Snapshot) -> bool:
    """Whether this start has observed the thread of a run: rows that only came from the history are no news."""
    state = snapshot.threads.get(run.thread_key)
    return state is not None and state.observed is not None and state.restored is None
