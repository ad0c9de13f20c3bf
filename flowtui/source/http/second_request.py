"""Makes a request that only reads, and at most once more with another path, if the answer suggests it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from flowtui.errors import RedirectError, StatusError
from flowtui.source.http.reply import Reply
from flowtui.source.http.slash import NO_SUCH_PATH, PathForms, is_json, leaves_open, other_form

_CIRCLE: Final = (
    "The server redirects each of the two paths to the other: check the base URL, and what stands between"
)


async def in_a_form_that_works(
    forms: PathForms,
    endpoint: str,
    path: str,
    send: Callable[[str], Awaitable[Reply]],
    prepare: Callable[[str, str, int], Awaitable[None]],
) -> Reply:
    """Return the answer to `path` with or without a slash at its end, and remember the form that worked.

    `endpoint`: the path with a placeholder for each id.
    `send`: makes the request for a path.
    `prepare`: awaited before the second request, with the first path, the second path and the status of the first answer.

    Raises:
        ApiError: the request failed. If the server found neither form, this is the error of the first request.
    """
    path = forms.chosen(endpoint, path)
    try:
        reply = await send(path)
    except StatusError as error:
        first = error
    else:
        forms.answered(endpoint, path, reply.body)
        return reply
    led = isinstance(first, RedirectError) and first.to_other_form
    if not led and not forms.worth_trying(endpoint, path, first.status):
        raise first.with_traceback(None)
    other = other_form(path)
    await prepare(path, other, first.status)
    try:
        reply = await send(other)
    except StatusError as error:
        if led and isinstance(error, RedirectError) and error.to_other_form:
            error.hint = _CIRCLE
        if led or not leaves_open(error.status):
            raise
    else:
        if forms.answered(endpoint, other, reply.body) or led:
            return reply
    forms.tried(path)
    raise first.with_traceback(None)


async def newest_known(
    paths: tuple[str, str], ask: Callable[[str], Awaitable[Reply]], prepare: Callable[[], Awaitable[None]]
) -> tuple[str, Reply]:
    """Return which of two paths, the newer one first, the server knows, and its answer.

    `ask`: makes the call for a path.
    `prepare`: awaited before the second call.

    Raises:
        ApiError: the call failed. If the server knows neither path, this is the error of the first call.
    """
    newer, older = paths
    try:
        return newer, await ask(newer)
    except StatusError as error:
        if error.status not in NO_SUCH_PATH:
            raise
        first = error
    await prepare()
    try:
        reply = await ask(older)
    except StatusError as error:
        if error.status not in NO_SUCH_PATH:
            raise
    else:
        if is_json(reply.body):
            return older, reply
    raise first.with_traceback(None)
