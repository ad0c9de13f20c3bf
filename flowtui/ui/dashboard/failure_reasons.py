"""Fetches why runs failed, one run at a time, only for runs on the screen and only once for each run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from flowtui.model.run.row import FAILED, Run, RunKey

if TYPE_CHECKING:
    from flowtui.model.feed import Tracing

MAX_KEPT: Final = 2_000
SHARE: Final = 0.7
"""If this share of the request budget is used, reasons are fetched slowly, as new runs are more important."""

MOST: Final = 0.9
"""If this share of the request budget is used, no reasons are fetched."""

PACE: Final = 5.0
"""Seconds between two slow fetches. A fetch takes up to two requests, so these are at most 24 requests a minute."""


class FailureReasons:
    """Fetches reasons of failed runs. `known`: run → its reason in a few words. `redact`: hide the text of messages."""

    def __init__(self, *, redact: bool = False) -> None:
        self._redact = redact
        self.known: Mapping[RunKey, str] = {}
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

    async def fetch(self, tracing: Tracing, run: Run) -> None:
        """Fetch the reason of a run and keep it in `known`. The run is not fetched again, even if no reason was found."""
        from flowtui.source.read.tracing import fetch_why  # noqa: PLC0415  after the first paint

        self._busy = True
        self._asked[run.key] = None
        while len(self._asked) > MAX_KEPT:
            self._asked.pop(next(iter(self._asked)))
        try:
            found = await fetch_why(tracing, run.key, redact=self._redact)
        except asyncio.CancelledError:
            self._asked.pop(run.key, None)  # not finished, so the reason may be fetched again
            raise
        finally:
            self._busy = False
        if found is not None:
            self.known = {**self.known, run.key: found.reason}
