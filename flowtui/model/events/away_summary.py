"""Summarises what happened while the user was away, from the last key or mouse event to the next one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from typing import Final

from flowtui import formatting
from flowtui.formatting import plural
from flowtui.model.events.event_log import FINDING, OUTAGE, RUN, Event
from flowtui.model.events.notices import Severity
from flowtui.model.run.row import TERMINAL

LONG: Final = 300.0
"""Seconds without key or mouse after which the user counts as away."""

LEFT: Final = 1800.0
"""Seconds without key or mouse after which the user had left: the brief then tells what happened since."""

BLURRED: Final = 15.0
"""Seconds without focus after which the user counts as away. The terminal tells when it loses the focus."""

_NAMED: Final = 3  # greatest number of failed runs that a summary names


class AwaySummary:
    """Counts events since the user was last active or the terminal lost the focus.

    Times are UTC epoch seconds of the local clock.
    """

    def __init__(self, now: float) -> None:
        self._blurred = False
        self.worst: Severity = "information"
        """The severity of the last summary."""
        self.left: float | None = None
        """When the user last did something before being away for `LEFT` or longer; None if that has not happened."""
        self._start(now)

    def _start(self, now: float) -> None:
        self.since = now
        self._ended = self._failed = self._findings = self._outages = 0
        self._names: list[str] = []

    def take(self, events: Iterable[Event]) -> None:
        """Count ended runs, failures, findings and outages."""
        for event in events:
            if event.kind == RUN and event.status in TERMINAL and event.word == event.status:
                self._ended += 1
                if event.failure:
                    self._failed += 1
                    self._names += [event.run] if len(self._names) < _NAMED else []
            self._findings += event.kind == FINDING
            self._outages += event.kind == OUTAGE

    def blur(self, now: float) -> None:
        """Note that the terminal lost the focus."""
        if not self._blurred:
            self._start(now)
        self._blurred = True

    def touch(self, now: float, zone: tzinfo | None) -> str:
        """Note that the user is active; return the summary if the user was away and something happened, else ""."""
        away = now - self.since >= (BLURRED if self._blurred else LONG)
        self.left = self.since if now - self.since >= LEFT else self.left
        told = self._summary(now, zone) if away else ""
        self.worst = self._severity()
        self._blurred = False
        self._start(now)
        return told

    def _severity(self) -> Severity:
        if self._failed:
            return "error"
        return "warning" if self._findings or self._outages else "information"

    def _summary(self, now: float, zone: tzinfo | None) -> str:
        counts = [
            f"{self._ended:,} ended" if self._ended else "",
            self._failures(),
            _counted(self._findings, "finding"),
            _counted(self._outages, "outage"),
        ]
        told = ", ".join(filter(None, counts))
        since = formatting.clock(self.since, zone)[:5]
        return f"since {since}, {formatting.age(now - self.since)} ago: {told}" if told else ""

    def _failures(self) -> str:
        if not self._failed:
            return ""
        more = ", …" if self._failed > len(self._names) else ""
        return f"{self._failed:,} failed ({', '.join(self._names)}{more})"


def _counted(number: int, word: str) -> str:
    return plural(number, word) if number else ""
