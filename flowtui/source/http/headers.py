"""Makes the headers of requests, and reads the few headers of answers that are used.

Headers of an answer are untrusted: values are bounded and display-safe, and a bad header counts as missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from flowtui import __version__
from flowtui.errors import ConfigError
from flowtui.text import safe_text

MAX_RETRY_AFTER = 300.0
"""The longest pause that a server may ask for, in seconds."""

_MAX_ID = 64
_YEAR_3000 = 32_503_680_000.0  # no clock shows a later date, and ages computed from it would overflow
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def request_headers(team: str | None) -> dict[str, str]:
    """Return the headers of every request except the key's. `team`: the id of the team to act for; None: the key's team.

    Raises:
        ConfigError: the team holds a character that no header can carry.
    """
    sent = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"flowtui/{__version__}",
    }
    if team:
        if not (team.isascii() and team.isprintable()):
            raise ConfigError(
                "The team holds a character that no header can carry", hint="Check SEEKR_TEAM_ID"
            )
        sent["x-team-id"] = team
    return sent


def request_id(headers: Mapping[str, str]) -> str:
    """Return the `cf-ray` header, display-safe and at most 64 characters; "" if there is none."""
    return safe_text(headers.get("cf-ray", "")[:_MAX_ID].strip())


def server_time(headers: Mapping[str, str]) -> float | None:
    """Return the `Date` header as UTC epoch seconds; None if it is missing, not a date, before 1970 or after 2999."""
    moment = _date(headers.get("date", ""))
    return moment if moment is not None and 0.0 <= moment < _YEAR_3000 else None


def remaining(headers: Mapping[str, str]) -> int | None:
    """Return `x-ratelimit-remaining` if it is a whole number of at most 9 digits, else None."""
    return _number(headers.get("x-ratelimit-remaining", ""))


def retry_after(headers: Mapping[str, str], *, wall: float) -> float | None:
    """Return the seconds that the server asks to wait, from 0 to 300; None if it does not ask.

    If both are sent, `retry-after-ms` is used and not `Retry-After`, as it is more exact. Each may be a number of 1 to 9
    digits, `Retry-After` also an HTTP date. The wait until that date is counted from the answer's `Date` header; without
    this header, from `wall` (UTC epoch seconds, local clock).
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return min(milliseconds / 1000, MAX_RETRY_AFTER)
    written = headers.get("retry-after", "")
    seconds = _number(written)
    if seconds is not None:
        return min(float(seconds), MAX_RETRY_AFTER)
    moment = _date(written)
    if moment is None:
        return None
    now = server_time(headers)
    return min(max(moment - (wall if now is None else now), 0.0), MAX_RETRY_AFTER)


def _number(written: str) -> int | None:
    stripped = written.strip(" \t")
    return int(stripped) if _NUMBER.fullmatch(stripped) else None


def _date(written: str) -> float | None:
    if not written or len(written) > _MAX_ID:
        return None
    try:
        moment = parsedate_to_datetime(written)
        # "-0000" and a missing zone both mean UTC
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None
