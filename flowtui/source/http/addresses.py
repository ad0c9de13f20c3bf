"""Where a request goes: paths that no id can bend, and hosts as they may be shown."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flowtui.errors import UsageError
from flowtui.text import safe_text, shorten

_MAX_ID = 1024  # bytes of an encoded id


def path_segment(name: str) -> str:
    """Return an id as one path segment, with nothing left bare that a server could read as structure.

    Raises:
        UsageError: it is empty, `.` or `..` (which no encoding protects), or longer than a URL should be.
    """
    if name in {"", ".", ".."}:
        raise UsageError(
            f"{name!r} is no id", hint="Ids are those that `flowtui threads` and `flowtui runs` list"
        )
    encoded = quote(name, safe="", errors="surrogatepass")
    if len(encoded) > _MAX_ID:
        raise UsageError(f"An id of {len(name)} characters is too long: {shorten(encoded, 41)}")
    return encoded


def host_of(base_url: str) -> str:
    """Return host and port of a URL, display-safe and without user name and password."""
    return safe_text(urlsplit(base_url).netloc.rpartition("@")[2])
