"""Decides which target is polled next and when; holds the request budget and the backoff. Pure.

Times (monotonic seconds) and the random generator are arguments. The budget takes precedence over every interval: polls
may be late, but the server never gets more requests than the user allowed.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from dataclasses import dataclass
from typing import Final

from flowtui.errors import ApiError
from flowtui.source.http.concurrency import BUDGET_WINDOW
from flowtui.source.http.headers import MAX_RETRY_AFTER

MAX_BACKOFF: Final = 60.0
"""Seconds after which a failing target is polled again at the latest, unless the server asked for a longer pause."""

_MARGIN: Final = 1.0  # seconds added to the window: the server counts arrivals, and the first request may take longer to arrive than the last
_FULL: Final = 0.95  # of the limit: the rest is for runs that the user opens meanwhile
_MIN_BACKOFF: Final = 0.5
_JITTER: Final = 0.1  # of an interval, by which it is shortened at most; never longer, as the interval is promised to the user

Target = tuple[str, str]
"""What to poll: `("runs", thread key)`, `("threads", "")`, `("agents", "")`; with a `Fleet` also `("spans", "")`, `("gap", "")` and `("round", "")`."""


class Budget:
    """At most `limit` requests in any 60 s, as the server counts them; bursts within the limit are allowed."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._taken: deque[float] = deque()
        # [second, requests in it]: faster to sum up than thousands of requests
        self._seconds: deque[list[int]] = deque()
        self.total = 0
        """Number of all requests since the start."""

    def wait(self, now: float) -> float:
        """Return in how many seconds the next request is allowed; 0 when it is allowed now."""
        self._forget(now)
        if len(self._taken) < self.limit:
            return 0.0
        return max(0.0, self._taken[len(self._taken) - self.limit] + BUDGET_WINDOW + _MARGIN - now)

    def take(self, now: float) -> None:
        """Count one request made now."""
        self._taken.append(now)
        if self._seconds and self._seconds[-1][0] == int(now):
            self._seconds[-1][1] += 1
        else:
            self._seconds.append([int(now), 1])
        self.total += 1

    def used(self, now: float) -> int:
        """Return how many requests were made in the last 60 s."""
        self._forget(now)
        past = 0  # older requests, at the front: counting the recent ones takes longer with a larger budget
        for taken in self._taken:
            if taken > now - BUDGET_WINDOW:
                break
            past += 1
        return len(self._taken) - past

    def room(self, now: float) -> float:
        """Return the highest steady rate (requests a second) at which no request has to wait during the next minute.

        After a burst this is less than `limit` a minute, as the burst counts until its minute is over.
        """
        self._forget(now)
        free, room = self.limit * _FULL - len(self._taken), self.limit / BUDGET_WINDOW
        until = 1 + BUDGET_WINDOW + _MARGIN - now
        for second, count in self._seconds:  # asked for often: `min` and `max` took most of its time
            left = second + until
            rate = free / left if left > 1.0 else free
            if rate < room:  # noqa: PLR1730
                room = rate
            free += count
        return max(0.0, room)

    def _forget(self, now: float) -> None:
        while self._taken and self._taken[0] + BUDGET_WINDOW + _MARGIN <= now:
            self._taken.popleft()
        while self._seconds and self._seconds[0][0] + 1 + BUDGET_WINDOW + _MARGIN <= now:
            self._seconds.popleft()


def backoff(error: ApiError, attempts: int, interval: float, rng: random.Random) -> float | None:
    """Return the seconds until a failed target is polled again; None: not until the user refreshes.

    `attempts`: how many polls of the target had failed in a row before this one.
    `interval`: the seconds between two polls of the target.

    The delay is random, so that many clients do not return at once. Its maximum is the interval (at least 1 s), doubled
    with each attempt up to 60 s. A `Retry-After` of the server is kept, up to 300 s.
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
    """When to poll one target.

    `due`: when to poll; None while the target is being polled or held.
    `asked`: when the last poll began.
    `attempts`: how many polls failed in a row.
    `asking`: whether the target is being polled.
    `again`: whether to poll once more after the running poll.
    """

    due: float | None = None
    asked: float = 0.0
    attempts: int = 0
    asking: bool = False
    again: bool = False


class Schedule:
    """Due times of targets. A target that was popped is due again only after the outcome of its poll was reported here."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng or random.Random()  # noqa: S311  jitter is no secret
        self._plans: dict[Target, _Plan] = {}
        self._queue: list[tuple[float, Target]] = []

    def __contains__(self, target: Target) -> bool:
        return target in self._plans

    def add(self, target: Target, due: float) -> None:
        """Add a target; a known one stays as it is."""
        if target not in self._plans:
            self._plans[target] = _Plan()
            self._set(target, due)

    def next_due(self) -> float | None:
        """Return when the next target is due; None if none is planned."""
        while self._queue:
            due, target = self._queue[0]
            if self._plans[target].due == due:
                return due
            heapq.heappop(self._queue)  # outdated: the target has another due time by now
        return None

    def pop(self, now: float) -> Target | None:
        """Return the target that has been due longest and mark it as being polled; None if none is due."""
        due = self.next_due()
        if due is None or due > now:
            return None
        _, target = heapq.heappop(self._queue)
        plan = self._plans[target]
        plan.due, plan.asked, plan.asking = None, now, True
        return target

    def succeeded(self, target: Target, now: float, interval: float) -> None:
        """Plan the next poll at most `interval` seconds after this one began, at random up to 10 % earlier to spread the polls.

        A slow answer does not delay the next poll, but at least half of the interval passes after the answer.
        """
        plan = self._plans[target]
        plan.attempts = 0
        due = plan.asked + interval * (1.0 - self._rng.uniform(0.0, _JITTER))
        self._set(target, now if plan.again else max(due, now + interval / 2))

    def failed(self, target: Target, now: float, error: ApiError, interval: float) -> float | None:
        """Plan the retry, and return in how many seconds it comes; None: the target is held until `hasten` or `wanted`."""
        plan = self._plans[target]
        delay = backoff(error, plan.attempts, interval, self._rng)
        plan.attempts += 1
        if delay is None and plan.again:
            delay = _MIN_BACKOFF  # `hasten` was called during this poll, so poll again: its answer may be outdated
        if delay is None:
            self.hold(target)
        else:
            self._set(target, now + delay)
        return delay

    def dropped(self, target: Target, now: float) -> None:
        """Make a target due now, because its poll was cancelled."""
        self._set(target, now)

    def hold(self, target: Target) -> None:
        """Do not poll this target until `hasten` or `wanted`."""
        plan = self._plans[target]
        plan.due, plan.asking, plan.again = None, False, False

    def rest(self, target: Target, now: float) -> None:
        """Note a success and hold the target, unless `hasten` was called during the poll."""
        plan = self._plans[target]
        plan.attempts = 0
        if plan.again:
            self._set(target, now)
        else:
            self.hold(target)

    def wanted(self, target: Target, due: float) -> None:
        """Plan a target that is held; one that is planned or being polled stays as it is."""
        plan = self._plans.get(target)
        if plan is not None and plan.due is None and not plan.asking:
            self._set(target, due)

    def hasten(self, target: Target, now: float, due: float | None = None) -> None:
        """Make a target due now, or at `due`, unless it is due earlier. An unknown target is ignored.

        If it is being polled, poll it once more afterwards: the answer of the running poll may be older than the reason
        for this call.
        """
        plan = self._plans.get(target)
        due = now if due is None else due
        if plan is None:
            return
        if plan.asking:
            plan.again = True
        elif plan.due is None or plan.due > due:
            self._set(target, due)

    def begun(self, target: Target) -> float:
        """Return when the last poll of this target began; 0 if there was none."""
        return self._plans[target].asked

    def held(self, target: Target) -> bool:
        """Whether a target is neither planned nor being polled."""
        plan = self._plans[target]
        return plan.due is None and not plan.asking

    def failing(self, target: Target) -> bool:
        """Whether the last poll of this target failed."""
        return self.failures(target) > 0

    def failures(self, target: Target) -> int:
        """Return how many polls of this target failed in a row."""
        return self._plans[target].attempts

    def retrying(self, target: Target) -> bool:
        """Whether a target failed and a retry is planned."""
        plan = self._plans.get(target)
        return plan is not None and plan.attempts > 0 and plan.due is not None

    def waiting_to_retry(self) -> list[Target]:
        """Return the targets that failed and have a planned retry."""
        return [target for target, plan in self._plans.items() if plan.attempts and plan.due is not None]

    def _set(self, target: Target, due: float) -> None:
        plan = self._plans[target]
        plan.due, plan.asking, plan.again = due, False, False
        heapq.heappush(self._queue, (due, target))
