"""The rows of the snapshot on the screen: their order, and the totals over them. Pure.

The cost of an update depends on how many runs changed or are active, not on how many are shown, such as 100,000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from flowtui.model.columns.context import Context
from flowtui.model.run.row import Run, RunKey, getter
from flowtui.model.stats.live_tokens import LiveSum, LiveTokens
from flowtui.model.stats.shown_totals import RunCounts, ShownTotals
from flowtui.model.stats.thread_totals import Sums, stretched_interval
from flowtui.model.stats.usual_times import NO_USUAL_TIMES, UsualTimes, UsualTimesCache
from flowtui.model.view.groups import Group, Grouper, Grouping
from flowtui.model.view.ranking import OrderChange, Ranking
from flowtui.model.view.unknown_reasons import UnknownReasons
from flowtui.model.view.unread_labels import UnreadLabels
from flowtui.model.view.view import View, shows

if TYPE_CHECKING:
    from flowtui.config.values.prices import Prices
    from flowtui.model.state.changes import Change
    from flowtui.model.state.snapshot import Snapshot

_AGENT: Final = getter("agent_id")
_FEW: Final = 10_000  # up to so many runs, usual times are computed at each redraw, in a few milliseconds


class ShownRows:
    """`order` has the keys of the rows of `snapshot`; `rows` looks up all of them when it is first read.

    `undrawn`: a change that the caller did not draw; `show` returns it together with the next one.
    """

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None
        self.view = View()
        self.undrawn: OrderChange | None = None
        self._ranking = Ranking()
        self._tally, self._agents = Grouper(), Grouper()
        self._usual_times = UsualTimesCache(_FEW)
        self._rows: list[Run] | None = []
        # The agents of all rows since they were sorted anew; None: nobody has asked.
        self._agents_seen: frozenset[str] | None = None
        self._counted = ShownTotals()
        self._live = LiveTokens()
        self._unread_labels = UnreadLabels()
        self._unknown_reasons = UnknownReasons()
        self._context = Context(0.0)

    @property
    def order(self) -> Sequence[RunKey]:
        """The keys of the rows, in the order of the view."""
        return self._ranking.order if self.snapshot is not None else ()

    @property
    def rows(self) -> list[Run]:
        """The rows in the order of the view."""
        if self._rows is None and self.snapshot is not None:
            found = map(self.snapshot.run, self.order)
            self._rows = [run for run in found if run is not None]
        return self._rows or []

    @property
    def of_one_agent(self) -> bool:
        """Whether all rows since they were last sorted anew are of one agent; that others have left says nothing."""
        if self._agents_seen is None:
            self._agents_seen = frozenset(map(_AGENT, self.rows))
        return len(self._agents_seen) == 1

    @property
    def all_shown(self) -> bool:
        """Whether the view shows all runs of the snapshot."""
        return not self.view.narrowed and self.view.group.member is None

    def usual(self, snapshot: Snapshot | None, remembered: UsualTimes = NO_USUAL_TIMES) -> UsualTimes:
        """Return how long runs of a snapshot usually wait and take. `remembered`: what the history says of it."""
        self._usual_times.remembered = remembered
        return self._usual_times.of(snapshot) if snapshot is not None else NO_USUAL_TIMES

    def show(
        self,
        snapshot: Snapshot | None,
        view: View,
        context: Context,
        news: Sequence[Change] | None,
        restored: Sequence[str] = (),
    ) -> OrderChange | None:
        """Set the snapshot and the view; `news` are the changes since the last snapshot, None if they are incomplete.

        `restored` are the threads (raw ids) whose runs came from the history since then, without changes. Return which runs came into the order and left it; None if all rows were sorted again.
        """
        moved = None
        before, self.snapshot, self.view, self._context = self.snapshot, snapshot, view, context
        if snapshot is not None and news is not None:
            moved = self._ranking.follow(before, snapshot, view, context, news, restored=restored)
        if moved is None:
            self._rows = self._ranking.arrange(snapshot, view, context) if snapshot is not None else []
            self._agents_seen = None
            self._counted.reset()
        else:
            self._rows = None
            self._see_agents(moved, restored)
            self._counted.mark_stale(key[0] for key in chain(moved.placed, moved.removed))
            self._counted.mark_stale(change.after.thread_key for change in news or ())
            self._counted.mark_stale(restored)
            if self.undrawn is not None:
                moved = self.undrawn.then(moved)
        self.undrawn = None
        return moved

    def _see_agents(self, moved: OrderChange, restored: Sequence[str]) -> None:
        """Note the agents of the rows that came; `restored`: threads whose rows came without being in `moved`."""
        if restored:
            self._agents_seen = None
        elif self._agents_seen is not None and self.snapshot is not None and moved.placed:
            came = filter(None, map(self.snapshot.run, moved.placed))
            self._agents_seen |= set(map(_AGENT, came))

    def put_off(self, moved: OrderChange) -> None:
        """Note that `moved` is not drawn yet, and count its rows now, so that drawing takes less time."""
        self.undrawn = moved
        if self.snapshot is not None:
            self._tally.thread_totals.of(self.snapshot, self._tally.prices)
            self.unknown_reasons(self._context)

    def merge(self) -> bool:
        """Bring the rows of the history that have come into order, and return whether this may have taken some time."""
        return self._ranking.merge()

    def runs(self) -> Iterable[Run]:
        """Return the rows in no particular order: cheaper than `rows` if the view shows all runs."""
        return self.snapshot.runs() if self.snapshot is not None and self.all_shown else self.rows

    def holding(self) -> Callable[[RunKey], bool] | None:
        """Return a function that tells whether a run (by key) is one of the rows; None if all runs are."""
        if self.all_shown:
            return None
        snapshot, test = self.snapshot, shows(self.view, self._context)

        def holds(key: RunKey) -> bool:
            run = snapshot.run(key) if snapshot is not None else None
            return run is not None and test(run)

        return holds

    def unreadable(self, newest: Snapshot | None) -> int:
        """Return how many rows could not be read completely; `newest` as in `sums`."""
        if newest is not None and self.all_shown:
            return sum(
                own.unreadable for own in self._tally.thread_totals.of(newest, self._tally.prices).values()
            )
        return self._count(self._context.prices).unreadable

    @property
    def unread_labels(self) -> int:
        """How many runs the view leaves out only because their labels were not read."""
        return self._unread_labels.of(self.view, self._context)

    def unknown_reasons(self, context: Context) -> int:
        """Return how many failed runs without a known reason the view shows, or might show if it were known."""
        return self._unknown_reasons.of(self.view, context)

    def holders(self) -> frozenset[RunKey]:
        """Return the runs that hold the lock of their thread; the table highlights them."""
        if self.snapshot is None:
            return frozenset()
        per_thread = self._tally.thread_totals.of(self.snapshot, self._tally.prices)
        held = ((key, state.held_by(per_thread[key].held)) for key, state in self.snapshot.threads.items())
        return frozenset((key, run) for key, run in held if run is not None)

    def old_lock(self, newest: Snapshot | None, thread: str | None, now: float) -> str:
        """Return how long ago a thread (raw id) was seen locked, in words; "" if that is recent or the thread is free."""
        state = newest.threads.get(thread) if newest is not None and thread is not None else None
        if newest is None or state is None:
            return ""
        own = self._tally.thread_totals.of(newest, self._tally.prices)[state.key]
        lock = state.lock(active=own.active)
        return lock.text(now, state.interval) if lock.is_old(now, state.interval) else ""

    def groups(self, newest: Snapshot, grouping: Grouping, context: Context) -> list[Group]:
        """Return the groups of the newest snapshot, which the table may not show yet."""
        return self._tally.of(newest, grouping, context)

    def agents(self, newest: Snapshot, chosen: str | None, context: Context) -> list[Group]:
        """Return the agents of the newest snapshot, also while something else is grouped. `chosen`: an agent's id."""
        return self._agents.of(newest, Grouping("agent", chosen), context)

    def active(self, newest: Snapshot) -> int:
        """Return how many runs of the newest snapshot are queued or running."""
        per_thread = self._tally.thread_totals.of(newest, self._tally.prices)
        return sum(own.sums.totals.active for own in per_thread.values())

    def stretched(self, newest: Snapshot) -> float | None:
        """Return the actual polling interval of threads with active runs, in seconds, if longer than the setting."""
        return stretched_interval(newest, self._tally.thread_totals.of(newest, self._tally.prices))

    def sums(self, newest: Snapshot | None, prices: Prices | None) -> Sums:
        """Return the totals over the rows.

        `newest` is the snapshot of the last call of `groups`, None before the first call. If the view shows all runs, the
        totals are those of that snapshot.
        """
        if newest is not None and self.all_shown:
            return self._tally.sums
        return self._count(prices).sums

    def live(self, newest: Snapshot | None) -> LiveSum:
        """Return the tokens of the rows that are known from spans only; `newest` as in `sums`."""
        if newest is not None and self.all_shown:
            return self._live.of(newest.threads)
        threads = self.snapshot.threads if self.snapshot is not None else {}
        return self._live.of(threads, shows(self.view, self._context))

    def _count(self, prices: Prices | None) -> RunCounts:
        """Return the totals over the rows, if they are not all runs of the newest snapshot."""
        threads = self.snapshot.threads if self.snapshot is not None else {}
        return self._counted.of(lambda: self.rows, threads, shows(self.view, self._context), prices)
