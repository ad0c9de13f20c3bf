"""Times of a time zone as UTC epoch seconds; an hour that comes twice, or never, is not guessed at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, tzinfo
from itertools import chain

from flowtui.errors import UsageError

_DAY = timedelta(days=1)


def instants(local: datetime, zone: tzinfo | None) -> list[float]:
    """Return when it is this local time in a zone (None: the local one): once, twice or never, as clocks change."""
    found = []
    for fold in (0, 1):
        at = local.replace(tzinfo=zone, fold=fold).timestamp()
        if datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0) == local and at not in found:
            found.append(at)
    return sorted(found)


def only_instant(option: str, local: datetime, zone: tzinfo | None) -> float:
    """Return when it is this local time.

    Raises:
        UsageError: it comes twice or never, because the clocks change; the hint says what to write.
    """
    found = instants(local, zone)
    if len(found) == 1:
        return found[0]
    shown = f"{local:%Y-%m-%d %H:%M}"
    if not found:
        raise UsageError(
            f"{option}: there is no {shown} in this time zone: the clocks go forward then",
            hint="Write a time with its offset, such as 2026-03-29T02:30+01:00",
        )
    both = [datetime.fromtimestamp(at, zone).astimezone(zone).isoformat(timespec="minutes") for at in found]
    raise UsageError(
        f"{option}: {shown} comes twice in this time zone: the clocks go back then",
        hint=f"Write one of {both[0]} and {both[1]}",
    )


def latest(clock: time, now: float, zone: tzinfo | None) -> float:
    """Return the last time at or before `now` (UTC epoch seconds) at which a clock of the zone shows `clock`."""
    return max(at for at in _around(clock, now, zone) if at <= now)


def first_after(clock: time, since: float, zone: tzinfo | None) -> float:
    """Return the first time after `since` (UTC epoch seconds) at which a clock of the zone shows `clock`."""
    return min(at for at in _around(clock, since, zone) if at > since)


def begin_of_day(days_ago: int, now: float, zone: tzinfo | None) -> float:
    """Return when the day began that was `days_ago` days before `now` (UTC epoch seconds): 0:00, or when clocks skip that."""
    day = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (day - days_ago * _DAY).timestamp()


def _around(clock: time, at: float, zone: tzinfo | None) -> Iterator[float]:
    """Yield when a clock shows this time, from two days before to two days after `at`: it may be skipped on one of them."""
    own = clock.tzinfo or zone
    here = datetime.fromtimestamp(at, own).replace(tzinfo=None)
    days = (
        datetime.combine(here.date() + number * _DAY, clock.replace(tzinfo=None)) for number in range(-2, 3)
    )
    return chain.from_iterable(instants(day, own) for day in days)
