"""A claim on the screen, and the times within which it must be true."""

from __future__ import annotations

from typing import NamedTuple

GRACE = 2.0
"""Seconds that a claim may be older than the promised interval."""

INTERVAL = 2.0
"""Seconds between two observations of an active thread, unless the header shows another interval."""

RESTING = 30.0
"""Seconds between two observations of a quiet thread, unless the list of threads shows another interval."""

TICK = 1.0
"""Seconds between two paints of cells that change with time alone."""

SLACK = 0.5
"""Seconds from a paint until this process has read it."""

RECOVERY = 30.0
"""Seconds after the end of an outage until the screen must show no trace of it."""


class Claim(NamedTuple):
    """A wrong claim: `kind` and `subject` identify it, `said` is what the screen shows, `truth` what it should show."""

    kind: str
    subject: str
    said: str
    truth: str


class Moment(NamedTuple):
    """When the screen was drawn (between `first` and `last`, epoch seconds), and how old its claims may be.

    `moving` and `resting` are the seconds allowed for active and for quiet threads.
    """

    first: float
    last: float
    moving: float
    resting: float
