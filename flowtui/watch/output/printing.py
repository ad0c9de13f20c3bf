"""Passes events to the hooks and to the format; if many runs are watched, to some formats once per interval only.

With `--quiet` the format gets failures and the summary only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui.watch.events import Event
from flowtui.watch.output.formats.format import Format, LiveState
from flowtui.watch.output.hooks import Hooks

_MANY: Final = 30
"""If so many runs, or more, are watched, events are collected and printed once per interval."""


class Printer:
    """Passes events to a format and to hooks. `moment`: monotonic seconds. `interval`: seconds between polls."""

    def __init__(self, target: Format, hooks: Hooks, *, quiet: bool, interval: float) -> None:
        self._format = target
        self._hooks = hooks
        self._quiet = quiet
        self._interval = interval
        self._bundle: list[Event] = []
        self._printed_at = float("-inf")
        self._window = 0.0

    @property
    def live(self) -> bool:
        """Whether the format draws the current state."""
        return self._format.live

    @property
    def due(self) -> float | None:
        """When the collected events are printed, in monotonic seconds; None if there are none."""
        return self._printed_at + self._window if self._bundle else None

    def tell(self, told: Sequence[Event], moment: float, watched: int) -> None:
        """Pass events on; `watched` is the number of watched runs."""
        self._hooks.tell(told)
        self._bundle += [event for event in told if event.failure or not self._quiet]
        self._window = self._interval if self._format.bundled and watched >= _MANY else 0.0
        self.flush(moment)

    def flush(self, moment: float, *, last: bool = False) -> None:
        """Print the collected events if it is time, or in any case if this is the `last` call."""
        if self._bundle and (last or moment >= self._printed_at + self._window):
            bundle, self._bundle = self._bundle, []
            self._printed_at = moment
            self._format.tell(bundle)

    def draw(self, board: LiveState) -> None:
        """Pass the current state to a live format."""
        self._format.draw(board)
