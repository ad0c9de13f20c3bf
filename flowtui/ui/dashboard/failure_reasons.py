"""Fetches why runs failed, one run at a time, only for runs on the screen and only once for each run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from flowtui.model.feed import Feed
from flowtui.model.reasons.reason import Reason
from flowtui.model.run.row import FAILED, Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.source.read.tracing import fetch_why
from flowtui.ui.base.services import Start

MAX_KEPT: Final = 2_000
SHARE: Final = 0.7
"""If this share of the request budget is used, reasons are fetched slowly, as new runs are more important."""

MOST: Final = 0.9
"""If this share of the request budget is used, no reasons are fetched."""

PACE: Final = 5.0
"""Seconds between two slow fetches. A fetch takes up to two requests, so these are at most 24 requests a minute."""


class FailureReasons:
    """Fetches reasons of failed runs, after `connect`.

    `known`: run → its reason. `redact`: hide the text of messages. `start`: runs a fetch in the background.
    """

    def __init__(self, start: Start, *, redact: bool = False) -> None:
        self._start, self._redact = start, redact
        self._feed: Feed | None = None
        self.known: Mapping[RunKey, Reason] = {}
        self._asked: dict[RunKey, None] = {}
        self._busy = False
        self._last = -PACE

    def next(self, runs: Iterable[Run | None], *, requests: int, budget: int, at: float) -> Run | None:
        """Return the first failed run whose reason was not fetched yet; None if there is no such run, or no fetch is allowed now.

        No fetch is allowed during another one, right after another one, or if little of the request budget is left.
        `requests` is how many requests were made in the last minute; at most `budget` are allowed. `at` is the time in
        seconds.
        """
        pace = 0.0 if requests < budget * SHARE else PACE
        if self._busy or requests >= budget * MOST or 0 <= at - self._last < pace:
            return None
        for run in runs:
            if (
                run is not None
                and run.status_class == FAILED
                and run.key not in self._asked
                and not run.placeholder
            ):
                self._last = at
                return run
        return None

    def connect(self, feed: Feed) -> None:
        """Fetch through this feed from now on."""
        self._feed = feed

    def fetch_next(self, runs: Iterable[Run | None], snapshot: Snapshot | None) -> None:
        """Fetch the reason of the first of these runs for which that is needed and allowed."""
        if self._feed is None or snapshot is None:
            return
        run = self.next(runs, requests=snapshot.requests, budget=snapshot.budget, at=snapshot.at)
        if run is not None:
            self._start(partial(self.fetch, run), "reasons")

    async def fetch(self, run: Run) -> None:
        """Fetch the reason of a run and keep it in `known`. The run is not fetched again, even if no reason was found."""
        if self._feed is None:
            return
        self._busy = True
        self._asked[run.key] = None
        while len(self._asked) > MAX_KEPT:
            self._asked.pop(next(iter(self._asked)))
        try:
            found = await fetch_why(self._feed, run.key, redact=self._redact)
        except asyncio.CancelledError:
            self._asked.pop(run.key, None)  # not finished, so the reason may be fetched again
            raise
        finally:
            self._busy = False
        if found is not None:
            self.known = {**self.known, run.key: found.folded}
