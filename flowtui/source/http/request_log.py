"""Logs requests (method, path, status, time and size), failures, deprecations, and differences between the clocks.

The log never holds bodies, secret headers or error texts of the server, as users pass it on to others.
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
"""The number of the current attempt at the same request, counted from 1. Code that retries sets it."""

_LOG: Final = logging.getLogger("flowtui.requests")
_DEPRECATION_HEADERS: Final = ("deprecation", "sunset", "warning")
_MAX_SAID: Final = 80
_MAX_ANNOUNCED: Final = 20
_QUOTES: Final = (" or is no HTTP: ", ", the server says: ", " (")
"""What comes before the server's own words in the message of an error."""
_WHERE: Final = re.compile(r"^[A-Z]+ /\S*: ")
_MUCH: Final = 30.0  # seconds of clock difference that are worth a warning
_MOVED: Final = 2.0  # seconds by which the difference must change to be logged again


def error_summary(error: ApiError) -> str:
    """Return the kind of an error and its cause, without the server's own words."""
    if isinstance(error, StatusError):
        return f"{error.status} {error.kind}"
    if not isinstance(error, TransportError | UnreadableError):
        return error.kind
    said = _WHERE.sub("", error.message)
    for quote in _QUOTES:
        said = said.partition(quote)[0]
    return f"{error.kind}: {said}"


class RequestLog:
    """The log of one client.

    `announced`: the texts of the headers that announce a deprecation of the API, each once, in the order of arrival.
    `mask`: hides the client's key in a text.
    `wall`: returns UTC epoch seconds (local clock).
    """

    def __init__(self, settings: Settings, mask: Mask, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._clock = ServerClock()
        self._offset = 0.0
        self.announced: dict[str, None] = {}
        add_mask(mask)
        if _LOG.isEnabledFor(logging.INFO):
            _LOG.info("settings: %s", as_line(settings))

    def answered(self, what: str, status: int, headers: Mapping[str, str], reply: Reply) -> None:
        """Log a good answer; `what` is method, path and query."""
        self._note_deprecation(what, headers)
        if _LOG.isEnabledFor(logging.DEBUG):
            left = "" if reply.remaining is None else f", {reply.remaining} left"
            size = f"{len(reply.body)} bytes, request {reply.request_id or '-'}"
            _LOG.debug(
                "%s: %d in %s, %s, attempt %d%s", what, status, _ms(reply.elapsed), size, ATTEMPT.get(), left
            )
        if _LOG.isEnabledFor(logging.WARNING):
            self._compare(reply)

    def opened(self, what: str, status: int) -> None:
        """Log that the headers of an event stream have come."""
        _LOG.debug("%s: %d, a stream of events, attempt %d", what, status, ATTEMPT.get())

    def failed(self, what: str, error: ApiError, cause: BaseException | None, *, seconds: float) -> None:
        """Log a request without a good answer. `cause`: httpx's exception, or None; only its type is logged."""
        if _LOG.isEnabledFor(logging.WARNING):
            name = f" ({type(cause).__name__})" if cause is not None else ""
            asked = "" if error.retry_after is None else f", wait {error.retry_after:g} s"
            said = f"{error_summary(error)}{name} after {_ms(seconds)}, request {error.request_id or '-'}"
            _LOG.warning("%s: %s, attempt %d%s", what, said, ATTEMPT.get(), asked)

    def asks_again(self, what: str, status: int, *, slash: bool) -> None:
        """Log that a request is made again in the other form of its path, with or without a `slash` at its end."""
        _LOG.info(
            "%s: %d, so it is asked again %s a slash at its end", what, status, "with" if slash else "without"
        )

    def dropped(self, what: str, *, seconds: float) -> None:
        """Log a request that was given up before its answer came."""
        _LOG.debug("%s: given up after %s, attempt %d", what, _ms(seconds), ATTEMPT.get())

    def _note_deprecation(self, what: str, headers: Mapping[str, str]) -> None:
        """Note and log headers that announce a deprecation of the API, each text once."""
        for name in _DEPRECATION_HEADERS:
            said = headers.get(name, "")
            text = f"{name}: {safe_text(said[:_MAX_SAID])}"
            if said and text not in self.announced and len(self.announced) < _MAX_ANNOUNCED:
                self.announced[text] = None
                _LOG.warning("%s: the server announces %s", what, text)

    def _compare(self, reply: Reply) -> None:
        """Log the difference between the server's clock and the local one whenever it has changed by `_MOVED` or more."""
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
            _LOG.log(level, "the server's clock agrees with ours again")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
