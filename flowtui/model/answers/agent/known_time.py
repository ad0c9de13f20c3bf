"""Of which time it is known what happened in it. Pure. Times are UTC epoch seconds by the server's clock."""

from __future__ import annotations

import math
from bisect import bisect_left

from flowtui.model.history.coverage import TimeCoverage
from flowtui.model.history.past import LIVE, READ, UNANSWERED


class KnownTime:
    """Tells how much of a time is known.

    Known is what was watched or read afterwards. A time in which the API did not answer is known as well once it answers
    again, since all threads are then read. `coverage`: how time was watched up to some moment; None without a history, then
    time is known from `begin` on, the end of the first known run (None: there is none). `until`: up to when the present
    start has watched without a break since that moment, at most the present. `reach`: since when all runs were read from the
    API, whoever watched then.
    """

    def __init__(
        self, coverage: TimeCoverage | None, begin: float | None, until: float, reach: float = math.inf
    ) -> None:
        self.until = until
        self._parts: list[tuple[float, float]] = []
        if coverage is None:
            if begin is not None:
                self._parts = [(begin, until)]
            return
        last = coverage.known_until
        for part in coverage.parts:
            over = part.how == UNANSWERED and last is not None and last >= part.until
            if part.how in (LIVE, READ) or over:
                self._parts.append((part.since, part.until))
        if until > coverage.until:
            self._parts.append((coverage.until, until))
        if begin is not None and (read := max(reach, begin)) < until:
            self._parts = [(since, min(end, read)) for since, end in self._parts if since < read]
            self._parts.append((read, until))

    def share(self, since: float, until: float, now: float) -> float:
        """Return which share of a time is known, 0 to 1. Of a time that is not over yet, only what has passed counts."""
        end = min(until, now)
        if end <= since:
            return 1.0
        known = 0.0
        for first, last in self._parts[bisect_left(self._parts, since, key=lambda part: part[1]) :]:
            if first >= end:
                break
            known += min(end, last) - max(since, first)
        return min(1.0, known / (end - since))
