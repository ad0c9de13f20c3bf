"""Logs polling: retries, health of threads, outages of the whole server, the request budget.

Each change is logged once. The log never holds words of the server.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from flowtui.errors import ApiError
from flowtui.formatting import span
from flowtui.model.state.health import LIVE, LOADING, Health, Withheld, thread_health
from flowtui.model.state.known_runs import ThreadState
from flowtui.model.state.snapshot import Snapshot
from flowtui.source.http.request_log import error_summary
from flowtui.source.poll.circuit_breaker import CircuitBreaker
from flowtui.source.poll.schedule import Budget, Target
from flowtui.text import safe_text

_LOG: Final = logging.getLogger("flowtui.polling")
_NAMED: Final = 5  # threads that one line names
_MUCH: Final = 1.25  # an interval is logged again when its ratio to the wished one changes by this factor


class PollLog:
    """The log of one poller."""

    def __init__(self) -> None:
        self._healths: dict[str, str] = {}
        self._closed = False
        self._spent = False
        self._stopped = ""
        self._incidents = 0
        self._stretch = 1.0

    def failed(self, target: Target, error: ApiError, delay: float | None, attempts: int) -> None:
        """Log the last of `attempts` failures in a row. The next attempt is in `delay` seconds; None: none is planned."""
        if _LOG.isEnabledFor(logging.WARNING):
            then = "not asked again by itself" if delay is None else f"asked again in {delay:.1f} s"
            _LOG.warning(
                "%s failed, %d in a row (%s); %s", _named(target), attempts, error_summary(error), then
            )

    def answered(self, target: Target, attempts: int, state: ThreadState | None, wished: float) -> None:
        """Log a success after `attempts` failures, and the interval of a thread with active runs if it has changed much.

        `state`: the state of the thread; None if the target is not a thread.
        `wished`: the wished interval in seconds.
        """
        if not _LOG.isEnabledFor(logging.WARNING):
            return
        if attempts:
            failures = "1 failure" if attempts == 1 else f"{attempts} failures"
            _LOG.warning("%s answered after %s", _named(target), failures)
        # The interval of threads without active runs may be longer than wished by design.
        if state is not None and state.shows_active:
            self._tell_interval(state.interval, wished)

    def tell_changes(
        self, take: Callable[[], Snapshot], breaker: CircuitBreaker, budget: Budget, now: float
    ) -> None:
        """Log what has changed since the last call. `take`: returns the snapshot, if it is needed. `now`: monotonic seconds."""
        if not _LOG.isEnabledFor(logging.WARNING):
            return
        snapshot = take()
        for incident in snapshot.incidents_after(self._incidents):
            _LOG.error("%s", incident)
        self._incidents = snapshot.incident_count
        self._tell_stop(snapshot.stopped)
        self._tell_breaker(breaker, now)
        self._tell_budget(budget, now)
        self._tell_health(snapshot.threads, snapshot.at, snapshot.withheld)

    def _tell_stop(self, stopped: str) -> None:
        if bool(stopped) != bool(self._stopped):
            if stopped:
                _LOG.error("the server does not accept the key: nothing more is asked")
            else:
                _LOG.warning("polling again, because the user refreshed")
        self._stopped = stopped

    def _tell_breaker(self, breaker: CircuitBreaker, now: float) -> None:
        if breaker.tripped == self._closed:
            return
        self._closed = breaker.tripped
        outage = breaker.outage(now, now)
        if outage is None:
            _LOG.warning("the server answers again: all is asked as usual")
        else:
            said = "the server as a whole fails, for %.1f s so far (%s): one request at a time, the next in %.1f s"
            _LOG.warning(said, now - outage.since, outage.kind, breaker.wait(now))

    def _tell_budget(self, budget: Budget, now: float) -> None:
        wait = budget.wait(now)
        if (wait > 0) != self._spent:
            self._spent = wait > 0
            if self._spent:
                _LOG.warning("the request budget of %d/min is used up; next in %.1f s", budget.limit, wait)
            else:
                _LOG.warning("the request budget has room again")

    def _tell_interval(self, interval: float, wished: float) -> None:
        stretch = max(1.0, interval / wished)
        if not 1 / _MUCH < stretch / self._stretch < _MUCH:
            self._stretch = stretch
            said = "threads with active runs are asked every %.1f s; %.1f s are wished for"
            _LOG.warning(said, interval, wished)

    def _tell_health(self, states: Mapping[str, ThreadState], at: float, withheld: Withheld | None) -> None:
        changes: dict[tuple[str, str], list[tuple[str, Health]]] = {}
        for key, state in states.items():
            before = self._healths.get(key, LOADING)
            # As no answer is outstanding, the health of nearly all threads stays as it is.
            waits = withheld is not None or state.asked is not None or state.failure is not None
            unread = state.observed is None or state.restored is not None  # by this start
            if not waits and before == (LOADING if unread else LIVE):
                continue
            health = thread_health(state, at, withheld)
            word = (LOADING if unread else LIVE) if health.good else health.word
            if word != before:
                self._healths[key] = word
                changes.setdefault((before, word), []).append((key, health))
        for (before, after), found in changes.items():
            first = before == LOADING and after == LIVE
            level = logging.INFO if first else logging.WARNING
            names = ", ".join(safe_text(key) for key, _ in found[:_NAMED])
            more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            _LOG.log(level, "%s -> %s: %s%s%s", before, after, names, more, _since(found[0][1], at))


def _since(health: Health, at: float) -> str:
    if health.good or health.since is None:
        return ""
    return f" (last answer {span(at - health.since)} ago)"


def _named(target: Target) -> str:
    what, key = target
    return f"{what} of {safe_text(key)}" if key else what
