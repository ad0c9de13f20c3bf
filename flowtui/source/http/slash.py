"""Decides whether a path is asked for again with, or without, a slash at its end. Pure.

The reference names lists without the slash, the official SDK asks for some with it. A server may know only one of the two
forms, or answer one with a redirect to the other. A redirect only says which form to use: both requests go to the base
URL, and the address in the redirect is never used.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin, urlsplit

NO_SUCH_PATH: Final = frozenset({404, 405})
"""Statuses that may mean that the server does not know a path."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_KEEPING: Final = frozenset({307, 308})
"""Statuses of redirects that keep method and body."""
_TO_GET: Final = frozenset({301, 302})
"""Statuses of redirects after which clients make a GET of a POST, so that only a GET stays as it was."""
_MAX_TRIED: Final = 1000
_JSON_STARTS: Final = (b"[", b"{")


def other_form(path: str) -> str:
    """Return a path without the slash at its end if it has one, else with it."""
    return path[:-1] if path.endswith("/") else f"{path}/"


def redirect_target(url: str, location: str) -> str:
    """Return where a redirect points to, in words: another host, or another address on the same host.

    Neither path nor query is repeated, as they may hold secrets. The host is neither display-safe nor cut.
    `url`, `location`: as in `leads_to_other_form`.
    """
    if not location:
        return "nowhere"
    try:
        ours, theirs = urlsplit(url), urlsplit(urljoin(url, location))
        if leads_to_other_form(url, location):
            return f"the same path {'with' if theirs.path.endswith('/') else 'without'} a slash at its end"
        return _difference(ours, theirs)
    except ValueError:
        return "an invalid address"


def _difference(ours: SplitResult, theirs: SplitResult) -> str:
    if not _same_host(ours, theirs):
        return theirs.hostname or "no host"
    if theirs.username is not None:
        return "an address with a user name"
    if theirs.path not in (ours.path, other_form(ours.path)):
        return "another path on the same host"
    return "the same address" if theirs == ours else "the same path with another query"


def leads_to_other_form(url: str, location: str) -> bool:
    """Whether a redirect leads from `url` to the same address, but for one slash at the end of its path.

    `location`: as the server wrote it; a relative one counts from `url`; "" if it wrote none.

    The scheme may differ, as a proxy that ends TLS hides it from the server. Default ports count as equal.
    """
    if not location.isprintable():
        return False  # urlsplit removes line breaks and tabs
    try:
        ours, theirs = urlsplit(url), urlsplit(urljoin(url, location))
        return (
            _same_host(ours, theirs)
            and theirs.username is None
            and not theirs.fragment
            and _segments(other_form(ours.path)) == _segments(theirs.path)
            and _arguments(ours.query) == _arguments(theirs.query)
        )
    except ValueError:
        return False


def may_be_repeated(method: str, status: int) -> bool:
    """Whether a redirect with this status lets a request with this method stay as it is."""
    return status in _KEEPING or (status in _TO_GET and method == "GET")


def leaves_open(status: int) -> bool:
    """Whether this answer to the other form of a path leaves it open whether the server knows that form."""
    return status in NO_SUCH_PATH or status // 100 == 3


def is_json(body: bytes) -> bool:
    """Whether a body begins as a JSON list or object does. A web page does not: some servers have one for any path."""
    return body[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_JSON_STARTS)


def _same_host(ours: SplitResult, theirs: SplitResult) -> bool:
    """Whether two addresses have the same host, and the same port or both the default port of their scheme. May raise ValueError."""
    if ours.hostname != theirs.hostname or theirs.scheme not in _DEFAULT_PORTS:
        return False
    standard = [_DEFAULT_PORTS[each.scheme] for each in (ours, theirs)]
    ports = [ours.port, theirs.port]
    ports = [default if port is None else port for port, default in zip(ports, standard, strict=True)]
    return ports[0] == ports[1] or ports == standard


def _segments(path: str) -> list[str]:
    """Return the parts of a path. Servers may percent-encode other characters than flowtui does."""
    return [unquote(part, errors="surrogateescape") for part in path.split("/")]


def _arguments(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, errors="surrogateescape")


class PathForms:
    """Which form of each endpoint's path works. The state of one client.

    `endpoint`: the path with placeholders for ids. Paths are those of the API, without the base URL.
    """

    def __init__(self) -> None:
        self._slash: dict[str, bool] = {}
        self._tried: set[str] = set()

    def chosen(self, endpoint: str, path: str) -> str:
        """Return `path` in the form that worked last for the endpoint; as it is if none did."""
        slash = self._slash.get(endpoint)
        return path if slash in (None, path.endswith("/")) else other_form(path)

    def answered(self, endpoint: str, path: str, body: bytes) -> bool:
        """Keep the form of `path` for the endpoint if its answer, `body`, is JSON; return whether it is."""
        works = is_json(body)
        if works:
            self._slash[endpoint] = path.endswith("/")
        return works

    def worth_trying(self, endpoint: str, path: str, status: int) -> bool:
        """Whether an error may mean that the server knows only the other form of this path.

        No longer once the form of `path` has worked for the endpoint: then a 404 is about an id. While no form has worked,
        once for each path, as an unknown id says nothing about the next one.
        """
        if status not in NO_SUCH_PATH:
            return False
        slash = self._slash.get(endpoint)
        if slash is not None:
            return slash != path.endswith("/")  # the other form has worked since this request was sent
        return path not in self._tried and len(self._tried) < _MAX_TRIED

    def tried(self, path: str) -> None:
        """Note that neither form of this path was found."""
        self._tried.add(path)
