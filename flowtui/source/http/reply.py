"""One good answer of the server, as every reader of the API gets it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One 2xx answer.

    `body` is decompressed; `request_id` the display-safe `cf-ray` header, "" where there was none; `server_time` the
    `Date` header in UTC epoch seconds; `elapsed` the seconds from the request to the last byte; `remaining` what
    `x-ratelimit-remaining` said. None where the server did not say.
    """

    body: bytes
    request_id: str
    server_time: float | None
    elapsed: float
    remaining: int | None
