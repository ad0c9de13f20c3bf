"""Quiet hours of `[notify]`, such as `22:00-07:00`: a part of each day, by the clock on the wall in the user's time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

from flowtui.config.values.kinds import quoted
from flowtui.config.values.tables import TableError

_FORM: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


class QuietHours(NamedTuple):
    """A part of each day. `begin`, `end`: minutes after midnight; if `end` is less than `begin`, it lies on the next day."""

    begin: int
    end: int

    def __str__(self) -> str:
        return f"{_clock(self.begin)}-{_clock(self.end)}"

    def holds(self, at: float, zone: tzinfo | None) -> bool:
        """Whether it is quiet at `at` (UTC epoch seconds). `zone`: None for this machine's zone.

        The clock on the wall decides. Where it is set forward over the end, quiet ends at that moment; an hour that comes
        twice is quiet both times or not at all.
        """
        wall = datetime.fromtimestamp(at, UTC).astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


def read_quiet(written: Any) -> QuietHours:
    """Return the quiet hours that a text such as `22:00-07:00` means. Raises TableError if it means none."""
    found = _FORM.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise TableError(f"{quoted(written)} is no part of a day", hint='Write it as quiet = "22:00-07:00"')
    hours = QuietHours(int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4]))
    if hours.begin == hours.end:
        raise TableError("it begins and ends at the same time", hint='Write it as quiet = "22:00-07:00"')
    return hours


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
