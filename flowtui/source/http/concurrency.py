"""How many requests may be under way at a time, which follows from the request budget. Pure."""

from __future__ import annotations

from typing import Final

BUDGET_WINDOW: Final = 60.0
"""Seconds in which the request budget counts."""

_ANSWER: Final = 0.3  # seconds that an answer may take for a large budget to be used up
_FEWEST: Final = 4
_MOST: Final = 16


def max_concurrent_polls(budget: int) -> int:
    """Return how many polls may be under way at a time, where `budget` requests a minute are allowed.

    The client has one connection more, so that an opened run never queues behind them. No more than it takes: httpx's
    pool gets slower than linear with connections (433 µs of CPU a request at 5, 834 µs at 20).
    """
    return max(_FEWEST, min(_MOST, int(budget / BUDGET_WINDOW * _ANSWER)))
