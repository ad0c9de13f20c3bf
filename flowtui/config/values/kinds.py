"""Kinds of settings, such as a duration or an address: how their values are read and checked.

If a value is wrong, `Kind.read` raises ValueError with a reason for the user, to which `load.py` adds the setting and
its source. The reason never repeats a value that may hold a secret: an address, a command, a header.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION: Final = r"([0-9]*\.?[0-9]+|[0-9]+\.)(?:e([+-]?[0-9]{1,3}))?\s*(ms|s|m|h|d)?"
_QUOTED_MAX: Final = 40


@dataclass(frozen=True, slots=True, eq=False, repr=False, match_args=False)
class Kind:
    """How a setting is read and shown.

    `file_type`: the type that its value must have in the config file.
    `read`: takes what the user wrote and returns the value.
    `secret`: whether the value is masked wherever settings are shown.
    `is_path`: whether the value is a path. In the config file a path is relative to the folder of that file.
    `show`: takes the value and returns it for JSON, without secrets; None: the value is shown unchanged.
    """

    file_type: Any
    read: Callable[[Any], Any]
    secret: bool = False
    is_path: bool = False
    show: Callable[[Any], Any] | None = None


def _table(written: Any) -> dict[str, str]:
    if not isinstance(written, dict) or not all(isinstance(value, str) for value in written.values()):
        raise ValueError('it must be a table of strings, such as [keys] with pause = "f5"')
    return dict(written)


TABLE: Final = Kind(dict[str, str], _table)
"""A table of strings, which only the config file can hold."""


def quoted(value: object) -> str:
    """Return a value for a message: quoted, escaped and cut to 40 characters. Not to be used for secrets."""
    shown = repr(value)
    return shown if len(shown) <= _QUOTED_MAX else f"{shown[: _QUOTED_MAX - 1]}…"


def parse_duration(written: str | float) -> float:
    """Return a duration in seconds. `written` is a number followed by ms, s, m, h or d, or by nothing for seconds.

    Raises:
        ValueError: `written` is not a duration, not finite, or not above 0.
    """
    found = re.fullmatch(_DURATION, str(written).strip().lower(), re.ASCII)
    seconds = math.nan
    if found is not None:
        exponent = f"e{found[2]}" if found[2] else ""
        seconds = float(found[1] + exponent) * _UNITS[found[3] or "s"]
    if not math.isfinite(seconds) or seconds <= 0:
        raise ValueError(
            f"{quoted(written)} is no duration: write a number above 0 with ms, s, m, h or d, such as 30s"
        )
    return seconds


def duration(*, minimum: float = 0.0) -> Kind:
    """Return the kind of a duration of at least `minimum` seconds."""

    def read(written: Any) -> float:
        seconds = parse_duration(written)
        if seconds < minimum:
            raise ValueError(f"{quoted(written)} is too short: write at least {minimum:g}s")
        return seconds

    return Kind(str | int | float, read)


def _whole(written: Any) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", str(written).strip(), re.ASCII) or int(written) < 1:
        raise ValueError(f"{quoted(written)} is no whole number of at least 1")
    return int(written)


WHOLE: Final = Kind(str | int, _whole)
"""A whole number of at least 1."""


def _number(written: Any) -> float:
    try:
        value = float(written)
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        raise ValueError(f"{quoted(written)} is no number above 0")
    return value


NUMBER: Final = Kind(str | int | float, _number)
"""A finite number above 0."""


def _budget(written: Any) -> int:
    try:
        return _whole(str(written).strip().removesuffix("/min"))
    except ValueError:
        raise ValueError(f"{quoted(written)} is no budget: write N/min, such as 120/min") from None


BUDGET: Final = Kind(str | int, _budget)
"""A request budget, written as `N/min` or N: at most N requests in any 60 s."""


def choice(*words: str) -> Kind:
    """Return the kind of a setting that is one of `words`."""

    def read(written: Any) -> str:
        if written not in words:
            raise ValueError(f"{quoted(written)} is none of {', '.join(words)}")
        return str(written)

    return Kind(str, read)


FLAG: Final = Kind(bool, bool)
"""A boolean. As an environment variable, any text that is not empty means true (see no-color.org)."""


def _text(written: Any) -> str:
    if not str(written).strip():
        raise ValueError("it is empty")
    return str(written)


TEXT: Final = Kind(str, _text)
"""A text that is not empty."""

SECRET: Final = Kind(str, _text, secret=True)
"""A text that is not empty and may hold a secret."""


def _path(written: Any) -> str:
    if "\0" in _text(written):
        raise ValueError("it holds a NUL byte, which no path can")
    try:
        return str(Path(written).expanduser())
    except RuntimeError as error:
        raise ValueError(f"{quoted(written)}: there is no such home folder") from error


PATH: Final = Kind(str, _path, is_path=True)
"""A file's path; `~` is the home folder."""


def _header(written: Any) -> str:
    value = str(written).strip(" ")
    if not value or not value.isascii() or not value.isprintable():
        raise ValueError("it must be printable ASCII on one line")
    return value


HEADER: Final = Kind(str, _header)
"""A text that is sent in a request header: printable ASCII on one line."""


def _env_name(written: Any) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(written), re.ASCII):
        raise ValueError(
            "it must be the name of an environment variable that holds the key, never the key itself"
        )
    return str(written)


ENV_NAME: Final = Kind(str, _env_name)
"""An environment variable's name. Errors do not repeat what was written: it may be the key itself."""


def _url(written: Any) -> str:
    parts = _address(str(written))
    if parts.scheme not in ("http", "https"):
        raise ValueError("it must begin with https://")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    return base.removesuffix("/v1").rstrip("/")


URL: Final = Kind(str, _url)
"""The API's address; a `/v1` at its end is removed. `load.py` checks whether http is allowed."""


def _proxy(written: Any) -> str:
    if _address(str(written), userinfo=True).scheme not in ("http", "https"):
        raise ValueError("it must begin with http:// or https://")
    return str(written).strip()


PROXY: Final = Kind(str, _proxy, secret=True)
"""A proxy's address. The address may hold a user name and a password, so it is masked."""


def _address(written: str, *, userinfo: bool = False) -> SplitResult:
    """Return the parts of an address. Errors do not repeat the address, as it may hold a password.

    `userinfo`: whether a user name and a password are allowed in it.
    """
    address = written.strip(" ")
    if not address.isprintable() or " " in address or "\\" in address:
        raise ValueError("it holds a space, a backslash or a character that cannot be printed")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError("it is no address: write https://HOST") from None
    if "@" in parts.netloc and not userinfo:
        raise ValueError("it holds a user name or password: take it out, flowtui sends only the key")
    if parts.query or parts.fragment or "?" in address or "#" in address:
        raise ValueError("it holds a ? or #: write https://HOST only")
    if not parts.hostname or port == 0:
        raise ValueError("it is no address: write https://HOST")
    return parts


def is_loopback(address: str) -> bool:
    """Return whether an address stays on this machine: localhost, 127.0.0.0/8 or ::1."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
