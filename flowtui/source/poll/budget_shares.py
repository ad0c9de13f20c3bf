"""How the request budget is shared out where all threads of a key are watched. Pure: numbers in, intervals out.

What moves comes first and keeps its interval; what is asked about all threads together (spans, the list) is cheap
and fixed; threads that rest share what is left, one after the other, and never have to be equal to be fair.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from flowtui.source.http.concurrency import BUDGET_WINDOW

SPANS_EVERY: Final = 6.0
"""Seconds between two questions about spans, with an interval of 2 s or more."""

LIST_EVERY: Final = 45.0
"""Seconds between two walks over the list of threads while spans tell what moves; locks are news until then."""

ROUND: Final = 20.0
"""Quiet intervals that a round over the resting threads may take while spans tell what moves."""

CALM: Final = 20.0 / BUDGET_WINDOW
"""Looks a second at resting threads that are always fine: a handful of threads is looked at as often as wished."""

LINGER: Final = 5.0
"""Intervals between looks at a thread that is locked though no run of it is known to be active."""

CEILING: Final = 94
"""Requests of the last 60 s with which a round slows down while spans tell what moves: others need them more."""

SLOWEST: Final = 40.0
"""Quiet intervals that a round takes then."""

MAX_STRETCH: Final = 1.75
"""Intervals of moving threads are at most so much longer while others wait for their first look."""

_PLANNED = 0.88  # of the budget; the rest is for bursts, further pages and opened runs
_TIGHT = 0.75  # of what is planned: what there is however large a burst was
_SHARED = 0.08  # of the budget at most: for spans, and as much for the list
_KEPT = 0.2  # of what is left for threads: what those that rest keep however much moves
_JITTER = 0.95  # looks come a little earlier than their interval says
_LOAD = 1.0  # first looks a second that are worth a stretch of the others
_BURST = 0.05  # of the budget: looks at resting threads that may be made at once


class Load(NamedTuple):
    """What there is to watch. `waiting`: threads that want a look soon (never read, in the news, asked for).

    `used` counts the requests of the last 60 s, `room` how many a second the budget still allows in the next minute
    (None: no burst is behind us); `asking`: spans are asked for as a matter of course.
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
    """Seconds between two looks at one moving or lingering thread, at spans and at the list.

    `turn`: seconds of a whole round over the resting threads, at its slowest.
    `steady` and `hot`: looks a second at resting threads, as a matter of course and while some wait for theirs.
    """

    moving: float
    lingering: float
    spans: float
    listing: float
    turn: float
    steady: float
    hot: float


def share_budget(interval: float, quiet_interval: float, budget: int, load: Load) -> Shares:
    """Return what everybody gets, where `interval` and `quiet_interval` are wishes in seconds, `budget` requests a minute.

    With `discovering`, a round over the resting threads is a safety net, and slow; without, it is the only way to see
    that they move, and takes all that is left. The budget wins over every wish. After a burst what moves is looked at
    less often for a while, and that is what is promised then; the round is as long as ever.
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
    if load.room is not None:  # what is promised for the round stays
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
    """Looks out of turn: some at once, then as many as flow in. Debts of looks that took more pages are paid first."""

    def __init__(self, budget: int) -> None:
        self._size = max(5.0, budget * _BURST)
        self._level = self._size
        self._at = 0.0

    def wait(self, now: float, rate: float) -> float:
        """Return in how many seconds a look may be made, where `rate` looks a second flow in; 0: now."""
        self._flow(now, rate)
        return 0.0 if self._level >= 1.0 else (1.0 - self._level) / rate

    def take(self, count: int = 1) -> None:
        """Count requests that were made."""
        self._level = max(self._level - count, -self._size)

    def _flow(self, now: float, rate: float) -> None:
        self._level = min(self._size, self._level + max(0.0, now - self._at) * rate)
        self._at = now
