"""Divides the request budget if all threads of a key are polled. Pure: takes numbers, returns intervals.

Moving threads come first and keep their interval. Spans and the list of threads are read at fixed intervals, with few
requests. Resting threads are observed one after the other, in rounds, with the requests that are left.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.source.http.concurrency import BUDGET_WINDOW

SPANS_EVERY: Final = 6.0
"""Seconds between two requests for spans. If the interval of moving threads is below 2 s, proportionally less."""

LIST_EVERY: Final = 45.0
"""While spans tell which threads move: seconds between two reads of the whole list. Less if the interval is below 2 s."""

ROUND: Final = 20.0
"""While spans tell which threads move, a round over the resting threads lasts at most this many quiet intervals."""

CALM: Final = 20.0 / BUDGET_WINDOW
"""Observations of resting threads per second that are always allowed, so that a few threads get their wished interval."""

LINGER: Final = 5.0
"""Interval of a lingering thread (locked, no known active run), as a multiple of the interval of moving threads."""

CEILING: Final = 94
"""While spans tell which threads move, the round is slowed down once so many requests were made in the last 60 s."""

SLOWEST: Final = 40.0
"""The length to which a round is slowed down at most, in quiet intervals."""

MAX_STRETCH: Final = 1.75
"""The largest factor by which intervals of moving threads are stretched so that waiting threads are observed soon."""

_PLANNED = 0.88  # of the budget; the rest is for bursts, further pages and runs that the user opens
_TIGHT = 0.75  # of what is planned: spent even after a large burst
_SHARED = 0.08  # of the budget: the most for spans, and as much again for the list of threads
_KEPT = 0.2  # of the requests for threads: reserved for resting threads, however many move
_JITTER = 0.95  # of an interval: polls are made a little early, so this is their mean distance
_MISSED = 0.6  # of the requests for threads: for what was missed before this start, as long as that takes
# observations of waiting threads per second for which the intervals of moving threads are stretched
_LOAD = 1.0
_BURST = 0.05  # of the budget: observations of resting threads that may be made at once


class Load(NamedTuple):
    """What there is to observe.

    `moving`, `lingering`, `resting`: how many threads have this priority.
    `waiting`: how many threads are to be observed soon: never read, with news, or requested.
    `list_pages`: how many requests reading the whole list of threads takes.
    `used`: how many requests were made in the last 60 s.
    `discovering`: whether spans tell which threads move.
    `asking`: whether spans are requested regularly.
    `catching_up`: whether it is read what was missed before this start.
    `room`: requests per second that the budget allows during the next minute; None: the whole budget.
    """

    moving: int
    lingering: int
    resting: int
    waiting: int
    list_pages: int
    used: int
    discovering: bool
    asking: bool
    catching_up: bool = False
    room: float | None = None


class Shares(NamedTuple):
    """How often each kind is read.

    `moving`, `lingering`: seconds between two observations of the same thread.
    `spans`: seconds between two requests for spans.
    `listing`: seconds between two reads of the whole list of threads.
    `turn`: after so many seconds at the latest, every resting thread was observed once.
    `steady`: observations of resting threads per second if no thread waits.
    `hot`: the same while threads wait to be observed soon.
    """

    moving: float
    lingering: float
    spans: float
    listing: float
    turn: float
    steady: float
    hot: float


def share_budget(interval: float, quiet_interval: float, budget: int, load: Load) -> Shares:
    """Return how often to read each kind.

    `interval`: the wished seconds between two observations of a moving thread.
    `quiet_interval`: the wished seconds between two observations of a resting thread.
    `budget`: requests a minute; takes precedence over both wishes.

    If spans tell which threads move (`Load.discovering`), the round over the resting threads is only a safety net, and
    slow. Otherwise only the round shows which of them have begun to move, so it gets all requests that are left. After a
    burst, moving threads are observed less often for a while; the round keeps its length. So they are during a catch-up.
    """
    rate = budget / BUDGET_WINDOW
    hurry = min(1.0, interval / 2.0)
    spans = max(SPANS_EVERY * hurry, 1.0 / (rate * _SHARED))
    wished = LIST_EVERY * hurry if load.discovering else min(LIST_EVERY * hurry, quiet_interval)
    listing = max(wished, load.list_pages / (rate * _SHARED))
    fixed = load.list_pages / listing + (1.0 / spans if load.asking else 0.0)
    left = max(rate * _PLANNED - fixed, rate * _KEPT)
    demand = (load.moving + load.lingering / LINGER) / interval / _JITTER
    rest = left - demand
    floor = left * _KEPT
    wish = slow = load.resting / quiet_interval
    if load.discovering:
        slow = max(wish / SLOWEST, min(wish, CALM / 4))
        wish = min(wish, max(CALM, wish / ROUND)) if load.used < CEILING else slow
    steady = min(wish, max(rest, floor))
    if load.room is not None:  # after a burst; `steady` is not changed, so the round keeps its length
        left = max(min(left, load.room - fixed), left * _TIGHT)
        floor = left * _KEPT
    missed = left * _MISSED if load.catching_up else floor
    hot = max(left - demand, missed, min(left - demand / MAX_STRETCH, _LOAD))
    background = hot if load.waiting else steady
    stretch = max(1.0, demand / max(left - background, floor))
    return Shares(
        moving=interval * stretch,
        lingering=interval * LINGER * stretch,
        spans=spans,
        listing=listing,
        turn=max(quiet_interval, load.resting / min(steady, slow)) if steady > 0 else quiet_interval,
        steady=steady,
        hot=hot,
    )


class Bucket:
    """A token bucket for observations of resting threads. An observation of several pages may bring the level below zero."""

    def __init__(self, budget: int) -> None:
        self._size = max(5.0, budget * _BURST)
        self._level = self._size
        self._at = 0.0

    def wait(self, now: float, rate: float) -> float:
        """Return in how many seconds an observation is allowed; 0: now. `rate`: tokens added per second."""
        self._flow(now, rate)
        return 0.0 if self._level >= 1.0 else (1.0 - self._level) / rate

    def take(self, count: int = 1) -> None:
        """Take a token for each of `count` requests that were made."""
        self._level = max(self._level - count, -self._size)

    def _flow(self, now: float, rate: float) -> None:
        self._level = min(self._size, self._level + max(0.0, now - self._at) * rate)
        self._at = now
