"""Totals over the shown runs, for a view that does not show all runs. Pure.

The totals are kept for each thread, so that an update computes only those of changed threads again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.run.row import Run
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.stats.thread_totals import Sums, add_sums, sums


class RunCounts(NamedTuple):
    """Sums over some runs."""

    sums: Sums = Sums()
    unreadable: int = 0
    """The number of runs that could not be read whole."""


class ShownTotals:
    """Keeps totals of the shown rows, thread by thread, from one snapshot to the next."""

    def __init__(self) -> None:
        self._parts: dict[str, RunCounts] | None = None
        self._prices: Prices | None = None
        self._stale: set[str] = set()
        self._all: RunCounts | None = None

    def reset(self) -> None:
        """Forget all totals, because other rows are shown."""
        self._parts = self._all = None

    def mark_stale(self, threads: Iterable[str]) -> None:
        """Mark threads (raw ids) with rows that appeared, disappeared or changed."""
        self._stale.update(threads)

    def of(
        self,
        rows: Callable[[], Iterable[Run]],
        threads: Mapping[str, ThreadState],
        shown: Callable[[Run], bool],
        prices: Prices | None,
    ) -> RunCounts:
        """Return the totals of the shown rows.

        `rows` returns all shown rows. `threads` has the states of all threads. `shown` says whether a run of these
        threads is shown. `prices` are what tokens cost; None: no costs are computed.
        """
        if self._parts is None or prices is not self._prices:
            by_thread: defaultdict[str, list[Run]] = defaultdict(list)
            for run in rows():
                by_thread[run.thread_key].append(run)
            self._parts = {key: _counted(own, prices) for key, own in by_thread.items()}
            self._prices, self._all = prices, None
        elif self._stale:
            for key in self._stale:
                state = threads.get(key)
                own = list(filter(shown, state.runs.values())) if state is not None else []
                before = self._parts.pop(key, None)
                found = _counted(own, prices) if own else None
                if found is not None:
                    self._parts[key] = found
                if found != before:
                    self._all = None
        self._stale.clear()
        if self._all is None:
            parts = self._parts.values()
            self._all = RunCounts(
                add_sums((part.sums for part in parts), prices), sum(part.unreadable for part in parts)
            )
        return self._all


def _counted(rows: list[Run], prices: Prices | None) -> RunCounts:
    return RunCounts(sums(rows, prices), sum(run.unreadable is not None for run in rows))
