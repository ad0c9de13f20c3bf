"""Times of the brief in words: a time of day, with the day where it is another one. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

from flowtui.formatting import UNKNOWN
from flowtui.model.history.coverage import time_words

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HALF_DAY: Final = 20 * 3600.0  # seconds up to which a time of day is unambiguous


def day_time(at: float, zone: tzinfo | None) -> str:
    """Return a day and a time: `Tue 24 Nov 18:02`; `—` if it is in no calendar."""
    moment = _moment(at, zone)
    if moment is None:
        return UNKNOWN
    return f"{_DAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment:%H:%M}"


def short_time(at: float, now: float, zone: tzinfo | None) -> str:
    """Return a time of day: `02:04`; if it is more than 20 hours from `now`, with the day: `Tue 24 Nov 18:02`."""
    moment = _moment(at, zone)
    if moment is None:
        return UNKNOWN
    return f"{moment:%H:%M}" if abs(now - at) <= _HALF_DAY else day_time(at, zone)


def between(since: float, until: float | None, now: float, zone: tzinfo | None) -> str:
    """Return a span of time: `02:10 to 02:31`, `since 05:20`, `Tue 24 Nov 23:40 to 23:52`."""
    begin = short_time(since, now, zone)
    if until is None:
        return f"since {begin}"
    first, last = _moment(since, zone), _moment(until, zone)
    same = first is not None and last is not None and first.date() == last.date()
    end = short_time(until, until if same else now, zone)
    return f"{begin} to {end}"


def length_words(since: float, until: float) -> str:
    """Return how long a time range is: `12h`, `13h 43m`. Of a range that ends at the present the end is rounded down.

    The server's time, at which such a range ends, has whole seconds: `--since 2h` is not 1h 59m.
    """
    return time_words(until - since + 1.0)


def _moment(at: float, zone: tzinfo | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return None
