"""Groups of runs as a table with totals, for wide panes. Pure.

Which columns are shown depends on the width and on the numbers of all runs together, which are the longest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rich.cells import cell_len

from flowtui import formatting
from flowtui.model.run.row import CANCELLED, COMPLETED, FAILED, QUEUED, RUNNING, UNKNOWN
from flowtui.model.view.groups import Group
from flowtui.ui.grouping.rows import GroupEntry, lock_sign, status_sign, warnings
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

MIN_WIDTH: Final = 58
"""Width in cells from which on the groups are a table; below it they are a list."""

_GAP: Final = 2
_NAME: Final = (12, 44)  # least and most cells of a name


class NumberColumn(NamedTuple):
    """One column of numbers. `role` is for cells other than 0 and unknown; `least` is the minimum width in cells.

    If there is no room, the column with the highest `priority` is left out first.
    """

    title: str
    text: Callable[[Group, float], str]
    role: str
    priority: int
    least: int = 0


def _of_class(title: str, status: str, role: str, priority: int) -> NumberColumn:
    return NumberColumn(
        title, lambda group, _: f"{group.totals.by_class.get(status, 0):,}", role, priority, len(title)
    )


def _cost(group: Group, _now: float) -> str:
    return formatting.UNKNOWN if group.cost is None else group.cost.text()


def _last(group: Group, now: float) -> str:
    return formatting.age(None if group.last is None else now - group.last)


_COST: Final = NumberColumn("COST", _cost, "text", 7, 7)
_ODD: Final = _of_class("UNKNOWN", UNKNOWN, "unknown", 2)
_FIGURES: Final = (
    NumberColumn("RUNS", lambda group, _: f"{group.totals.runs:,}", "strong", 0),
    _of_class("QUEUED", QUEUED, "queued", 3),
    _of_class("RUNNING", RUNNING, "running", 1),
    _of_class("COMPLETED", COMPLETED, "text", 9),
    _of_class("FAILED", FAILED, "failed", 1),
    _of_class("CANCELLED", CANCELLED, "dim", 10),
    _ODD,
    NumberColumn("FAIL%", lambda group, _: formatting.percent(group.failure_rate), "text", 4),
    NumberColumn("TOKENS", lambda group, _: formatting.count(group.totals.total), "text", 5),
    NumberColumn("REPORTED", lambda group, _: f"{group.totals.reported:,}", "dim", 6),
    _COST,
    NumberColumn("USUAL", lambda group, _: formatting.duration(group.usual), "text", 8, 7),
    NumberColumn("LAST", _last, "dim", 4, 4),
)
_QUIET: Final = frozenset({"0", formatting.UNKNOWN, "0%"})


@dataclass(frozen=True, slots=True)
class GroupTable:
    """The columns that fit, with their widths in cells."""

    title: str
    name: int
    figures: tuple[tuple[NumberColumn, int], ...]
    short: bool = False
    """Names are shortened to what follows the last `/`, since full names would not fit."""

    @classmethod
    def laid_out(cls, entries: Sequence[GroupEntry], cells: int) -> GroupTable:
        """Return the table for these entries, the first of which is all runs together."""
        everything = entries[0].group
        wanted = [
            (figure, max(len(figure.title), figure.least, len(figure.text(everything, 0.0))))
            for figure in _FIGURES
            if (figure is not _COST or everything.cost is not None)
            and (figure is not _ODD or everything.totals.by_class.get(UNKNOWN))
        ]
        longest = max(
            cell_len(entry.group.name) + (4 if entry.lock_is_old else 3 if entry.lock.held else 2)
            for entry in entries
        )
        name = min(max(longest, _NAME[0]), _NAME[1])
        while wanted and _NAME[0] + 3 + sum(width + _GAP for _, width in wanted) > cells:
            wanted.remove(max(wanted, key=lambda item: item[0].priority))
        room = cells - 3 - sum(width + _GAP for _, width in wanted)
        return cls(entries[0].by.upper(), max(4, min(name, room)), tuple(wanted), short=longest - 2 > room)

    def head(self) -> Line:
        """Return the line of titles."""
        spans = [Span("  " + ink.fit(self.title, self.name), "dim")]
        spans += [
            Span(" " * _GAP + ink.fit(figure.title, width, "right"), "dim") for figure, width in self.figures
        ]
        return tuple(spans)

    def line(self, entry: GroupEntry, now: float, server_now: float, glyphs: Glyphs, *, chosen: bool) -> Line:
        """Return the line of one group; `now` is the local time, `server_now` the server's, in epoch seconds."""
        signs = status_sign(entry, glyphs)
        behind = lock_sign(entry, glyphs)
        troubles = warnings(entry, now)
        if ink.width((*signs, *behind, *troubles)) + 8 <= self.name:
            behind += troubles
        room = max(1, self.name - ink.width((*signs, *behind)))
        text = entry.cut_name(room, short=self.short)
        spans = [
            Span(f"{glyphs.pointer} " if chosen else "  ", "accent"),
            *signs,
            Span(text, "strong" if chosen or entry.group.key is None else entry.role),
            *behind,
        ]
        spans.append(Span(" " * max(0, self.name + 2 - ink.width(spans))))
        for figure, width in self.figures:
            told = figure.text(entry.group, server_now) if entry.read else formatting.UNKNOWN
            role = "dim" if told in _QUIET or entry.old else figure.role
            spans.append(Span(" " * _GAP + ink.fit(told, width, "right"), role))
        return tuple(spans)
