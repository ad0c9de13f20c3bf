"""Who is asked next, and when. Pure: monotonic seconds come in as an argument, chance as a seeded generator.

Owns the request budget and the backoff. The budget wins over every interval: late answers are shown as late, a
server is never asked more often than the user allowed.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from dataclasses import dataclass
from typing import Final

from flowtui.errors import ApiError

WINDOW: Final = 60.0
"""Seconds in which the budget counts."""

MAX_BACKOFF: Final = 60.0
"""Seconds after which a failing target is asked again at the latest, unless the server asked for longer."""

MAX_RETRY_AFTER: Final = 300.0
_MIN_BACKOFF: Final = 0.5
_JITTER: Final = 0.1

Target = tuple[str, str]
"""(what, which): `("runs", thread key)`, `("threads", "")`, `("agents", "")`."""


class Budget:
    """At most `limit` requests in any window of 60 s; bursts inside it are allowed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Return in how many seconds the next request is allowed; 0 when it is allowed now."""
        self._forget(now)
        if len(self._taken) < self.limit:
            return 0.0
        return max(0.0, self._taken[len(self._taken) - self.limit] + WINDOW - now)

    def take(self, now: float) -> None:
        """Count one request made now."""
        self._taken.append(now)

    def used(self, now: float) -> int:
        """Return how many requests were made in the last 60 s."""
        self._forget(now)
        return len(self._taken)

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] <= now - WINDOW:
            self._taken.popleft()


def backoff(error: ApiError, attempts: int, interval: float, rng: random.Random) -> float | None:
    """Return the seconds until a failed target is asked again, None for never (until something changes).

    Full jitter under a doubling cap, so that many clients do not come back in step; a server's own `Retry-After`
    is obeyed, to a limit.
    """
    if not error.retryable:
        return None
    cap = min(MAX_BACKOFF, max(1.0, interval) * 2.0 ** min(attempts, 16))
    delay = max(_MIN_BACKOFF, rng.uniform(0.0, cap))
    if error.retry_after is not None:
        delay = max(delay, min(error.retry_after, MAX_RETRY_AFTER))
    return delay


@dataclass(slots=True)
class _Plan:
    due: float | None = None
    attempts: int = 0
    asking: bool = False
    again: bool = False


class Schedule:
    """When each target is due. A target that is handed out is not due again before `succeeded` or `failed`."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng or random.Random()  # noqa: S311  jitter is no secret
        self._plans: dict[Target, _Plan] = {}
        self._queue: list[tuple[float, Target]] = []

    def __contains__(self, target: Target) -> bool:
        return target in self._plans

    def add(self, target: Target, due: float) -> None:
        """Take in a target; one that is known already stays as it is."""
        if target not in self._plans:
            self._plans[target] = _Plan()
            self._set(target, due)

    def next_due(self) -> float | None:
        """Return when the next target is due; None while there is none."""
        while self._queue:
            due, target = self._queue[0]
            plan = self._plans.get(target)
            if plan is not None and plan.due == due:
                return due
            heapq.heappop(self._queue)  # replaced by an earlier or later entry
        return None

    def pop(self, now: float) -> Target | None:
        """Hand out the target that is due longest; None where none is."""
        due = self.next_due()
        if due is None or due > now:
            return None
        _, target = heapq.heappop(self._queue)
        plan = self._plans[target]
        plan.due, plan.asking = None, True
        return target

    def succeeded(self, target: Target, now: float, interval: float) -> None:
        """Plan the next look `interval` seconds from now, a little off so that threads spread out."""
        plan = self._plans[target]
        plan.attempts = 0
        delay = 0.0 if plan.again else interval * (1.0 + self._rng.uniform(-_JITTER, _JITTER))
        self._set(target, now + delay)

    def failed(self, target: Target, now: float, error: ApiError, interval: float) -> float | None:
        """Plan the retry and return in how many seconds it comes; None: not before `hasten`."""
        plan = self._plans[target]
        delay = backoff(error, plan.attempts, interval, self._rng)
        plan.attempts += 1
        plan.asking = False
        if delay is not None:
            self._set(target, now + delay)
        return delay

    def hold(self, target: Target) -> None:
        """Do not ask this target before `hasten`."""
        plan = self._plans[target]
        plan.due, plan.asking = None, False

    def wanted(self, target: Target, due: float) -> None:
        """Plan a target that is held; one that is planned or being asked stays as it is."""
        plan = self._plans.get(target)
        if plan is not None and plan.due is None and not plan.asking:
            self._set(target, due)

    def hasten(self, target: Target, now: float) -> None:
        """Make a target due now, whatever was planned; one that is being asked is asked once more after that.

        The answer under way may have been made before the reason for the haste.
        """
        plan = self._plans.get(target)
        if plan is None:
            return
        if plan.asking:
            plan.again = True
        elif plan.due is None or plan.due > now:
            self._set(target, now)

    def _set(self, target: Target, due: float) -> None:
        plan = self._plans[target]
        plan.due, plan.asking, plan.again = due, False, False
        heapq.heappush(self._queue, (due, target))
