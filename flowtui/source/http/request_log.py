"""What the log says of requests: each with method, path, status, time and size, what failed and whose clock is wrong.

Never a body, a header's secret, or words that came in an answer: a log is given to others. `Attempt` tells which try
a request is; who asks again sets it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from flowtui.config.log_file import Mask, add_mask
from flowtui.config.show import as_line
from flowtui.errors import ApiError, StatusError, TransportError, UnreadableError
from flowtui.source.clock import ServerClock
from flowtui.text import safe_text

if TYPE_CHECKING:
    from flowtui.config.settings import Settings
    from flowtui.source.http.reply import Reply

ATTEMPT: ContextVar[int] = ContextVar("attempt", default=1)
"""Which try at the same thing the requests of this task are, counted from 1."""

_LOG: Final = logging.getLogger("flowtui.requests")
_FAREWELLS: Final = ("deprecation", "sunset", "warning")
_MAX_SAID: Final = 80
_QUOTES: Final = (" or is no HTTP: ", ", the server says: ", " (")
"""Where the words of an error begin that are the server's own."""
_WHERE: Final = re.compile(r"^[A-Z]+ /\S*: ")
_MUCH: Final = 30.0  # seconds of another clock that are a trouble
_MOVED: Final = 2.0


def error_summary(error: ApiError) -> str:
    """Return what kind of error it is and its reason, without a word that came in an answer."""
    if isinstance(error, StatusError):
        return f"{error.status} {error.kind}"
    if not isinstance(error, TransportError | UnreadableError):
        return error.kind
    said = _WHERE.sub("", error.message)
    for quote in _QUOTES:
        said = said.partition(quote)[0]
    return f"{error.kind}: {said}"


class RequestLog:
    """The lines of one client. `mask` hides its key, `wall` is UTC epoch seconds by the local clock."""

    def __init__(self, settings: Settings, mask: Mask, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._clock = ServerClock()
        self._offset = 0.0
        self._farewells: set[str] = set()
        add_mask(mask)
        if _LOG.isEnabledFor(logging.INFO):
            _LOG.info("settings: %s", as_line(settings))

    def answered(self, what: str, status: int, headers: Mapping[str, str], reply: Reply) -> None:
        """Tell of a good answer; `what` is method, path and query."""
        if _LOG.isEnabledFor(logging.DEBUG):
            left = "" if reply.remaining is None else f", {reply.remaining} left"
            size = f"{len(reply.body)} bytes, request {reply.request_id or '-'}"
            _LOG.debug(
                "%s: %d in %s, %s, attempt %d%s", what, status, _ms(reply.elapsed), size, ATTEMPT.get(), left
            )
        if _LOG.isEnabledFor(logging.WARNING):
            self._take_leave(what, headers)
            self._compare(reply)

    def failed(self, what: str, error: ApiError, cause: BaseException | None, *, seconds: float) -> None:
        """Tell of a request without a good answer; `cause` is what the library raised, told by its type alone."""
        if _LOG.isEnabledFor(logging.WARNING):
            name = f" ({type(cause).__name__})" if cause is not None else ""
            asked = "" if error.retry_after is None else f", wait {error.retry_after:g} s"
            said = f"{error_summary(error)}{name} after {_ms(seconds)}, request {error.request_id or '-'}"
            _LOG.warning("%s: %s, attempt %d%s", what, said, ATTEMPT.get(), asked)

    def dropped(self, what: str, *, seconds: float) -> None:
        """Tell of a request whose answer is not waited for any more."""
        _LOG.debug("%s: given up after %s, attempt %d", what, _ms(seconds), ATTEMPT.get())

    def _take_leave(self, what: str, headers: Mapping[str, str]) -> None:
        """Say once what the server announces of an end of this API."""
        for name in _FAREWELLS:
            said = headers.get(name, "")
            if said and (text := f"{name}: {safe_text(said[:_MAX_SAID])}") not in self._farewells:
                self._farewells.add(text)
                _LOG.warning("%s: the server announces %s", what, text)

    def _compare(self, reply: Reply) -> None:
        """Say where the server's clock is another than ours, and when that changes."""
        self._clock.learn(reply.server_time, self._wall(), reply.elapsed)
        offset = self._clock.offset
        if abs(offset - self._offset) < _MOVED:
            return
        level = logging.WARNING if max(abs(offset), abs(self._offset)) >= _MUCH else logging.INFO
        self._offset = offset
        if offset:
            side = "ahead of" if offset > 0 else "behind"
            _LOG.log(level, "the server's clock is %.0f s %s ours", abs(offset), side)
        else:
            _LOG.log(level, "the server's clock is ours again")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
