"""How old the runs are at most that a filter can match. Pure."""

from __future__ import annotations

import math
from datetime import tzinfo

from flowtui.model.language.tree import And, Not, Or
from flowtui.model.query.tree import Compare, Node
from flowtui.model.query.values import read_duration, read_moment

_AGE = ("<", "<=", "=")
_CREATED = (">", ">=", "=")


def oldest_match(node: Node, now: float, zone: tzinfo | None) -> float:
    """Return when the oldest runs that match can have been created; minus infinity if the filter does not limit that.

    `now`: the current time by the server's clock, in UTC epoch seconds. `zone`: the time zone of dates in the filter.
    """
    match node:
        case Not():
            return -math.inf
        case And(nodes):
            return max((oldest_match(part, now, zone) for part in nodes), default=-math.inf)
        case Or(nodes):
            return min((oldest_match(part, now, zone) for part in nodes), default=math.inf)
        case Compare("age", op, text) if op in _AGE:
            return now - read_duration(text)
        case Compare("created", op, text) if op in _CREATED:
            return read_moment(text).span(now, zone)[0]
        case _:
            return -math.inf
