"""The runs that count in a time range, from the history and from memory, each once. Pure.

A run counts by its end; if that is unknown and the run is not active, by its creation. Active runs do not count. Times are
UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from flowtui.model.history.statistics import moment_of
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.changes import DROPPED, LET_GO
from flowtui.model.state.snapshot import Snapshot, Update


class EndedRuns:
    """The runs that ended since a time.

    `since`: the begin of the range. `agent`: the id of the only agent that counts; None: all. `failed`: whether only failed
    runs count. `revision`: changes whenever the runs do.
    """

    def __init__(self, since: float, *, agent: str | None = None, failed: bool = False) -> None:
        self.since, self.agent, self.failed = since, agent, failed
        self.revision = 0
        self._runs: dict[RunKey, Run] = {}
        self._observed: set[RunKey] = (
            set()
        )  # the runs that this start has observed: newer than what is remembered
        self._sorted: tuple[int, list[float], list[Run]] = (-1, [], [])

    def begin(self, snapshot: Snapshot) -> None:
        """Take all runs that are in memory."""
        for state in snapshot.threads.values():
            for run in state.runs.values():
                if state.restored is None:
                    self._observed.add(run.key)
                self._put(run)
        self.revision += 1

    def fill(self, runs: Iterable[Run]) -> None:
        """Take runs of the history. A run that this start has observed stays as it is."""
        for run in runs:
            if run.key not in self._observed:
                self._put(run)
        self.revision += 1

    def take(self, update: Update) -> None:
        """Take what has changed since the last update, or since `begin`."""
        for key in update.restored:
            self.fill(update.snapshot.runs(key))
        for change in update.changes:
            run = change.after
            if change.kind == LET_GO:
                continue  # it has ended, and counts
            self._observed.add(run.key)
            before = self._runs.get(run.key)
            if change.kind == DROPPED:
                self._runs.pop(run.key, None)
            else:
                self._put(run)
            self.revision += self._runs.get(run.key) != before

    def between(self, since: float | None = None, until: float | None = None) -> list[Run]:
        """Return the runs that count from `since` until before `until`, the one that ended last first.

        None: from the begin of the range; up to now.
        """
        if self._sorted[0] != self.revision:
            timed = sorted((moment_of(run) or 0.0, key) for key, run in self._runs.items())
            self._sorted = self.revision, [at for at, _ in timed], [self._runs[key] for _, key in timed]
        _, times, runs = self._sorted
        first = bisect_left(times, self.since if since is None else since)
        last = len(runs) if until is None else bisect_left(times, until)
        return runs[first:last][::-1]

    def __len__(self) -> int:
        return len(self._runs)

    def _put(self, run: Run) -> None:
        at = None if run.active else moment_of(run)
        wanted = (
            at is not None
            and at >= self.since
            and (self.agent is None or run.agent_id == self.agent)
            and (not self.failed or run.status_class == FAILED)
        )
        if wanted:
            self._runs[run.key] = run
        else:
            self._runs.pop(run.key, None)
