"""The signs with which lanes are drawn, in Unicode and in ASCII. Every sign is one cell wide."""

from __future__ import annotations

from typing import Final, NamedTuple

_CROWDS: Final = (3, 4, 6, 9, 14, 22, 34)
"""For each sign of `crowd`: the least number of runs in a cell that gets this sign."""

_ASCII_CROWDS: Final = (3, 4, 5, 6, 7, 8, 9)


class LaneSigns(NamedTuple):
    """The signs of lanes, at first those in Unicode. `crowd` has several signs for cells that three or more runs share: the later, the more runs."""

    run: str = "━"
    clash: str = "╪"
    several: str = "═"
    behind: str = "┯"
    queue: str = "─"
    queues: str = "═"
    join: str = "╯"
    joins: str = "┴"
    unsure: str = "·"
    grid: str = "┊"
    now: str = "│"
    mark: str = "┆"
    edge: str = "│"
    unwatched: str = "·"
    unanswered: str = "╲"
    crowd: str = "▂▃▄▅▆▇█"

    def crowd_sign(self, runs: int) -> str:
        """Return the sign of a cell that this many runs share."""
        steps = _ASCII_CROWDS if self.crowd.isascii() else _CROWDS
        return self.crowd[max(0, sum(runs >= step for step in steps) - 1)]


UNICODE: Final = LaneSigns()
ASCII: Final = LaneSigns(
    run="=",
    clash="H",
    several="#",
    behind="%",
    queue="-",
    queues="~",
    join="'",
    joins="^",
    unsure=".",
    grid=":",
    now="|",
    mark="!",
    edge="|",
    unwatched="/",
    unanswered="\\",
    crowd="3456789",
)
