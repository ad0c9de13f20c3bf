"""The list of events, the newest first, with rules between days and above what happened before this start. Pure but for the widget."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from rich.style import Style

from flowtui import formatting
from flowtui.model.events.folded import FoldedEvent
from flowtui.ui.keys import bindings
from flowtui.ui.widgets.skipping_list import SkippingList

_DAY: Final = 86_400.0


class Rule(NamedTuple):
    """A rule across the list. `place`: above how many events it stands; rules of the same words differ in it."""

    words: str
    place: int = 0


class Entry(NamedTuple):
    """A line of the list: an event, or a rule. `earlier`: it happened before this start."""

    shown: FoldedEvent | Rule
    earlier: bool = False

    @property
    def identity(self) -> Hashable:
        """What identifies the entry while more happens to its run."""
        return self.shown if isinstance(self.shown, Rule) else (self.shown.identity, self.earlier)


class EventList(SkippingList[Hashable], inherit_bindings=False):
    """Shows events. The cursor's line is marked also while the user types a search."""

    BINDINGS = bindings.bindings(bindings.EVENTS)

    def is_title(self, key: Hashable) -> bool:
        """Whether an entry is a rule."""
        return isinstance(key, Rule)

    def cursor_style(self) -> Style:
        """Return the style of the cursor's line."""
        return super().cursor_style() if self.has_focus else self.app.palette.cursor_row_away


def entries_of(
    new: Sequence[FoldedEvent],
    earlier: Sequence[FoldedEvent],
    *,
    start: str,
    end: str,
    now: float,
    zone: tzinfo | None,
) -> list[Entry]:
    """Return the lines of the list: the events, the newest first, with a rule wherever an older day begins.

    `start`: the words above what happened before this start; "" for no such rule. `end`: those below all; "" for none.
    """
    day = formatting.day(now, zone)
    lines: list[Entry] = []
    for events, words in ((new, ""), (earlier, start)):
        before = bool(words)
        for place, event in enumerate(events):
            here = formatting.day(event.event.at, zone)
            said = [words] if words and not place else []
            said += [_day_words(event.event.at, now, zone)] if here != day else []
            if said:
                lines.append(Entry(Rule(" · ".join(said), len(lines)), before))
            lines.append(Entry(event, before))
            day = here
        if words and not events:
            lines.append(Entry(Rule(words, len(lines)), before))
    if end:
        lines.append(Entry(Rule(end, len(lines)), bool(start)))
    return lines


def _day_words(at: float, now: float, zone: tzinfo | None) -> str:
    day = formatting.day(at, zone)
    return f"yesterday, {day}" if day == formatting.day(now - _DAY, zone) else day
