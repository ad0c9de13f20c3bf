"""Makes errors from answers that are not 2xx: what happened, in the server's words, and what to do.

Text of the server is made display-safe and cut to a limit. The key is masked first, as half a key would not be recognised.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.client import responses
from math import ceil
from typing import Any

from flowtui.errors import (
    ApiError,
    AuthError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RedirectError,
    RejectedError,
    ServerError,
    StatusError,
)
from flowtui.formatting import span
from flowtui.source.http.headers import request_id, retry_after
from flowtui.source.http.slash import leads_to_other_form, may_be_repeated, redirect_target
from flowtui.text import safe_text, shorten

MAX_ERROR_BODY = 65536
"""The most bytes to read of an error response's body."""

_MAX_WORDS = 200
_MAX_DETAILS = 3
_MAX_PLACE = 8
_MAX_DEPTH = 4
_NAMES = ("detail", "message", "error")
_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,2000}?)</title", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(r"\s*<(!doctype|html|head|body|title|\?xml)\b", re.IGNORECASE)
_KEY_HINT = "Check the key in SEEKR_API_KEY (or what api_key_command or api_key_file give)"
_SCHEME = re.compile(r"bearer|malformed|scheme|prefix", re.IGNORECASE)
"""Words of a server that does not like how the key is sent."""
_HINTS = {
    403: "The key may not do this: check the key and the team (SEEKR_TEAM_ID, --team)",
    404: "Check the id and the base URL: this key sees nothing there, perhaps another team's does",
    407: "The proxy wants its own sign-in: check the setting proxy",
    422: "The server does not take this id or option: check it",
    429: "Too many requests: lower budget or raise interval",
}


def status_error(
    where: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    url: str,
    location: str,
    mask: Callable[[str], str],
    auth_scheme: str,
    wall: float,
) -> StatusError:
    """Return the error for an answer that is not 2xx.

    `where`: method and path.
    `url`: the address that was asked.
    `location`: the target of a redirect; "" if there is none.
    `mask`: hides the key in a text.
    `wall`: the current time in UTC epoch seconds.

    A 401 names the setting `auth_scheme` only if the server's words are about the form of the header, or if it asks for
    `Bearer` in `WWW-Authenticate` and the key is sent without it.

    The tree in `flowtui.errors` shows which class belongs to which status.
    """
    message = f"{where}: {status} {responses.get(status, '')}".rstrip()
    said = _shorten(mask(server_words(body)))
    if status // 100 == 3:
        target = _shorten(mask(redirect_target(url, location)))
        message = f"{message}, a redirect to {target}, which was not followed"
    elif said:
        message = f"{message}, the server says: {said}"
    asked = retry_after(headers, wall=wall)
    error = _class_of(status)(
        message.rstrip(". "),
        status=status,
        hint=_key_hint(said, headers, auth_scheme)
        if status == HTTPStatus.UNAUTHORIZED
        else _hint(status, asked),
        request_id=mask(request_id(headers)),
        retry_after=asked,
    )
    if isinstance(error, RedirectError) and leads_to_other_form(url, location):
        error.hint = (
            "Only a request that reads is repeated with or without that slash, and not after every status"
        )
        error.to_other_form = may_be_repeated(where.partition(" ")[0], status)
    return error


def leave_open(failure: ApiError, *, sent: bool) -> None:
    """Mark a failed request that changes data as not retryable, and as `uncertain` if it may have taken effect.

    `sent`: whether the request may have left this machine.
    """
    failure.retryable = False
    failure.uncertain = sent and (not isinstance(failure, StatusError) or isinstance(failure, ServerError))
    if failure.uncertain:
        failure.hint = "It may have arrived all the same: look at the run before asking for it again"


def server_words(body: bytes) -> str:
    """Return the message in an error's body: `detail[]`, `detail`, `message`, `error`, an HTML title, or the whole text.

    The result is neither display-safe nor cut: the caller masks the key first.
    """
    text = body.decode("utf-8-sig", "replace").strip()
    if _HTML.match(text):
        title = _TITLE.search(text)
        return f"an HTML page, {html.unescape(title[1]).strip()!r}" if title else "an HTML page"
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _words_of(value, _MAX_DEPTH) or text


def _words_of(value: Any, depth: int) -> str:
    """Return the message in one JSON value of an error's body, "" if it has none. Searches at most `depth` levels deep."""
    if isinstance(value, str):
        return value.strip()
    if depth == 0 or not isinstance(value, list | dict):
        return ""
    if isinstance(value, dict):
        return _element(value) or next(
            (said for name in _NAMES if (said := _words_of(value.get(name), depth - 1))), ""
        )
    words = [said for item in value[:_MAX_DETAILS] if (said := _words_of(item, depth - 1))]
    if words and len(value) > _MAX_DETAILS:
        words.append(f"and {len(value) - _MAX_DETAILS} more")
    return "; ".join(words)


def _element(value: dict[str, Any]) -> str:
    """Return the message of one element of `detail[]`, such as `query.limit: Input should be a number`."""
    said, place = value.get("msg"), value.get("loc")
    if not isinstance(said, str):
        return ""
    where = ".".join(str(part) for part in place[:_MAX_PLACE]) if isinstance(place, list) else ""
    return f"{where}: {said}" if where else said


def _shorten(text: str) -> str:
    line = " ".join(text[: _MAX_WORDS * 20].split())
    return safe_text(shorten(line, _MAX_WORDS))


def _class_of(status: int) -> type[StatusError]:
    exact = {401: AuthError, 403: ForbiddenError, 404: NotFoundError, 408: ServerError, 429: RateLimitedError}
    families = {3: RedirectError, 4: RejectedError, 5: ServerError}
    return exact.get(status) or families.get(status // 100, StatusError)


def _key_hint(said: str, headers: Mapping[str, str], auth_scheme: str) -> str:
    wants_bearer = "bearer" in headers.get("www-authenticate", "").lower()
    if not (_SCHEME.search(said) or (wants_bearer and auth_scheme == "key")):
        return _KEY_HINT
    other = "bearer" if auth_scheme == "key" else "key"
    return f"{_KEY_HINT}, and the setting auth_scheme: it is {auth_scheme!r}, the server may want {other!r}"


def _hint(status: int, asked: float | None) -> str:
    """Return what to do about a status. `asked`: the seconds that the server asks to wait; None if it does not ask."""
    if status // 100 == 3:
        return "Check the base URL: the key goes to no other address"
    if status == HTTPStatus.REQUEST_TIMEOUT or status // 100 == 5:
        return f"The server's own trouble: try again {f'in {span(ceil(asked))}' if asked else 'later'}"
    if status == HTTPStatus.TOO_MANY_REQUESTS and asked:
        return f"Too many requests: wait {span(ceil(asked))}, and lower budget or raise interval"
    return _HINTS.get(
        status, "The server does not take this request: check the base URL, the id and the options"
    )
