"""Hours and days of a time zone, with its changes between summer and winter time. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal

from flowtui.errors import UsageError

Step = Literal["hour", "day"]
MOST: Final = 10_000
"""The most steps into which a span of time is divided."""

_HOUR: Final = 3600.0


def time_steps(step: Step, since: float, until: float, zone: tzinfo | None) -> list[float]:
    """Return the begin of each hour or day that a span touches, and the end of the last one, in UTC epoch seconds.

    `zone`: the time zone; None: the local one. A day has 23 or 25 hours when the clocks change.

    Raises:
        UsageError: the span has more than `MOST` hours or days.
    """
    if (until - since) / (_HOUR if step == "hour" else 24 * _HOUR) > MOST:
        raise UsageError(f"There are more than {MOST:,} {step}s in this time", hint="Ask for a shorter time")
    following = _next_hour if step == "hour" else _next_day
    edges = [_begin(step, since, zone)]
    while edges[-1] < until or len(edges) == 1:
        edges.append(following(edges[-1], zone))
    return edges


def step_of(edges: Sequence[float], at: float) -> int:
    """Return the number of the hour or day in which a time lies; times outside count to the first or the last."""
    return min(max(0, bisect_right(edges, at) - 1), len(edges) - 2)


def _begin(step: Step, at: float, zone: tzinfo | None) -> float:
    moment = datetime.fromtimestamp(at, zone)
    if step == "day":
        return datetime(moment.year, moment.month, moment.day, tzinfo=zone).timestamp()
    # The minutes are taken off in seconds: in an hour that comes twice, replacing them could go to the other one.
    return at - (moment.minute * 60 + moment.second + moment.microsecond / 1e6)


def _next_hour(at: float, zone: tzinfo | None) -> float:
    for seconds in (_HOUR, 1.5 * _HOUR):  # some clocks change by half an hour
        begin = _begin("hour", at + seconds, zone)
        if begin > at:
            return begin
    return at + _HOUR


def _next_day(at: float, zone: tzinfo | None) -> float:
    begin = datetime.fromtimestamp(at, zone)
    following = datetime(begin.year, begin.month, begin.day, tzinfo=zone) + timedelta(days=1)
    return max(following.timestamp(), at + _HOUR)
