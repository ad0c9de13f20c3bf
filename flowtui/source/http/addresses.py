"""Makes parts of URLs: path segments from ids, and the host of a base URL for messages."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flowtui.errors import UsageError
from flowtui.text import safe_text, shorten

_MAX_ID = 1024  # bytes of an encoded id


def path_segment(name: str) -> str:
    """Return an id as one path segment: every character that has a meaning in a URL is percent-encoded.

    Raises:
        UsageError: the id is empty, `.` or `..` (servers resolve these even if they are encoded), or longer than 1,024 bytes encoded.
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
    """Return the host and port of a URL, display-safe, without user name and password."""
    return safe_text(urlsplit(base_url).netloc.rpartition("@")[2])
