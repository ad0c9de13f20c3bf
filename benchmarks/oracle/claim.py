"""What a claim is, and what time it has: the words that all judges share."""

from __future__ import annotations

from typing import NamedTuple

GRACE = 2.0
"""Seconds beyond the promised interval."""

INTERVAL = 2.0
"""Seconds between looks at what moves, unless the head says another."""

RESTING = 30.0
"""The same for what rests, unless the list of threads says another."""

TICK = 1.0
"""Seconds between two paints of what time alone changes."""

SLACK = 0.5
"""Seconds that a paint and its way to us may take."""

RECOVERY = 30.0
"""Seconds from the end of a trouble until nothing of it may be left on the screen."""


class Claim(NamedTuple):
    """Something on the screen that is not so: `kind` and `subject` name it, `said` is the screen's word, `truth` ours."""

    kind: str
    subject: str
    said: str
    truth: str


class Moment(NamedTuple):
    """When the screen was drawn, between two epoch seconds, and how far back what it says may lie."""

    first: float
    last: float
    moving: float
    resting: float
