"""The line with what can be chosen: by what, which time, in which order; and what a click on it chooses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.model.answers.spend.spend import GROUPINGS, ORDERS, Order
from flowtui.model.history.past import SpentBy
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.spend.time_ranges import RANGES

TITLES: Final[dict[SpentBy, str]] = {
    "agent": "Agents",
    "model": "Models",
    "thread": "Threads",
    "release": "Releases",
}


class Choice(NamedTuple):
    """What a click chooses: `by`, `time` or `order`, and the index of the choice."""

    what: str
    place: int


class _Entry(NamedTuple):
    text: str
    role: str
    choice: Choice | None = None


_Entries = list[_Entry]


class Choices(NamedTuple):
    """The line, and the cells of each choice on it."""

    line: Line
    cells: Sequence[tuple[int, int, Choice]]

    def at(self, cell: int) -> Choice | None:
        """Return what is at a cell, or next to it; None if nothing can be chosen there."""
        return next((choice for begin, end, choice in self.cells if begin - 1 <= cell <= end), None)


def choices(by: SpentBy, time: int, order: Order, cells: int) -> Choices:
    """Return the line for `cells` cells. `time`: the index of the range. In narrow terminals only what is chosen is named."""
    groups = _named(" by", "by", [TITLES[each] for each in GROUPINGS], GROUPINGS.index(by))
    times = _named("time", "time", [each.name for each in RANGES], time)
    orders = _named("order", "order", list(ORDERS), ORDERS.index(order))
    for left, middle, right in (
        (groups, times, orders),
        (groups, times, _only(orders)),
        (groups, _only(times), _only(orders)),
        (_only(groups), times, _only(orders)),
        (_only(groups), _only(times), _only(orders)),
        (_only(groups), _only(times), []),
    ):
        wide = sum(len(entry.text) for entry in (*left, *middle, *right)) + 10
        if wide <= cells:
            return _laid_out([*left, _Entry("    ", "dim"), *middle], right, cells)
    return _laid_out(_only(groups), [], cells)


def _named(title: str, what: str, names: Sequence[str], chosen: int) -> _Entries:
    entries = [_Entry(title, "dim")]
    for place, name in enumerate(names):
        entries += [
            _Entry("  ", "dim"),
            _Entry(name, "tab" if place == chosen else "dim", Choice(what, place)),
        ]
    return entries


def _only(entries: _Entries) -> _Entries:
    """Return the title and what is chosen. A click on it chooses the next."""
    names = [entry for entry in entries if entry.choice is not None]
    place = next(place for place, entry in enumerate(names) if entry.role == "tab")
    following = names[(place + 1) % len(names)].choice
    return [entries[0], _Entry("  ", "dim"), names[place]._replace(choice=following)]


def _laid_out(left: _Entries, right: _Entries, cells: int) -> Choices:
    wide = sum(len(entry.text) for entry in (*left, *right))
    gap = [_Entry(" " * max(0, cells - wide - 1), "dim")] if right else []
    found, begin, spans = [], 0, []
    for entry in (*left, *gap, *right):
        end = begin + len(entry.text)
        if entry.choice is not None:
            found.append((begin, end, entry.choice))
        spans.append(Span(entry.text, entry.role))
        begin = end
    return Choices(ink.line(*spans), found)
