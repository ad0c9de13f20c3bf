"""Passes events to the hooks and to the format.

While many runs are watched, some formats get the events only once per polling interval. With `--quiet` the format gets
only failures and the summary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flowtui.model.run.row import Run, RunKey
from flowtui.watch.events import RUN_REASON, Event
from flowtui.watch.output.formats.format import Format
from flowtui.watch.output.hooks import Hooks

_MANY: Final = 30
"""While so many runs or more are watched, events are collected, and printed once per polling interval."""


class Printer:
    """Passes events to a format and to hooks. `interval`: seconds between polls. Each `moment` is in monotonic seconds."""

    def __init__(self, target: Format, hooks: Hooks, *, quiet: bool, interval: float) -> None:
        self._format = target
        self._hooks = hooks
        self._quiet = quiet
        self._interval = interval
        self._bundle: list[Event] = []
        self._folded: list[RunKey] = []  # to forget after the collected events, which may be of them
        self._printed_at = float("-inf")
        self._window = 0.0

    @property
    def due(self) -> float | None:
        """When the collected events must be printed, in monotonic seconds; None if no events are collected."""
        return self._printed_at + self._window if self._bundle else None

    def tell(self, told: Sequence[Event], moment: float, watched: int) -> None:
        """Pass events to the hooks now, and to the format now or later. `watched` is the number of watched runs."""
        self._hooks.tell(told)
        self._bundle += [
            event for event in told if not self._quiet or event.failure or event.name == RUN_REASON
        ]
        self._window = self._interval if self._format.bundled and watched >= _MANY else 0.0
        self.flush(moment)

    def flush(self, moment: float, *, last: bool = False) -> None:
        """Print the collected events if they are due. If `last` is True, print them in any case."""
        if self._bundle and (last or moment >= self._printed_at + self._window):
            bundle, self._bundle = self._bundle, []
            self._printed_at = moment
            self._format.tell(bundle)
        if self._folded and not self._bundle:
            folded, self._folded = self._folded, []
            self._format.forget(folded)

    def forget(self, runs: Iterable[Run]) -> None:
        """Let the format forget these runs, which are only counted from now on, at the next `flush`."""
        self._folded += [run.key for run in runs]
