"""Reads the numbers and times that the screen shows."""

from __future__ import annotations

import re

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def span(text: str | None) -> int | None:
    """Return the seconds of `9m 48s`, `12s` or `3d 4h`; None for any other text."""
    parts = re.findall(r"(\d+)([smhd])", text or "")
    return sum(int(number) * UNITS[unit] for number, unit in parts) if parts else None


def clock_span(text: str) -> int | None:
    """Return the seconds of `00:37` or `2:05:09`; None for any other text."""
    if not re.fullmatch(r"\d+(:\d\d){1,2}", text):
        return None
    seconds = 0
    for part in text.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


def between(text: str) -> tuple[float, float] | None:
    """Return the seconds between which a time lies that is shown as `5.1s`, `48s`, `9m 48s` or `00:12`; else None."""
    if re.fullmatch(r"\d\.\ds", text):
        return float(text[:-1]) - 0.06, float(text[:-1]) + 0.06
    whole, unit = (clock_span(text), "s") if ":" in text else (span(text), text[-1:])
    return None if whole is None else (whole - 0.06, whole + UNITS[unit])


def number(text: str) -> int | None:
    """Return the number of a count such as `1,204+`; None for any other text."""
    bare = text.rstrip("+").replace(",", "")
    return int(bare) if bare.isdecimal() else None
