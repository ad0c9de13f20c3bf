"""What the screen of failures knows: the chosen time range, the counts, and the rows in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events

from flowtui.model.answers.failures import ORDERS, Failures, Order, ReasonRuns
from flowtui.model.export.failure_tables import FailureNames
from flowtui.model.history.memory_reach import MemoryReach
from flowtui.model.state.marks import Mark
from flowtui.ui.charts.scale import Scales
from flowtui.ui.failures import failure_view
from flowtui.ui.failures.failure_counts import FailureCounts
from flowtui.ui.failures.failure_view import Choices
from flowtui.ui.failures.list_rows import RowCache
from flowtui.ui.failures.time_ranges import FIRST, TimeRange, time_ranges
from flowtui.ui.keys import bindings
from flowtui.ui.widgets.framed_screen import MovableScreen
from flowtui.ui.widgets.order_menu import OrderChoice, OrderEntry, OrderMenu

CHOICES: Final = (
    OrderEntry("count", ("most runs first",)),
    OrderEntry("new", ("new ones first",)),
    OrderEntry("last", ("newest failure first",)),
)
"""The orders of the menu; their names are `ORDERS`."""

_PINNED: Final = 3.0  # seconds after a key in which rows keep their places


class FailureData(MovableScreen):
    """The screen without what it draws. `order`: the order of the rows."""

    OF_A_LINE = frozenset(
        f"reason_{each}" for each in ("open", "why", "notify", "agent", "copy", "order", "save")
    )

    def __init__(self) -> None:
        super().__init__(bindings.FAILURES)
        self.order: Order = ORDERS[0]
        self._length: float | None = FIRST  # None: since the newest mark
        self._counts: FailureCounts | None = None
        self._rows: Sequence[ReasonRuns] = ()
        self._text = ""
        self._choices: Choices | None = None  # the line with the time ranges
        self._settled = float(
            "inf"
        )  # when the first whole answer was drawn; until then rows come as they are read
        self._pinned = False
        self._scales, self._cache = Scales(), RowCache()
        self._reach = MemoryReach()

    @property
    def counts(self) -> FailureCounts:
        """What counts the failures."""
        if self._counts is None:
            data = self.app.data
            self._counts = FailureCounts(
                data.answers,
                data.reasons,
                lambda: self.snapshot,
                self.tick,
                painted=self.call_after_refresh,
                redact=self.app.settings.redact,
            )
        return self._counts

    @property
    def found(self) -> Failures | None:
        """The failures that are shown; None before the first answer."""
        return self.counts.found

    @property
    def length(self) -> float | None:
        """The length of the range that is shown, in seconds; None: it begins with a mark, or nothing is shown."""
        return None if self.counts.shown is None else self.counts.shown.seconds

    @property
    def answered(self) -> bool:
        """Whether all that was asked for is there."""
        return self.counts.answered

    @property
    def _now(self) -> float:
        """The server's time."""
        now = self.app.now()
        return now if self.snapshot is None else self.snapshot.server_time(now)

    @property
    def _marks(self) -> Sequence[Mark]:
        now = self._now
        return [mark for mark in self.app.data.deploy_marks.marks if mark.at <= now]

    @property
    def ranges(self) -> list[TimeRange]:
        """The time ranges to choose from."""
        return time_ranges(self._marks, self._now)

    @property
    def range(self) -> TimeRange:
        """The chosen time range."""
        ranges = self.ranges
        return next((each for each in ranges if each.seconds == self._length), TimeRange(FIRST))

    @property
    def _names(self) -> FailureNames:
        answer, snapshot = self.counts.answer, self.snapshot
        remembered = {} if answer is None else answer.agents
        return FailureNames(
            agents={**remembered, **({} if snapshot is None else snapshot.agents)},
            marks=self._marks,
            begin=self.counts.begin,
            now=self._now,
            zone=self.app.zone,
            prices=self.app.settings.prices,
        )

    def renew(self, argument: str = "") -> None:
        """Read everything again."""
        del argument
        self.ask(again=True)

    def ask(self, *, again: bool = False) -> None:
        """Ask for the chosen range, if that is needed. `again`: in any case."""
        self.counts.ask(self.range, self._marks, again=again)

    def action_span(self, step: int) -> None:
        """Show a longer time range, or a shorter one if `step` is negative."""
        ranges = self.ranges
        place = min(max(0, ranges.index(self.range) + step), len(ranges) - 1)
        self._choose(ranges[place])

    def _choose(self, wanted: TimeRange) -> None:
        self._length = wanted.seconds
        self._scales.forget()
        self.tick()

    def action_order(self) -> None:
        """Open the menu of orders."""
        self.app.push_screen(OrderMenu(CHOICES, OrderChoice(self.order)), self._order)

    def _order(self, chosen: OrderChoice | None) -> None:
        found = next((name for name in ORDERS if chosen is not None and name == chosen.name), None)
        if found is not None:
            self.order = found
            self._arrange(pin=False)
            self.action_first()
            self.tick()

    def on_click(self, event: events.Click) -> None:
        """Show the time range, or take the order, that was clicked."""
        bar, line = self.query_one("#failure-choices").region, self._choices
        if line is None or not bar.contains(event.screen_x, event.screen_y):
            return
        time, order = line.range_at(event.screen_x - bar.x), line.order_at(event.screen_x - bar.x)
        if time is not None and time < len(self.ranges):
            self._choose(self.ranges[time])
        if order is not None:
            self._order(OrderChoice(ORDERS[order]))

    def _arrange(self, *, pin: bool = True) -> None:
        """Put the rows in order; `pin`: they keep their places while the user presses keys."""
        if self.found is None:
            return
        now, last = self.app.now(), self.app.last_key_at
        if not self.answered:
            self._settled = float("inf")
        elif self._settled > now:
            self._settled = now
        rows = failure_view.matching(self.found.in_order(self.order).reasons, self._text, self._names)
        self._pinned = pin and last > self._settled and 0 <= now - last < _PINNED
        if self._pinned:
            rows = failure_view.pinned(rows, {one.reason: place for place, one in enumerate(self._rows)})
        self._rows = rows
