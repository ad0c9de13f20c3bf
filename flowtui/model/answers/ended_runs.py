"""The runs that count in a time range, from the history and from memory, each once. Pure.

A run counts by its end; if that is unknown and the run is not active, by its creation. Active runs do not count. Times are
UTC epoch seconds by the server's clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from flowtui.model.history.statistics import moment_of, moments
from flowtui.model.run.row import ACTIVE, FAILED, Run, RunKey, getter, key_of
from flowtui.model.state.changes import DROPPED, LET_GO
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot, Update

_CLASS: Final = getter("status_class")
_AGENT: Final = getter("agent_id")
Tally = Mapping[tuple[str, str, str], int]
"""(status class, agent id, model) → how many runs have these."""

_TALLIED: Final = getter("status_class", "agent_id", "model")


def tally_of(runs: Iterable[Run]) -> Counter[tuple[str, str, str]]:
    """Return the tally of these runs."""
    return Counter(map(_TALLIED, runs))


class EndedRuns:
    """The runs that ended since a time.

    `since`: the begin of the range. `agent`: the id of the only agent that counts; None: all. `failed`: whether only failed
    runs count. `revision`: changes whenever the runs do.
    """

    def __init__(self, since: float, *, agent: str | None = None, failed: bool = False) -> None:
        self.since, self.agent, self.failed = since, agent, failed
        self.revision = 0
        self._runs: dict[RunKey, Run] = {}
        self._begun: Mapping[str, ThreadState] = {}  # the threads of `begin`
        self._observed: set[RunKey] = set()  # the runs that were observed since then
        self._order: list[tuple[float, RunKey]] | None = None  # of `_runs`, by their ends; None: to be sorted
        self._rows: list[Run] = []  # in this order
        self._tally: Counter[tuple[str, str, str]] = Counter()  # of `_rows`

    def begin(self, snapshot: Snapshot) -> None:
        """Take all runs that are in memory."""
        self._begun = snapshot.threads
        runs: list[Run] = []
        for state in snapshot.threads.values():
            runs += state.runs.values()
        if self.failed:  # of 100,000 runs, most are not
            runs = [run for run in runs if _CLASS(run) == FAILED]
        if self.agent is not None:
            runs = [run for run in runs if _AGENT(run) == self.agent]
        self._put_all(runs)

    def fill(self, runs: Iterable[Run]) -> None:
        """Take runs of the history. A run that this start has observed stays as it is."""
        begun = {key: state.runs for key, state in self._begun.items() if state.restored is None}
        nothing: Mapping[str, Run] = {}
        rows = [run for run in runs if run[1] not in begun.get(run[0], nothing)]
        if self._observed:
            rows = [run for run in rows if run.key not in self._observed]
        self._put_all(rows)

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
                self._drop(run.key)
            else:
                self._put(run)
            self.revision += self._runs.get(run.key) != before

    def between(self, since: float | None = None, until: float | None = None) -> list[Run]:
        """Return the runs that count from `since` until before `until`, the one that ended last first.

        None: from the begin of the range; up to now.
        """
        order = self._in_order()
        first = bisect_left(order, (self.since if since is None else since,))
        last = len(order) if until is None else bisect_left(order, (until,))
        return self._rows[first:last][::-1]

    def _in_order(self) -> list[tuple[float, RunKey]]:
        if self._order is None:
            times = moments(list(self._runs.values()))
            self._order = sorted(zip((at or 0.0 for at in times), self._runs, strict=True))
            self._rows = [self._runs[key] for _, key in self._order]
            self._tally = tally_of(self._rows)
        return self._order

    @property
    def tally(self) -> Tally:
        """How many of the runs have which outcome, agent and model. It is kept with each update, as counting all takes long."""
        self._in_order()
        return self._tally

    @property
    def first(self) -> float | None:
        """When the first run counts; None without runs."""
        order = self._in_order()
        return order[0][0] if order else None

    def run(self, key: RunKey) -> Run | None:
        """Return the row of a run; None if it does not count."""
        return self._runs.get(key)

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
        before = self._runs.get(run.key)
        if wanted:
            self._runs[run.key] = run
        elif before is not None:
            del self._runs[run.key]
        self._sort(before, run if wanted else None)

    def _put_all(self, runs: Sequence[Run]) -> None:
        """Put many runs at once, in a fraction of the time; see `_put`."""
        found, agent = self._runs, self.agent
        for run, key, status, at in zip(
            runs, map(key_of, runs), map(_CLASS, runs), moments(runs), strict=True
        ):
            if (
                at is not None
                and at >= self.since
                and status not in ACTIVE
                and (agent is None or _AGENT(run) == agent)
                and (not self.failed or status == FAILED)
            ):
                found[key] = run
            elif key in found:
                del found[key]
        self._order = None
        self.revision += 1

    def _drop(self, key: RunKey) -> None:
        self._sort(self._runs.pop(key, None), None)

    def _sort(self, before: Run | None, after: Run | None) -> None:
        """Keep the order while a run changes: sorting all runs anew would take 20 ms for 10,000."""
        if self._order is None or before == after:
            return
        if before is not None:
            place = bisect_left(self._order, _place_of(before))
            del self._order[place], self._rows[place]
            self._tally[_TALLIED(before)] -= 1
        if after is not None:
            place = bisect_left(self._order, _place_of(after))
            self._order.insert(place, _place_of(after))
            self._rows.insert(place, after)
            self._tally[_TALLIED(after)] += 1


def _place_of(run: Run) -> tuple[float, RunKey]:
    return moment_of(run) or 0.0, run.key
