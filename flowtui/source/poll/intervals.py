"""Stretches polling intervals so that they fit into the request budget. Pure.

If the wished intervals need more requests than the budget allows, those of quiet threads are stretched first, as users
watch the moving ones. If nothing were stretched, the budget would be used up early in each minute, and then all polls
would pause.
"""

from __future__ import annotations

from flowtui.source.http.concurrency import BUDGET_WINDOW
from flowtui.source.poll.schedule import Target

_PLANNED = 0.85  # of the budget; the rest is for jitter, extra pages and runs that the user opens
_QUIET_SHARE = 0.2  # of what is planned: reserved for quiet threads, however many move
_LOADING_SHARE = 0.5  # of the budget: for first observations, while many threads are new
_FIRST_LOOK = 3  # requests of a first observation: a page, and two that prove the end of the list
_SHORT_LOOK = 1  # the same if the newest page is likely to reach as far back as is wanted
_LISTING_SHARE = 0.1  # of the budget: for reading the whole list of threads


class Intervals:
    """The interval of each target.

    `interval`: the wished seconds between two polls of a moving target.
    `quiet_interval`: the wished seconds between two polls of a quiet target.
    `budget`: requests a minute.
    """

    def __init__(self, interval: float, quiet_interval: float, budget: int) -> None:
        self._quiet = quiet_interval
        self.budget = budget
        self.wish(interval)
        self._rate = budget / BUDGET_WINDOW
        self._active: dict[Target, bool] = {}
        self._moving = 0
        self._loading_until = float("-inf")

    def wish(self, interval: float) -> None:
        """Change the wished interval of moving threads; quiet threads are never polled more often than moving ones."""
        self.wished, self.wished_quiet = interval, max(interval, self._quiet)

    def settle(self, target: Target, now: float, *, active: bool) -> float:
        """Note whether a target moves (`active`), and return the seconds until it is to be polled again."""
        self._moving += active - self._active.get(target, False)
        self._active[target] = active
        fast, slow = self._stretch(_PLANNED - (_LOADING_SHARE if now < self._loading_until else 0.0))
        return self.wished * fast if active else self.wished_quiet * slow

    def _stretch(self, share: float) -> tuple[float, float]:
        """Return the factors by which to stretch the intervals of moving and of quiet targets.

        `share`: the share of the budget that the polls may use.
        """
        planned = self._rate * share
        fast = self._moving / self.wished
        slow = (len(self._active) - self._moving) / self.wished_quiet
        if fast + slow <= planned:
            return 1.0, 1.0
        kept = min(slow, planned * _QUIET_SHARE)
        stretch = max(1.0, fast / (planned - kept))
        return stretch, max(1.0, slow / (planned - fast / stretch)) if slow else 1.0

    def spread(self, count: int, now: float, *, short: bool = False) -> list[float]:
        """Return due times (monotonic seconds) for `count` extra observations: some at once, the others one by one.

        `short`: whether they read back to a moment only, not all runs that are wanted.
        """
        rate = self._rate * _LOADING_SHARE / (_SHORT_LOOK if short else _FIRST_LOOK)
        burst = max(5, int(rate * BUDGET_WINDOW / 2))
        dues = [now + max(0, place - burst + 1) / rate for place in range(count)]
        if count > burst:
            self._loading_until = max(self._loading_until, dues[-1])
        return dues

    def listing(self, pages: int) -> float:
        """Return the seconds between two reads of the whole list of threads, if one read takes `pages` requests."""
        return max(self.wished_quiet, pages / (self._rate * _LISTING_SHARE))
