"""The parts of a request and its reply that faults can change."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Record = dict[str, Any]
Problem = dict[str, Any]


class Page(NamedTuple):
    """The page that a list call asks for; `order` is asc or desc."""

    limit: int
    offset: int
    order: str


@dataclass(slots=True)
class Reply:
    """A reply, sent after `delay` seconds.

    `stream`: yields what is sent instead of `body`; None: `body` is sent.
    `abort`: whether to close the connection without an answer.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    stream: Callable[[], AsyncIterator[bytes]] | None = None
    delay: float = 0.0
    abort: bool = False


@dataclass(slots=True, kw_only=True)
class FaultUse:
    """What a fault gets with a request.

    `arg`: the argument of the fault; "" if it has none.
    `count`: how often the fault was used before.
    `now`: UTC epoch seconds.
    `host`, `path`, `query`: of the request, as the client wrote them; `query` without the question mark.
    `thread_id`: the thread in the path of the request; "" if there is none.
    `place`: the place of this thread in the list of threads, newest first, from 0; None if there is no such thread.
    `page`: the page that a list call asks for; None for other calls.
    `read`: returns the rows of any page as they are without faults; None for other calls.
    `memory`: what the fault keeps from one use to the next, until it is removed.
    """

    arg: str
    count: int
    now: float
    host: str = ""
    path: str = ""
    query: str = ""
    thread_id: str = ""
    place: int | None = None
    page: Page | None = None
    read: Callable[[Page], list[Record]] | None = None
    memory: dict[str, Any] = field(default_factory=dict)

    def number(self, default: float) -> float:
        """Return the argument as a number; `default` if there is none. `parse` has checked that an argument is a number."""
        return float(self.arg) if self.arg else default


class Refused(Exception):  # noqa: N818  (an answer, not an error)
    """Ends a request with this status. The body is `{"detail": detail}`; `headers` are sent in addition."""

    def __init__(self, status: int, detail: str | list[Problem], **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.headers = headers

    def reply(self) -> Reply:
        """Return the reply with this status."""
        reply = Reply(self.status, encode({"detail": self.detail}))
        reply.headers.update(self.headers)
        return reply


def encode(value: Any) -> bytes:
    """Return a value as JSON bytes. Escapes lone surrogates and allows NaN, since faults send both."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
