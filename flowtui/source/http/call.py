"""One call of the API, and until when it may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Call(NamedTuple):
    """One call of the API.

    `endpoint`: the path with `{}` for each id.
    `query`: begins with `?`; "" if there is none.
    `content`: the body, JSON; None if there is none.
    `changes`: whether the call changes data. It is sent once and never repeated.
    """

    method: str
    endpoint: str
    path: str
    query: str = ""
    content: bytes | None = None
    changes: bool = False


@dataclass(slots=True)
class Deadline:
    """Until when a call may take. `end`: in seconds of the event loop's clock."""

    end: float
