"""Lines of the brief's page and what the cursor can be on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import zip_longest
from typing import Final, NamedTuple

from flowtui.model.answers.brief.sentence import Sentence
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import RunKey
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span


class Target(NamedTuple):
    """What a line is about: one of these, the others are empty."""

    sentence: Sentence | None = None
    agent: str = ""
    """The id of an agent."""
    reason: Reason | None = None
    run: RunKey | None = None
    release: str = ""
    """The name of a release."""
    screen: str = ""
    """The name of a screen."""


class Item(NamedTuple):
    """A line, and what it is about; None: no cursor is on it."""

    line: Line
    target: Target | None = None


class Stop(NamedTuple):
    """A place of the cursor: so many cells of a line, as far as the page has them."""

    line: int
    first: int
    cells: int
    target: Target


class Page(NamedTuple):
    """The lines of the page, and the places of the cursor in their order."""

    lines: Sequence[Line] = ()
    stops: Sequence[Stop] = ()


@dataclass(frozen=True, slots=True)
class Style:
    """What the page needs besides the brief. `cells`, `height`: its size. `now`: by the server's clock."""

    cells: int
    height: int
    signs: ChartSigns
    glyphs: Glyphs
    zone: tzinfo | None
    scales: Scales = field(default_factory=Scales)

    @property
    def two(self) -> bool:
        """Whether sections are side by side."""
        return self.cells >= TWO

    def narrower(self, cells: int) -> Style:
        """Return the style of a part that is so many cells wide."""
        return Style(cells, self.height, self.signs, self.glyphs, self.zone, self.scales)


TWO = 123
"""From so many cells on, sections are in two columns."""
BETWEEN = 5
"""Cells between two columns."""


def section(title: str, remark: Sequence[Span], style: Style) -> Item:
    """Return the title of a section, with a rule up to the right end."""
    head = (Span(title, "title"), *((Span("  "), *remark) if remark else ()), Span(" "))
    shown = head if ink.width(head) <= style.cells else (Span(ink.cut(title, style.cells), "title"),)
    return Item((*shown, Span(style.signs.track * (style.cells - ink.width(shown)), "track")))


def one_column(parts: Sequence[Sequence[Item]]) -> Page:
    """Return the page of some parts, one below the other, with an empty line between them."""
    items: list[Item] = []
    for part in parts:
        if part:
            items += [Item(ink.BLANK), *part] if items else part
    return _page([(item,) for item in items], (0,))


def two_columns(
    above: Sequence[Item], left: Sequence[Item], right: Sequence[Item], below: Sequence[Item], cells: int
) -> Page:
    """Return the page of two columns, the left one `cells` wide, and what is above and below them."""
    start = cells + BETWEEN
    blank = Item(ink.BLANK)
    both = [tuple(pair) for pair in zip_longest(left, right, fillvalue=blank)]
    rows: list[tuple[Item, ...]] = [(item,) for item in above]
    rows += both
    rows += [(item,) for item in below]
    return _page(rows, (0, start))


_EDGE: Final = 10_000
"""More cells than a line has: the cursor's row goes to the right edge of the page."""


def _page(rows: Sequence[tuple[Item, ...]], starts: Sequence[int]) -> Page:
    lines: list[Line] = []
    stops: list[list[Stop]] = [[] for _ in starts]
    ends = [*(start - BETWEEN for start in starts[1:]), _EDGE]
    for number, row in enumerate(rows):
        line: Line = ()
        for place, item in enumerate(row):
            pad = starts[place] - ink.width(line)
            line = (*line, Span(" " * pad), *item.line) if pad > 0 and item.line else (*line, *item.line)
            if item.target is not None:
                end = ends[place] if len(row) > 1 else _EDGE
                stops[place].append(Stop(number, starts[place], end - starts[place], item.target))
        lines.append(line)
    return Page(lines, _in_order(stops))


def _in_order(stops: Sequence[Sequence[Stop]]) -> list[Stop]:
    """Return the places of the cursor: the left column from top to bottom, then the right one; what is below them last."""
    if len(stops) == 1:
        return list(stops[0])
    left, right = stops
    last = max((stop.line for stop in right), default=-1)
    first = min((stop.line for stop in right), default=0)
    inside = [stop for stop in left if stop.line <= last or stop.line < first]
    return [*inside, *right, *(stop for stop in left if stop not in inside)]
