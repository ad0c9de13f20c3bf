"""One request and its answer, as far as faults may bend them. Owns no endpoint, no fault and no HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Record = dict[str, Any]
Problem = dict[str, Any]


class Page(NamedTuple):
    """What a list call asks for: `order` is asc or desc."""

    limit: int
    offset: int
    order: str


@dataclass(slots=True)
class Reply:
    """What will be sent, `delay` seconds later.

    `stream`, where set, is sent instead of the body; `abort` cuts the connection without an answer.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    stream: Callable[[], AsyncIterator[bytes]] | None = None
    delay: float = 0.0
    abort: bool = False


@dataclass(slots=True, kw_only=True)
class Hit:
    """One use of a fault: `arg` is what follows its name ("" for nothing), `count` its earlier uses.

    `now` is UTC epoch seconds. `thread_id` is the thread the request is about ("" for none), `place` where it
    stands in the list of threads, newest first. A list call has its `page` as asked, and `read`, which reads its
    rows past any fault. `memory` is the fault's own, as long as it is planted.
    """

    arg: str
    count: int
    now: float
    thread_id: str = ""
    place: int | None = None
    page: Page | None = None
    read: Callable[[Page], list[Record]] | None = None
    memory: dict[str, Any] = field(default_factory=dict)

    def number(self, default: float) -> float:
        """Return the argument as a number. Its form was checked when the fault was asked for."""
        return float(self.arg) if self.arg else default


class Refused(Exception):  # noqa: N818  (an answer, not an error)
    """The request is answered with this status; `detail` is the body's, headers are extra."""

    def __init__(self, status: int, detail: str | list[Problem], **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.headers = headers

    def reply(self) -> Reply:
        """Return the answer."""
        reply = Reply(self.status, encode({"detail": self.detail}))
        reply.headers.update(self.headers)
        return reply


def encode(value: Any) -> bytes:
    """Return JSON as it goes over the wire. Escapes lone surrogates and lets NaN through: faults need both."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
