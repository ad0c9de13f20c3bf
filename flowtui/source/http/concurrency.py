"""How many requests may run at the same time, derived from the request budget. Pure."""

from __future__ import annotations

from typing import Final

BUDGET_WINDOW: Final = 60.0
"""Seconds of the window in which requests count against the budget."""

_ANSWER: Final = 0.3  # seconds; while answers take no longer, a large budget can be used up
_FEWEST: Final = 4
_MOST: Final = 16


def max_concurrent_polls(budget: int) -> int:
    """Return how many polls may run at the same time with `budget` requests a minute: 4 to 16.

    The client has one connection more, so that a run that the user opens never waits for polls. The number is no larger
    than needed, as httpx's pool gets slower with each connection (433 µs of CPU a request at 5, 834 µs at 20).
    """
    return max(_FEWEST, min(_MOST, int(budget / BUDGET_WINDOW * _ANSWER)))
