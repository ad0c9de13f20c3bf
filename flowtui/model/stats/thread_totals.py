"""The totals of each thread, and their sum. Pure.

Of 100,000 runs only a few change at a time. So the totals of a thread are computed again only if its runs changed, and
sums over all runs are added up from the totals of the threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final, NamedTuple

from flowtui.config.values.prices import Prices
from flowtui.model.run.cost import WASTED, Costs, Waste, add_costs, costs, known_sum, waste
from flowtui.model.run.row import COMPLETED, Run, getter
from flowtui.model.state.known_runs import ThreadState, lock_holder
from flowtui.model.state.snapshot import Snapshot
from flowtui.model.stats.totals import NO_TOTALS, Totals, add_totals, totals

_DATED: Final = getter("created", "started", "completed", "failed", "cancelled")
_TIMED: Final = getter("status_class", "started", "completed")
_UNREADABLE: Final = getter("unreadable")
NO_RUNS: Final[Mapping[str, Run]] = {}
# factor by which an interval must exceed the wanted one; less may be the schedule's jitter
_STRETCHED: Final = 1.1


class Sums(NamedTuple):
    """Sums over some runs."""

    totals: Totals = NO_TOTALS
    costs: Costs | None = None
    """What the runs have cost; None without prices."""
    waste: Waste = Waste(None, 0)
    """The tokens of the failed and cancelled runs."""


class ThreadTotals(NamedTuple):
    """Totals and other numbers of some runs of one thread."""

    runs: Mapping[str, Run]
    """All runs of the thread. As long as its state has this same object, the numbers are valid."""
    sums: Sums
    durations: list[float]
    """How long the completed runs took, in seconds, ascending."""
    last: float | None
    """The latest known time of the runs, in UTC epoch seconds by the server's clock; None if unknown."""
    active: bool
    """Whether one of the runs is active."""
    held: str | None
    """The raw id of the run that holds the thread's lock; None if none does (see `lock_holder`)."""
    unreadable: int
    """How many of the runs could not be read whole."""


def sums(runs: Iterable[Run], prices: Prices | None) -> Sums:
    """Return totals, costs and wasted tokens of these runs."""
    rows = list(runs)
    return Sums(totals(rows), None if prices is None else costs(rows, prices), waste(rows))


def durations(runs: Iterable[Run]) -> list[float]:
    """Return how long the completed ones of these runs took, in seconds, ascending."""
    return sorted(
        completed - started
        for status_class, started, completed in map(_TIMED, runs)
        if status_class == COMPLETED
        and started is not None
        and completed is not None
        and completed >= started
    )


def last_event_time(runs: Iterable[Run]) -> float | None:
    """Return the latest time of any of these runs (UTC epoch seconds by the server's clock); None if none has a time."""
    # A list, as a generator would take twice as long, and all rows of the history come through here.
    return max([at for at in chain.from_iterable(map(_DATED, runs)) if at is not None], default=None)


def thread_totals(runs: list[Run], prices: Prices | None, of: Mapping[str, Run] = NO_RUNS) -> ThreadTotals:
    """Return the numbers of the runs `runs` of one thread.

    `of` are all runs of the thread, which become the `runs` of the result.
    """
    found = sums(runs, prices)
    active = [run for run in runs if run.active] if found.totals.active else []
    return ThreadTotals(
        of,
        found,
        durations(runs),
        last_event_time(runs),
        bool(active),
        lock_holder(active),
        len(runs) - list(map(_UNREADABLE, runs)).count(None),
    )


def add_sums(parts: Iterable[Sums], prices: Prices | None) -> Sums:
    """Return the sum of several `Sums`. They must not have a run in common."""
    known = list(parts)
    counted = add_totals(part.totals for part in known)
    wasted = [part.waste for part in known if any(map(part.totals.by_class.get, WASTED))]
    tokens = known_sum(one.tokens for one in wasted) if wasted else 0
    lost = Waste(tokens, sum(one.unreported for one in wasted))
    if prices is None:
        return Sums(counted, None, lost)
    paid = [part.costs for part in known if part.costs is not None]
    both = ([one.total for one in paid], [one.wasted for one in paid])
    return Sums(counted, Costs(*(add_costs(parts, prices.currency) for parts in both)), lost)


class ThreadTotalsCache:
    """The totals of all threads, by raw thread id, reused from one snapshot to the next."""

    def __init__(self) -> None:
        self._of: Mapping[str, ThreadState] | None = None
        self._prices: Prices | None = None
        self.known: dict[str, ThreadTotals] = {}

    def of(self, snapshot: Snapshot, prices: Prices | None = None) -> Mapping[str, ThreadTotals]:
        """Return the totals of a snapshot's threads; those of unchanged threads are the same objects as before."""
        if prices is not self._prices:
            self._of, self._prices, self.known = None, prices, {}
        if snapshot.threads is self._of:
            return self.known
        before, found = self.known, {}
        for key, state in snapshot.threads.items():
            own = before.get(key)
            if own is None or own.runs is not state.runs:
                own = thread_totals(list(state.runs.values()), prices, state.runs)
            found[key] = own
        self._of, self.known = snapshot.threads, found
        return found


def stretched_interval(snapshot: Snapshot, per_thread: Mapping[str, ThreadTotals]) -> float | None:
    """Return the polling interval of active threads in seconds, if the request budget made it longer than wanted.

    None if it is not longer than wanted.
    """
    # Only threads with active runs count: one that was just locked keeps its long interval until it is observed.
    threads = snapshot.threads
    real = max((threads[key].interval for key, own in per_thread.items() if own.active), default=0.0)
    return real if snapshot.interval and real > snapshot.interval * _STRETCHED else None
