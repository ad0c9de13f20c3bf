"""One good answer of the server, as all calls of the client return it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """One 2xx answer.

    `body`: decompressed.
    `request_id`: the `cf-ray` header, display-safe; "" if there was none.
    `server_time`: the `Date` header in UTC epoch seconds; None if there was none.
    `elapsed`: the seconds from the request to the last byte of the answer.
    `remaining`: the number in `x-ratelimit-remaining`; None if there was none.
    """

    body: bytes
    request_id: str
    server_time: float | None
    elapsed: float
    remaining: int | None
