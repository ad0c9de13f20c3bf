"""Converts world seconds to the dates that the API shows, and back.

A world second is a second of simulated time; 0 is the start of the simulator. At speed 10 ten of them pass in one real
second, and dates advance with the real clock. The history before the start is not compressed. The only module that
reads the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """Converts world seconds to dates and back.

    `clock`: returns UTC epoch seconds.
    `begin`: the value of `clock` at world second 0.
    `speed`: how many world seconds pass in one real second.
    """

    clock: Callable[[], float]
    begin: float
    speed: float = 1.0

    def now(self) -> float:
        """Return the current world second."""
        return self.world(self.clock())

    def world(self, epoch: float) -> float:
        """Return the world second of an epoch time."""
        seconds = epoch - self.begin
        return seconds * self.speed if seconds > 0 else seconds

    def epoch(self, world: float) -> float:
        """Return the epoch time of a world second."""
        return self.begin + (world / self.speed if world > 0 else world)

    def ahead(self, seconds: float) -> Calendar:
        """Return the calendar of a clock that is `seconds` ahead: all dates are later, but nothing happens sooner."""
        return Calendar(lambda: self.clock() + seconds, self.begin + seconds, self.speed)

    def iso(self, world: float, *, later: float = 0.0) -> str:
        """Return the date of a world second plus `later` real seconds: ISO 8601 with microseconds and Z."""
        moment = datetime.fromtimestamp(self.epoch(world) + later, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
