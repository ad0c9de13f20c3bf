"""The rows of the picture on the screen: which, in what order, and what is counted over them. Pure; the dashboard asks.

An update of 100,000 runs costs what changed in it and what is active, not what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run, RunKey
from flowtui.model.stats.shown_totals import RunCounts, ShownTotals
from flowtui.model.stats.thread_totals import Sums, stretched_interval
from flowtui.model.stats.usual_times import (
    NO_USUAL_TIMES,
    UsualTimes,
    UsualTimesCache,
)
from flowtui.model.view.groups import Group, Grouper
from flowtui.model.view.ranking import OrderChange, Ranking
from flowtui.model.view.view import View, shows

if TYPE_CHECKING:
    from flowtui.config.values.prices import Prices
    from flowtui.model.state.changes import Change
    from flowtui.model.state.snapshot import Snapshot

_FEW: Final = 10_000  # runs that are gone through at each redraw to say what is usual: some milliseconds


class ShownRows:
    """`order` are the keys of the rows of `picture`; `rows` are looked up where somebody asks for all of them."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.view = View()
        self._ranking = Ranking()
        self._tally = Grouper()
        self._usual_times = UsualTimesCache(_FEW)
        self._rows: list[Run] | None = []
        self._counted = ShownTotals()
        self._context = Context(0.0)

    @property
    def order(self) -> Sequence[RunKey]:
        """The keys of the rows, in their wanted order."""
        return self._ranking.order if self.snapshot is not None else ()

    @property
    def rows(self) -> list[Run]:
        """The rows in their wanted order."""
        if self._rows is None and self.snapshot is not None:
            found = map(self.snapshot.run, self.order)
            self._rows = [run for run in found if run is not None]
        return self._rows or []

    @property
    def all_shown(self) -> bool:
        """Whether no run of the picture is left out."""
        return not self.view.narrowed and self.view.group.member is None

    def usual(self, snapshot: Snapshot | None) -> UsualTimes:
        """Return how long runs usually wait and take, of a picture that is to be shown."""
        return self._usual_times.of(snapshot) if snapshot is not None else NO_USUAL_TIMES

    def show(
        self, snapshot: Snapshot | None, view: View, context: Context, news: Sequence[Change] | None
    ) -> OrderChange | None:
        """Take in a picture; `news` is what happened since the last one, None where that is not all.

        Return what came into the order and left it; None where all are ordered anew.
        """
        moved = None
        before, self.snapshot, self.view, self._context = self.snapshot, snapshot, view, context
        if snapshot is not None and news is not None:
            moved = self._ranking.follow(before, snapshot, view, context, news)
        if moved is None:
            self._rows = self._ranking.arrange(snapshot, view, context) if snapshot is not None else []
            self._counted.reset()
        else:
            self._rows = None
            self._counted.mark_stale(key[0] for key in chain(moved.placed, moved.removed))
            self._counted.mark_stale(change.after.thread_key for change in news or ())
        return moved

    def runs(self) -> Iterable[Run]:
        """Return the rows in no order, which takes less than `rows` where all are shown."""
        return self.snapshot.runs() if self.snapshot is not None and self.all_shown else self.rows

    def holding(self) -> Callable[[RunKey], bool] | None:
        """Return what tells whether a run is one of the rows, by its key; None where no run is left out."""
        if self.all_shown:
            return None
        snapshot, test = self.snapshot, shows(self.view, self._context)

        def holds(key: RunKey) -> bool:
            run = snapshot.run(key) if snapshot is not None else None
            return run is not None and test(run)

        return holds

    def unreadable(self, newest: Snapshot | None) -> int:
        """Return how many rows could not be read whole; `newest` as in `sums`."""
        if newest is not None and self.all_shown:
            return sum(
                own.unreadable for own in self._tally.thread_totals.of(newest, self._tally.prices).values()
            )
        return self._count(self._context.prices).unreadable

    def holders(self) -> frozenset[RunKey]:
        """Return the runs that hold their threads, which are the rows that are lit."""
        if self.snapshot is None:
            return frozenset()
        per_thread = self._tally.thread_totals.of(self.snapshot, self._tally.prices)
        held = ((key, state.held_by(per_thread[key].held)) for key, state in self.snapshot.threads.items())
        return frozenset((key, run) for key, run in held if run is not None)

    def old_lock(self, newest: Snapshot | None, thread: str | None, now: float) -> str:
        """Return in words how long ago a thread (raw id) was seen to be locked, "" where that is new or it is free."""
        state = newest.threads.get(thread) if newest is not None and thread is not None else None
        if newest is None or state is None:
            return ""
        own = self._tally.thread_totals.of(newest, self._tally.prices)[state.key]
        lock = state.lock(active=own.active)
        return lock.text(now, state.interval) if lock.is_old(now, state.interval) else ""

    def groups(self, newest: Snapshot, context: Context) -> list[Group]:
        """Return the groups of the newest picture, which is not the one shown while that stands still."""
        return self._tally.of(newest, self.view.group, context)

    def stretched(self, newest: Snapshot) -> float | None:
        """Return the interval that threads with active runs really have, where it is longer than wished."""
        return stretched_interval(newest, self._tally.thread_totals.of(newest, self._tally.prices))

    def sums(self, newest: Snapshot | None, prices: Prices | None) -> Sums:
        """Return what is counted over the rows.

        `newest` is the picture of the last `groups`, which has the same runs; None before there is one.
        """
        if newest is not None and self.all_shown:
            return self._tally.sums
        return self._count(prices).sums

    def _count(self, prices: Prices | None) -> RunCounts:
        """Return what is counted over the rows where they are not all of the newest picture."""
        threads = self.snapshot.threads if self.snapshot is not None else {}
        return self._counted.of(lambda: self.rows, threads, shows(self.view, self._context), prices)
