"""Everybody who is told: the format, in bundles where many things happen, and the hooks, at once.

`--quiet` lets failures and the summary through. Holds what people read back for an interval where many runs are watched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flowtui.watch.events import Event
from flowtui.watch.output.formats.format import Format, LiveState
from flowtui.watch.output.hooks import Hooks

_MANY: Final = 30
"""Watched runs from which on lines are bundled over an interval."""


class Printer:
    """Tells events to a format and to hooks. Moments are monotonic seconds."""

    def __init__(self, target: Format, hooks: Hooks, *, quiet: bool, interval: float) -> None:
        self._format = target
        self._hooks = hooks
        self._quiet = quiet
        self._interval = interval
        self._bundle: list[Event] = []
        self._told_at = float("-inf")
        self._window = 0.0

    @property
    def live(self) -> bool:
        """Whether `draw` shows something."""
        return self._format.live

    @property
    def due(self) -> float | None:
        """When the bundle is to be printed; None while there is none."""
        return self._told_at + self._window if self._bundle else None

    def tell(self, told: Sequence[Event], moment: float, watched: int) -> None:
        """Tell what happened; `watched` is how many runs there are now."""
        self._hooks.tell(told)
        self._bundle += [event for event in told if event.failure or not self._quiet]
        self._window = self._interval if self._format.patient and watched >= _MANY else 0.0
        self.flush(moment)

    def flush(self, moment: float, *, last: bool = False) -> None:
        """Print the bundle if it is due."""
        if self._bundle and (last or moment >= self._told_at + self._window):
            bundle, self._bundle = self._bundle, []
            self._told_at = moment
            self._format.tell(bundle)

    def draw(self, board: LiveState) -> None:
        """Draw how things stand, where the format is live."""
        self._format.draw(board)
