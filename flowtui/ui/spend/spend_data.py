"""What the screen knows: what is chosen, what was read, the rows in order; and the actions of its keys. Draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from textual import events

from flowtui.model.answers.spend.spend import GROUPINGS, ORDERS, Order, Spend, Spender
from flowtui.model.history.memory_reach import MemoryReach
from flowtui.model.history.past import SpentBy
from flowtui.model.run.row import Run
from flowtui.model.state.marks import Mark
from flowtui.model.view.group_filter import in_group
from flowtui.model.view.groups import Grouping
from flowtui.ui.base import messages
from flowtui.ui.charts.scale import Scales
from flowtui.ui.keys import bindings
from flowtui.ui.spend.choices import Choice, Choices
from flowtui.ui.spend.spend_files import FORMS, file_text
from flowtui.ui.spend.spend_reader import SpendReader
from flowtui.ui.spend.time_ranges import RANGES, TABLE, USUAL, SpendRange
from flowtui.ui.spend.words import SpendNames
from flowtui.ui.widgets import menu
from flowtui.ui.widgets.answer_screen import AnswerScreen
from flowtui.ui.widgets.entry_list import EntryList
from flowtui.ui.widgets.order_menu import OrderChoice, OrderEntry, OrderMenu

_MENU: Final = (
    OrderEntry("cost", ("the dearest first",)),
    OrderEntry("tokens", ("most tokens first",)),
    OrderEntry("wasted", ("most waste first",)),
    OrderEntry("per run", ("most tokens a run first",)),
    OrderEntry("growth", ("most more than before first",)),
)
"""The orders of the menu; their names are `ORDERS`."""

_PINNED: Final = 3.0  # seconds after a key in which rows keep their places
_ASKED: Final = 20  # failed runs without a reason whose reasons are fetched


class SpendData(AnswerScreen[SpendReader]):
    """The screen without what it draws.

    `by`: what the runs are grouped by. `time`: the index of the chosen range in `RANGES`. `order`: that of the rows.
    """

    BINDINGS = bindings.bindings(bindings.SPEND)
    PLACES = (bindings.SPEND,)
    OF_A_LINE = frozenset(f"spend_{each}" for each in ("open", "agent", "failed", "copy", "order", "save"))

    def __init__(self) -> None:
        super().__init__(bindings.SPEND)
        self.by: SpentBy = GROUPINGS[0]
        self.time = USUAL
        self.order: Order = ORDERS[0]
        self.rows: Sequence[Spender] = ()
        """The rows in order."""
        self._ordered: tuple[object, ...] = ()
        self._list: EntryList[str] = EntryList()
        self._scales = Scales()
        self._reach = MemoryReach()
        self._choices: Choices | None = None
        self._dear: Sequence[Run] = ()  # the dearest runs that are shown

    # -- what is known -----------------------------------------------------------------------------------------

    @property
    def spend_list(self) -> EntryList[str]:
        """The list."""
        return self._list

    @property
    def found(self) -> Spend | None:
        """What was spent; None before the first answer."""
        return self._reader.found if self._reader is not None else None

    @property
    def range(self) -> SpendRange:
        """The chosen range."""
        return RANGES[self.time]

    @property
    def shown_range(self) -> SpendRange:
        """The range that `found` is about."""
        asked = self._reader.asked if self._reader is not None else None
        return self.range if asked is None else asked.range

    @property
    def chosen(self) -> Spender | None:
        """The row under the cursor; None in an empty list."""
        place = self._list.place
        return self.rows[place] if place < len(self.rows) else None

    @property
    def run(self) -> Run | None:
        """The dearest run of the chosen row."""
        return self._dear[0] if self._drawn and self._dear else None

    @property
    def failures(self) -> Sequence[Run | None]:
        """The newest failed runs of the chosen row without a reason, so that theirs are fetched."""
        one, reader = self.chosen, self._reader
        if one is None or reader is None:
            return ()
        known = reader.reasons
        return [run for run in reader.failed(one.key) or () if run.key not in known][:_ASKED]

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
    def _names(self) -> SpendNames:
        reader, snapshot = self._reader, self.snapshot
        agents = {
            **(reader.remembered_agents if reader is not None else {}),
            **(snapshot.agents if snapshot is not None else {}),
        }
        marks, prices = self._marks, self.app.settings.prices
        return SpendNames(agents, self.shown.cell_context(), marks, self._now, self.app.zone, prices)

    # -- asking and ordering -----------------------------------------------------------------------------------

    def _ask(self, *, again: bool = False) -> None:
        """Have the range read, if that is needed. `again`: in any case."""
        reader, snapshot = self._reader, self.snapshot
        if reader is None or snapshot is None:
            return
        releases = [mark.at for mark in self._marks] if self.by == "release" else []
        ask = reader.ask_again if again else reader.ask
        ask(self.range, self.by, releases, snapshot, self.app.now())
        reader.refresh(snapshot, self.app.now(), self.shown.rows if self.time == TABLE else ())

    def renew(self, argument: str = "") -> None:
        """Read everything again."""
        del argument
        self._ask(again=True)

    def _arrange(self, *, pin: bool = True) -> None:
        """Put the rows in order; `pin`: they keep their places while the user presses keys."""
        found, now, last = self.found, self.app.now(), self.app.last_key_at
        pinned = pin and 0 <= now - last < _PINNED
        key = (found, self.order, pinned)
        if found is None or (key[:2] == self._ordered[:2] and not (self._ordered[2] and not pinned)):
            return
        before = self._ordered[0] if self._ordered else None
        rows = found.ordered(self.order)
        if pinned and isinstance(before, Spend) and before.by == found.by and self._ordered[1] == self.order:
            places = {row.key: place for place, row in enumerate(self.rows)}
            rows.sort(key=lambda row: places.get(row.key, len(places)))
        self._ordered, self.rows = key, rows

    # -- actions of keys ---------------------------------------------------------------------------------------

    def action_spend_by(self, step: int) -> None:
        """Group by the next of `GROUPINGS` (1) or by the previous one (-1)."""
        self._choose(Choice("by", (GROUPINGS.index(self.by) + step) % len(GROUPINGS)))

    def action_span(self, step: int) -> None:
        """Show a longer time (1) or a shorter one (-1)."""
        self._choose(Choice("time", min(max(0, self.time + step), len(RANGES) - 1)))

    def action_order(self) -> None:
        """Open the menu of orders."""
        self.app.push_screen(OrderMenu(_MENU, OrderChoice(self.order)), self._take_order)

    def _take_order(self, chosen: OrderChoice | None) -> None:
        place = next(
            (at for at, name in enumerate(ORDERS) if chosen is not None and name == chosen.name), None
        )
        if place is not None:
            self._choose(Choice("order", place))

    def _choose(self, choice: Choice) -> None:
        before = (self.by, self.time, self.order)
        if choice.what == "by":
            self.by = GROUPINGS[choice.place]
        elif choice.what == "time":
            self.time = choice.place
        else:
            self.order = ORDERS[choice.place]
        if before == (self.by, self.time, self.order):
            return
        if before[0] != self.by or choice.what == "order":
            self._list.go(0)
        self._scales.forget()
        self._arrange(pin=False)
        self.tick()

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked on the line of choices."""
        bar = self.query_one("#spend-choices").region
        if self._choices is not None and bar.contains(event.screen_x, event.screen_y):
            choice = self._choices.at(event.screen_x - bar.x)
            if choice is not None:
                self._choose(choice)

    def _filter(self, text: str = "") -> str | None:
        """Return the filter for the runs of the chosen row; None if there is none for them."""
        one, found = self.chosen, self.found
        if one is None or found is None:
            return None
        asked = self.shown_range
        when = "" if asked.seconds is None else f"ended>now-{round(asked.seconds / 60)}m"
        said = " ".join(part for part in (text, when) if part)
        if self.by == "release":
            mark = self._names.mark(one.key)
            return None if mark is None else f'{said} release="{mark.name}"'.strip()
        return in_group(said, Grouping(self.by, one.key), self.shown.cell_context())

    def action_open(self) -> None:
        """Go back to the dashboard and show the runs of the chosen row in its table."""
        one = self.chosen
        if one is None:
            return
        if self.shown_range.seconds is None and self.by != "release":
            self.post_message(messages.GroupOpened(Grouping(self.by, one.key)))
            self.action_leave()
        else:
            self._open(self._filter())

    def action_failed(self) -> None:
        """Go back to the dashboard and show the failed runs of the chosen row in its table."""
        self._open(self._filter("status:failed"))

    def _open(self, text: str | None) -> None:
        if text is None:
            self.app.say("No filter finds these runs", timeout=3)
            return
        self.post_message(messages.FilterOpened(text))
        self.action_leave()

    def on_cursor_list_chosen(self) -> None:
        """Show the runs of the clicked row."""
        self.action_open()

    def action_agent(self) -> None:
        """Open the page of the chosen agent; of another row, that of the agent of its dearest run."""
        agent = self.chosen.key if self.chosen is not None and self.by == "agent" else ""
        self._open_agent(agent or (self.run.agent_id if self.run is not None else ""))

    def action_copy(self) -> None:
        """Copy the id of the chosen agent or thread, the name of the model, or that of the release."""
        one = self.chosen
        if one is not None and one.key:
            text = self._names.release(one.key) if self.by == "release" else one.key
            self.post_message(messages.CopyRequested(text))

    def action_save(self) -> None:
        """Save what was spent, in a format that the user chooses."""
        if self.found is not None:
            self.app.push_screen(menu.Menu("Save what was spent", FORMS), self._save)

    def _save(self, choice: menu.Choice | None) -> None:
        found = self.found
        form = next((each.name for each in FORMS if choice is not None and each.letter == choice.letter), "")
        if form and found is not None:
            text = partial(file_text, form, found, self.rows, self._names, self._basis())
            self.post_message(messages.TextSaved(text, "what was spent", f"spend-{self.by}", form))

    def _basis(self) -> str:
        """Return what the numbers rest on."""
        return ""

    def action_refresh_all(self) -> None:
        """Poll all threads now, and read the history again."""
        super().action_refresh_all()
        self._ask(again=True)
