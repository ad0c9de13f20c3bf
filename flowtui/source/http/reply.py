"""One good answer of the server, as all calls of the client return it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One 2xx answer.

    `body` is decompressed; `request_id` is the display-safe `cf-ray` header, "" if there was none; `server_time` is the
    `Date` header in UTC epoch seconds; `elapsed` is the seconds from the request to the last byte; `remaining` is the
    number in `x-ratelimit-remaining`. `server_time` and `remaining` are None if the server did not send them.
    """

    body: bytes
    request_id: str
    server_time: float | None
    elapsed: float
    remaining: int | None
