"""Events as lines of a list: all that happened to a run is one line, under its newest event. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from flowtui.model.events.event_log import RUN, Event, searched
from flowtui.model.run.row import RunKey


class FoldedEvent(NamedTuple):
    """One line. `before`: the earlier events of the same run, the oldest first."""

    event: Event
    before: Sequence[Event] = ()

    @property
    def identity(self) -> Hashable:
        """What identifies the line while more happens to its run."""
        return _run_of(self.event) or self.event


def folded(events: Iterable[Event]) -> list[FoldedEvent]:
    """Return events (newest first) as lines, in the order of the newest event of each line.

    Findings, outages and what else is not a change of status are not folded.
    """
    places: dict[RunKey, int] = {}
    lines: list[list[Event]] = []
    for event in events:
        run = _run_of(event)
        place = len(lines) if run is None else places.setdefault(run, len(lines))
        if place == len(lines):
            lines.append([event])
        else:
            lines[place].append(event)
    return [FoldedEvent(newest, older[::-1]) for newest, *older in lines]


def matching(lines: Iterable[FoldedEvent], words: str, agent_of: Callable[[Event], str]) -> list[FoldedEvent]:
    """Return the lines that contain every word of the text `words`, in any of their events or in the agent's name."""
    wanted = words.casefold().split()
    if not wanted:
        return list(lines)
    found = []
    for line in lines:
        parts = [*map(searched, (line.event, *line.before)), agent_of(line.event).casefold()]
        text = " ".join(parts)
        if all(word in text for word in wanted):
            found.append(line)
    return found


def _run_of(event: Event) -> RunKey | None:
    return event.key if event.kind == RUN else None
