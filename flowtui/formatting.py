"""Numbers, durations (seconds) and times (UTC epoch seconds) as text. An unknown value is shown as `—`, never as 0."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo

from flowtui.errors import UsageError

UNKNOWN = "—"

_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)  # in every locale
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩"}


def age(seconds: float | None) -> str:
    """Return a duration in its largest unit: `12s`, `4m`, `3h`, `9d`. A negative duration (two clocks differ) gives `0s`."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m"
    if whole < 86400:
        return f"{whole // 3600}h"
    return f"{whole // 86400}d"


def shown_age(at: float, now: float) -> str:
    """Return how long ago `at` was as `age` does, but as the two clocks show it that stand beside it: to the second.

    At 12:00:10.1 an event of 12:00:00.9 is `10s` old, as the user sees 12:00:00 and 12:00:10.
    """
    return age(math.floor(now) - math.floor(at)) if math.isfinite(now - at) else UNKNOWN


def duration(seconds: float | None) -> str:
    """Return a duration in minutes and seconds, with hours if needed: `00:37`, `2:05:09`. A negative duration gives `—`."""
    if seconds is None or not math.isfinite(seconds):
        return UNKNOWN
    if seconds < 0:
        return UNKNOWN
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes:02d}:{secs:02d}"


def span(seconds: float | None) -> str:
    """Return a duration in its two largest units: `48s`, `9m 48s`, `3d 4h`. A negative duration gives `—`."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return UNKNOWN
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86400}d {whole % 86400 // 3600}h"


def percent(share: float | None) -> str:
    """Return a share (0 to 1) in percent. Only 0 is shown as 0%, and only 1 as 100%."""
    if share is None:
        return UNKNOWN
    return "<1%" if 0 < share < 0.005 else ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def count(number: int | None) -> str:
    """Return a whole number with thousands separators: `1,204`. From 16 digits on it is rounded: `1.0e+30`."""
    if number is None:
        return UNKNOWN
    if abs(number) < 10**15:
        return f"{number:,}"
    value = _float(number)
    if math.isfinite(value):
        return f"{value:.1e}"
    return f"{'-' if number < 0 else ''}1e+{int(math.log10(abs(number)))}"


def size(number: int) -> str:
    """Return a size in bytes, rounded: `912 B`, `4.8 kB`, `12 MB`. From 10,000 TB on it is written as `1.0e+05 TB`."""
    value, unit = float(min(number, 10**300)), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    if value >= 9_999.5:
        return f"{value:.1e} {unit}"
    return f"{value:.1f} {unit}" if unit != "B" and value < 9.95 else f"{value:,.0f} {unit}"


def plural(number: int, noun: str) -> str:
    """Return a number with its noun: `0 runs`, `1 run`, `1,204 runs`."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def short_count(number: float | None) -> str:
    """Return a number of 0 or more in at most five characters (six from 1e+100 on): `310`, `18.2k`, `1.4M`."""
    if number is None or not math.isfinite(_float(number)):
        return UNKNOWN
    value = _float(number)
    for limit, suffix in ((1e3, ""), (1e6, "k"), (1e9, "M"), (1e12, "G")):
        if abs(value) < limit * (0.9995 if suffix else 1):
            scaled = value / (limit / 1e3)
            return f"{scaled:.0f}{suffix}" if not suffix or abs(scaled) >= 99.95 else f"{scaled:.1f}{suffix}"
    return f"{value:.0e}"


def money(amount: float | None, currency: str = "USD", *, floor: bool = False, digits: int = 2) -> str:
    """Return an amount of 0 or more: `$0.41`, `<$0.01`, `$12.3k`, `CHF 0.41`. `currency` is a code or a sign.

    `digits`: how many there are after the point of an amount below 1; of a larger one there are two.

    `floor`: the amount is a lower bound, shown as `≥$0.41`; as `>$0.00` if it is between 0 and 0.01.
    """
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    sign = _SIGNS.get(currency.upper(), currency)
    sign = f"{sign} " if len(sign) > 1 and sign.isalpha() else sign
    least = 10**-digits
    if 0 < amount < least:
        return f">{sign}{0:.{digits}f}" if floor else f"<{sign}{least:.{digits}f}"
    if amount < 0.9995 and digits > 2:
        return f"{'≥' if floor else ''}{sign}{amount:.{digits}f}"
    number = f"{amount:,.2f}" if amount < 9_999.995 else short_count(amount)
    return f"{'≥' if floor else ''}{sign}{number}"


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an int beyond 308 digits
        return math.inf if number > 0 else -math.inf


def clock(at: float | None, zone: tzinfo | None = None) -> str:
    """Return the time of day in `zone` (None: the local time zone): `12:03:56`."""
    moment = _moment(at, zone)
    return UNKNOWN if moment is None else moment.strftime("%H:%M:%S")


def day(at: float | None, zone: tzinfo | None = None) -> str:
    """Return the day of a time in `zone` (None: the local time zone): `21 Nov`."""
    moment = _moment(at, zone)
    return UNKNOWN if moment is None else f"{moment.day} {_MONTHS[moment.month - 1]}"


def as_of(at: float, now: float, zone: tzinfo | None = None, *, short: bool = False) -> str:
    """Return from when data is, in `zone` (None: the local time zone): `as of 18:42`, on another day `as of 29 Nov 18:42`.

    In another year it is `as of 2025-11-29`. `short`: on another day without the time of day.
    """
    moment, today = _moment(at, zone), _moment(now, zone)
    if moment is None or today is None:
        return f"as of {UNKNOWN}"
    if moment.date() == today.date():
        return f"as of {moment:%H:%M}"
    if moment.year != today.year:
        return f"as of {moment:%Y-%m-%d}"
    day = f"as of {moment.day} {_MONTHS[moment.month - 1]}"
    return day if short else f"{day} {moment:%H:%M}"


def timestamp(at: float | None, zone: tzinfo | None = None) -> str:
    """Return date, time and offset in `zone` (None: the local time zone): `2026-11-24 12:03:56 +0100`, for UTC `… UTC`."""
    moment = _moment(at, zone)
    if moment is None:
        return UNKNOWN
    name = "UTC" if moment.utcoffset() == UTC.utcoffset(None) else moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M:%S} {name}"


def iso_time(at: float | None) -> str | None:
    """Return a time for machines, in ISO 8601: `2026-11-24T11:03:56.000Z`; None if unknown or beyond the year 9999.

    `flowtui.model.run.element.parse_time` does the reverse.
    """
    moment = _moment(at, UTC)
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(at: float | None, zone: tzinfo | None) -> datetime | None:
    if at is None:
        return None
    try:
        moment = datetime.fromtimestamp(at, UTC)
        return moment.astimezone(zone)
    except (OverflowError, ValueError, OSError):  # the server may send a year beyond 9999
        return None


def parse_zone(name: str) -> tzinfo | None:
    """Return the time zone of a name: None (the local zone) for `local`, UTC for `utc`, else an IANA zone.

    Raises:
        UsageError: this machine knows no such zone.
    """
    if name.lower() == "local":
        return None
    if name.lower() == "utc":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415  rarely needed

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"{name!r} is no time zone here", hint="Use local, utc or a name such as Europe/Berlin"
        ) from error
