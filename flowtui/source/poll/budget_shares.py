"""Divides the request budget when all threads of a key are watched. Pure: takes numbers, returns intervals.

Moving threads come first and keep their interval. Spans and the list of threads cost few requests, at fixed intervals.
Resting threads are observed one after the other with the requests that are left.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.source.http.concurrency import BUDGET_WINDOW

SPANS_EVERY: Final = 6.0
"""Seconds between two requests for spans, if the interval is 2 s or more."""

LIST_EVERY: Final = 45.0
"""Seconds between two reads of the whole list of threads while spans tell which threads move."""

ROUND: Final = 20.0
"""Length of a round over the resting threads while spans tell which threads move, in quiet intervals."""

CALM: Final = 20.0 / BUDGET_WINDOW
"""Observations of resting threads per second that are always allowed: a few threads get their wished interval."""

LINGER: Final = 5.0
"""Interval of a locked thread without a known active run, as a multiple of the interval of moving threads."""

CEILING: Final = 94
"""Requests in the last 60 s from which the round slows down while spans tell which threads move."""

SLOWEST: Final = 40.0
"""Length of a slowed down round, in quiet intervals."""

MAX_STRETCH: Final = 1.75
"""Maximum stretch of the intervals of moving threads while others wait for their first observation."""

_PLANNED = 0.88  # of the budget; the rest is for bursts, further pages and runs that the user opens
_TIGHT = 0.75  # of what is planned: available even after a large burst
_SHARED = 0.08  # of the budget at most for spans, and as much for the list
_KEPT = 0.2  # of the requests for threads: reserved for resting threads, however many move
_JITTER = 0.95  # observations come a little earlier than their interval says
_LOAD = 1.0  # first observations per second for which the others are stretched
_BURST = 0.05  # of the budget: observations of resting threads that may be made at once


class Load(NamedTuple):
    """What there is to watch, as numbers of threads. `waiting`: to be observed soon (never read, news, requested).

    `list_pages`: requests that reading the whole list takes. `used`: requests in the last 60 s. `room`: requests per
    second that the budget still allows in the next minute, None where it is not reduced by a burst. `discovering`: spans
    tell which threads move; `asking`: spans are requested regularly.
    """

    moving: int
    lingering: int
    resting: int
    waiting: int
    list_pages: int
    used: int
    discovering: bool
    asking: bool
    room: float | None = None


class Shares(NamedTuple):
    """Seconds between two observations of a moving and of a lingering thread, of spans and of the list.

    `turn`: seconds of a whole round over the resting threads, at its slowest. `steady` and `hot`: observations of resting
    threads per second, normally and while some of them wait.
    """

    moving: float
    lingering: float
    spans: float
    listing: float
    turn: float
    steady: float
    hot: float


def share_budget(interval: float, quiet_interval: float, budget: int, load: Load) -> Shares:
    """Return the shares. `interval` and `quiet_interval` are the wished seconds, `budget` is requests a minute.

    With `discovering`, the round over the resting threads is only a safety net, and slow. Without, it is the only way to
    see that they move, and gets all requests that are left. The budget takes precedence over wished intervals. After a
    burst, moving threads are observed less often for a while; the round keeps its length.
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
    if load.room is not None:  # the length of the round stays
        left = max(min(left, load.room - fixed), left * _TIGHT)
        floor = left * _KEPT
    hot = max(left - demand, floor, min(left - demand / MAX_STRETCH, _LOAD))
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
    """A token bucket for observations of resting threads. Observations of several pages may leave it in debt."""

    def __init__(self, budget: int) -> None:
        self._size = max(5.0, budget * _BURST)
        self._level = self._size
        self._at = 0.0

    def wait(self, now: float, rate: float) -> float:
        """Return in how many seconds an observation is allowed, at a refill of `rate` a second; 0: now."""
        self._flow(now, rate)
        return 0.0 if self._level >= 1.0 else (1.0 - self._level) / rate

    def take(self, count: int = 1) -> None:
        """Count requests that were made."""
        self._level = max(self._level - count, -self._size)

    def _flow(self, now: float, rate: float) -> None:
        self._level = min(self._size, self._level + max(0.0, now - self._at) * rate)
        self._at = now
