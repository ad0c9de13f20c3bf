"""Gives the events of each run times that ascend. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flowtui.watch.events import Event

_MOST: Final = 5_000  # runs whose times are kept: those with the latest events


class EventTimes:
    """The time of the last event of each run."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str | None], float] = {}

    def dated(self, event: Event) -> Event:
        """Return an event that is printed next, with a time that is not before the last event of its run.

        A change of a run has the time at which its reading began. If another event of the run came before the answer,
        the answer is newer than that event, and so is the change. `observed_between` stays as it was observed.
        """
        thread = event.fields.get("thread_id")
        if thread is None:
            return event
        key = (thread, event.fields.get("run_id"))
        at = max(event.at, self._last.pop(key, event.at))
        self._last[key] = at
        if len(self._last) > _MOST:
            del self._last[next(iter(self._last))]
        return event if at == event.at else replace(event, at=at)
