"""World seconds <-> the dates that the API shows.

At speed 10 ten world seconds pass in one real second, and the dates stay real: what is still to come is squeezed,
history is not. The one place that knows about the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Calendar:
    """`clock` gives UTC epoch seconds; `begin` is its reading at world second 0."""

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
        """Return the calendar of a server whose clock is so many seconds ahead; the same things happen at the same time."""
        return Calendar(lambda: self.clock() + seconds, self.begin + seconds, self.speed)

    def iso(self, world: float, *, later: float = 0.0) -> str:
        """Return the date of a world second, `later` real seconds on: ISO 8601 with microseconds and Z."""
        moment = datetime.fromtimestamp(self.epoch(world) + later, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
