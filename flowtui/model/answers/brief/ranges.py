"""The time ranges of the brief: since the user left, last night, 24 hours, 7 days. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from flowtui.model.answers.brief.remarks import Named
from flowtui.model.history.past import LIVE, UNANSWERED, Watched

LEFT: Final = "since you left"
NIGHT: Final = "last night"
DAY: Final = "24h"
WEEK: Final = "7d"
RANGES: Final = (LEFT, NIGHT, DAY, WEEK)
"""The names of the ranges, as the user goes through them."""

ELSE: Final = 12 * 3600.0
"""Seconds of the first range, if it is not known when the user left."""
LONG: Final = 1800.0
"""Seconds without a key, or without flowtui, after which the user had left."""
LOOK_BACK: Final = 14 * 86_400.0
"""Seconds in which it is looked when flowtui last ran."""

_SECONDS: Final = {DAY: 86_400.0, WEEK: 7 * 86_400.0}
_EVENING: Final = 18  # hours of the local day
_MORNING: Final = 8


def last_ran(watched: Iterable[Watched], now: float) -> float | None:
    """Return when flowtui last stopped for a long time before `now`; None if it did not in these spans."""
    found, until = None, None
    for span in sorted(watched):
        if span.how not in (LIVE, UNANSWERED) or not span.since < span.until or span.since > now:
            continue
        if until is not None and span.since - until >= LONG:
            found = until
        until = span.until if until is None else max(until, span.until)
    return found


def range_of(name: str, now: float, left: float | None, zone: tzinfo | None) -> Named:
    """Return a range. `now`: by the server's clock; `left`: when the user left, None if that is not known."""
    if name == NIGHT:
        since, until = _night(now, zone)
        return Named(NIGHT, since, min(until, now), goes_on=until >= now)
    if name == LEFT and left is not None and left < now:
        return Named(LEFT, left, now)
    seconds = _SECONDS.get(name, ELSE)
    return Named(f"last {name}" if name in _SECONDS else "last 12h", now - seconds, now)


def _night(now: float, zone: tzinfo | None) -> tuple[float, float]:
    """Return the begin and the end of the last night, 18:00 to 08:00; from 20:00 on it is the one that has begun."""
    moment = datetime.fromtimestamp(now, UTC).astimezone(zone)
    evening = moment.date() if moment.hour >= _EVENING + 2 else moment.date() - timedelta(days=1)
    morning = evening + timedelta(days=1)
    begin = datetime(evening.year, evening.month, evening.day, _EVENING, tzinfo=zone)
    end = datetime(morning.year, morning.month, morning.day, _MORNING, tzinfo=zone)
    return begin.timestamp(), end.timestamp()
