"""The line with what can be chosen: by what, which time, in which order; and what a click on it chooses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from flowtui.model.answers.spend.spend import GROUPINGS, ORDERS, Order
from flowtui.model.history.past import SpentBy
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.spend.time_ranges import RANGES
from flowtui.ui.widgets.choice_row import ChoiceRow

TITLES: Final[dict[SpentBy, str]] = {
    "agent": "Agents",
    "model": "Models",
    "thread": "Threads",
    "release": "Releases",
}

_GAP: Final = 4  # cells between two rows of choices
# for ever less room: of which rows (by, time, order) only what is chosen is named
_FORMS: Final = ((), (2,), (1, 2), (0, 2), (0, 1, 2))


class Choice(NamedTuple):
    """What a click chooses: `by`, `time` or `order`, and the index of the choice."""

    what: str
    place: int


class Choices(NamedTuple):
    """The line, and where each row of choices begins."""

    line: Line
    rows: Sequence[tuple[int, str, ChoiceRow]]

    def at(self, cell: int) -> Choice | None:
        """Return what is at a cell, or next to it; None if nothing can be chosen there."""
        for begin, what, row in self.rows:
            place = row.place_at(cell - begin)
            if place is not None:
                return Choice(what, place)
        return None


def choices(by: SpentBy, time: int, order: Order, cells: int) -> Choices:
    """Return the line for `cells` cells. `time`: the index of the range. In narrow terminals only what is chosen is named."""
    rows = [
        ChoiceRow("  by", [TITLES[each] for each in GROUPINGS], GROUPINGS.index(by)),
        ChoiceRow("time", [each.name for each in RANGES], time),
        ChoiceRow("order", ORDERS, ORDERS.index(order)),
    ]
    for form in _FORMS:
        shown = [replace(row, alone=place in form) for place, row in enumerate(rows)]
        if sum(row.width for row in shown) + 2 * _GAP + 1 <= cells:
            return _laid_out(shown, cells)
    few = [replace(row, alone=True) for row in rows[:2]]
    return _laid_out(few if sum(row.width for row in few) + _GAP <= cells else few[:1], cells)


def _laid_out(rows: Sequence[ChoiceRow], cells: int) -> Choices:
    begins = [0, *([rows[0].width + _GAP] if len(rows) > 1 else ())]
    if len(rows) > 2:
        begins.append(cells - rows[2].width - 1)
    spans: list[Span] = []
    for begin, row in zip(begins, rows, strict=True):
        spans += [Span(" " * (begin - ink.width(spans))), *row.spans]
    return Choices(tuple(spans), [*zip(begins, ("by", "time", "order"), rows, strict=False)])
