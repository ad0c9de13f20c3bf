"""Reads the values that a filter compares with: durations, counts, times, true or false.

Each reader raises ValueError with a message for the user; the parser adds the column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from flowtui.config.values.kinds import parse_duration
from flowtui.text import safe_text, shorten

_DURATION: Final = re.compile(
    r"(?:[0-9]{1,15}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})(?:ms|s|m|h|d)?", re.ASCII | re.IGNORECASE
)
_COUNT: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)([kmg]?)", re.ASCII | re.IGNORECASE)
_GROUPED: Final = re.compile(r"(?<=[0-9])[,_](?=[0-9]{3}(?![0-9]))", re.ASCII)
_SCALE: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_NOW: Final = re.compile(r"now(?:([+-])(.+))?", re.IGNORECASE)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)"
    r"(?:[T ](\d\d?)(?::(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?)? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_STEPS: Final = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))
_YEARS: Final = range(1971, 9000)  # what every platform can compute in every time zone, with a day to spare
_FLAGS: Final = {"true": True, "yes": True, "false": False, "no": False}


def quoted(text: str) -> str:
    """Return a value in quotes for an error message: display-safe, at most 30 characters long."""
    return f"'{shorten(safe_text(text), 30)}'"


def read_duration(text: str) -> float:
    """Return a duration in seconds; 0 is allowed, as in `wait>0`.

    Raises:
        ValueError: the text is not a duration.
    """
    if _DURATION.fullmatch(text):
        try:
            return parse_duration(text)
        except ValueError:  # parse_duration refuses 0
            return 0.0
    raise ValueError(f"{quoted(text)} is no duration; write one such as 90s, 10m, 2h or 1d")


def read_count(text: str) -> float:
    """Return a count of 0 or more: `20k`, `1.5M`, `18,204`.

    Raises:
        ValueError: the text is not a count.
    """
    found = _COUNT.fullmatch(_GROUPED.sub("", text))
    if found is None:
        raise ValueError(f"{quoted(text)} is no count; write one such as 500, 20k or 1.5M")
    scale = _SCALE[found[2].lower()]
    return int(found[1]) * scale if found[1].isdigit() else round(float(found[1]) * scale, 3)


def read_flag(text: str) -> bool:
    """Return True for true and yes, False for false and no.

    Raises:
        ValueError: the text is none of these four.
    """
    flag = _FLAGS.get(text.lower())
    if flag is None:
        raise ValueError(f"{quoted(text)} is neither true nor false")
    return flag


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a filter: a moment relative to now, or a span such as a day."""

    from_now: float = 0.0
    """Seconds from now to the moment, negative before now; not used if `start` is set."""
    start: datetime | None = None
    """The start of the span; None: the time is relative to now."""
    step: timedelta = timedelta()
    """The length of the span."""
    zone: tzinfo | None = None
    """The time zone of `start`; None: the one in which times are shown."""

    def span(self, now: float, zone: tzinfo | None) -> tuple[float, float]:
        """Return the start of the span and its end (exclusive), in UTC epoch seconds.

        Both are equal for a single moment. `now` is the current time in the same seconds, `zone` the time zone in which
        times are shown.
        """
        if self.start is None:
            return now + self.from_now, now + self.from_now
        # Wall-clock arithmetic: a day on which clocks change has 23 or 25 hours.
        both = (self.start, self.start + self.step)
        first, last = (moment.replace(tzinfo=self.zone or zone).timestamp() for moment in both)
        return first, max(first, last)


def read_moment(text: str) -> Moment:
    """Return the time for `now-2h`, or for an ISO date with or without a time of day and a zone.

    Raises:
        ValueError: the text is not a time, or lies outside the supported years.
    """
    relative = _NOW.fullmatch(text)
    if relative is not None:
        seconds = read_duration(relative[2]) if relative[2] else 0.0
        return Moment(from_now=-seconds if relative[1] == "-" else seconds)
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"{quoted(text)} is no time; write 2026-11-24, 2026-11-24T12:30 or now-2h")
    numbers = [int(part) for part in found.groups()[:6] if part is not None]
    try:
        start = datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001  the zone is only known when it is used
        zone = _zone(found[7])
    except ValueError:
        raise ValueError(f"there is no such time as {quoted(text)}") from None
    if start.year not in _YEARS:
        raise ValueError(f"{quoted(text)} is too far away")
    return Moment(start=start, step=_STEPS[len(numbers) - 3], zone=zone)


def _zone(written: str | None) -> tzinfo | None:
    if written is None:
        return None
    if written.upper() in ("Z", "UTC"):
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if written[0] == "-" else offset)
