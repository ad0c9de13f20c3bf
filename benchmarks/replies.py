"""Replies and request counts that the simulated servers of `fleet`, `promises` and `company` share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Reply(NamedTuple):
    """What the poller needs of `flowtui.source.http.reply.Reply`.

    `server_time` is the Date header in UTC epoch seconds (None without one), `elapsed` the seconds that the request took.
    """

    body: bytes
    server_time: float | None
    elapsed: float


def most_per_minute(times: Sequence[float]) -> int:
    """Return the largest number of requests within any 60 s. `times` are ascending, in seconds."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 60:
            first += 1
        most = max(most, last - first + 1)
    return most
