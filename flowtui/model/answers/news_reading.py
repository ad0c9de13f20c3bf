"""Reads from the history what is new and wrong of what this start has observed. Called in a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flowtui.model.answers.news import RECENT, FailureNews, failure_news, range_of, shares_of
from flowtui.model.answers.reason_news import Memory
from flowtui.model.history.gone_rows import QUARTER
from flowtui.model.history.past import Past, QuarterSum, Seen
from flowtui.model.history.remembered_reasons import explained_runs
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot

MOST: Final = 5_000
"""Failed runs that are looked at: those that failed last."""

_DAY: Final = 86_400.0
"""Seconds of the time before to which shares are compared; and by which a server's clock may be ahead."""


class NewsReading:
    """Reads news again and again. What was seen before, and the day before, is read once a quarter of an hour at most."""

    def __init__(self) -> None:
        self._seen: dict[Reason, Seen] = {}
        self._before: tuple[float, Sequence[QuarterSum], Mapping[RunKey, Reason]] = (0.0, (), {})

    def read(
        self, past: Past, snapshot: Snapshot, marks: Sequence[Mark], hide: bytes | None
    ) -> list[FailureNews]:
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
        if self._before[0] != recent:
            told = explained_runs(past, recent - _DAY, recent, hide)
            self._before = recent, past.sums(recent - _DAY, recent, _DAY), told
        _, sums, earlier = self._before
        reasons = {**earlier, **explained_runs(past, recent, until, hide)}
        self._look_up(past, {reasons[run.key] for run in runs if run.key in reasons}, since)
        shares = shares_of(past.sums(recent, until, 2 * _DAY), sums, earlier.values())
        memory = Memory(marks, begin, self._seen)
        return failure_news(runs, reasons, since, now, memory=memory, shares=shares)

    def _look_up(self, past: Past, reasons: set[Reason], since: float) -> None:
        """Look up the reasons that were not seen before when they were last looked up; what was seen stays seen."""
        known = {reason: self._seen[reason] for reason in reasons if reason in self._seen}
        new = reasons - known.keys()
        self._seen = {**known, **(past.seen(new, since) if new else {})}


def _is_observed(run: Run, snapshot: Snapshot) -> bool:
    """Whether this start has observed the thread of a run: rows that only came from the history are no news."""
    state = snapshot.threads.get(run.thread_key)
    return state is not None and state.observed is not None and state.restored is None
