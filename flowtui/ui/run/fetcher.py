"""Fetches details of the shown run, once the cursor has stayed on it for a moment. No fetch runs twice at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from flowtui.model.feed import Feed
from flowtui.model.messages.conversation import Neighbours, neighbours
from flowtui.model.messages.live_text import LiveText
from flowtui.model.messages.opened import Opened
from flowtui.model.run.row import Run, RunKey
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.messages import DetailRequest, DetailsNeeded
from flowtui.ui.base.services import Services, Stoppable
from flowtui.ui.run.fetch_cache import OpenedRuns, Other
from flowtui.ui.run.tabs import TABS

REST: Final = 0.15
"""Seconds for which the cursor must stay on a run before its details are fetched."""


class DetailFetcher:
    """Fetches and keeps details of runs, after `connect`.

    `snapshot`: returns the newest. `other`: the run to compare with. `last`: the last run of the same agent before a run
    that completed. `live`: what came of a running run's text.
    """

    def __init__(
        self,
        services: Services,
        snapshot: Callable[[], Snapshot | None],
        other: Other,
        *,
        redact: bool,
        last: Callable[[Run], Run | None] = lambda _: None,
        live: Callable[[Run], LiveText | None] = lambda _: None,
    ) -> None:
        self._live, self._last = live, last
        self.cache: OpenedRuns | None = None
        self._services, self._snapshot, self._other, self._redact = services, snapshot, other, redact
        self._resting: Stoppable | None = None
        self._asked: tuple[RunKey, str, frozenset[str]] | None = None
        self._beside: tuple[Run, Mapping[str, Run], Neighbours | None] | None = None

    def connect(self, feed: Feed) -> None:
        """Fetch through this feed from now on."""
        self.cache = OpenedRuns(
            feed, self._services.now, self._other, self._neighbours, self._last, redact=self._redact
        )

    def opened(self, run: Run) -> Opened:
        """Return a run with all details that were fetched for it."""
        if self.cache is None:
            return Opened(run)
        opened, live = self.cache.get(run), self._live(run)
        return opened if live is None else replace(opened, live=live)

    @property
    def raw_runs(self) -> Sequence[Mapping[str, Any]]:
        """The whole runs that were fetched."""
        return tuple(self.cache.raw.values()) if self.cache is not None else ()

    def handle(self, message: DetailRequest) -> None:
        """Fetch what a screen needs."""
        if self.cache is None:
            return
        if isinstance(message, DetailsNeeded):
            self._show(self.cache, message)
        else:
            work = partial(self._fetch_older, self.cache, message.run)
            self._services.start(work, "older", exclusive=True)

    def _show(self, cache: OpenedRuns, wanted: DetailsNeeded) -> None:
        """Fetch what the tab needs and is not known; if the user asked for it again, at once and even if it is known."""
        run, snapshot = wanted.run, self._snapshot()
        if wanted.again:
            cache.allow_refetch(run)
        state = snapshot.threads.get(run.thread_key) if snapshot is not None else None
        observed = state.observed if state is not None else None
        tab = TABS[wanted.tab]
        needs = cache.needs_fetch(run, tab.needs | tab.opened if wanted.opened else tab.needs, observed)
        asked = (run.key, run.status, needs)
        if not needs or (asked == self._asked and not wanted.again):
            return  # known, or requested and not yet answered
        if self._resting is not None:
            self._resting.stop()
        self._asked = asked
        work = partial(self._fetch, cache, run, needs)
        fetch = partial(self._services.start, work, "opened", exclusive=True)
        if wanted.again:
            fetch()
        else:
            self._resting = self._services.after(REST, fetch)

    def _neighbours(self, run: Run) -> Neighbours | None:
        """Return when the runs next to a run were created; kept until the runs of its thread change."""
        snapshot = self._snapshot()
        state = snapshot.threads.get(run.thread_key) if snapshot is not None else None
        if state is None:
            return None
        if self._beside is None or self._beside[:2] != (run, state.runs):
            self._beside = (run, state.runs, neighbours(run, state.runs.values(), whole=state.all_here))
        return self._beside[2]

    async def _fetch(self, cache: OpenedRuns, run: Run, needs: frozenset[str]) -> None:
        try:
            await cache.fetch(run, needs)
        finally:
            if self._asked == (run.key, run.status, needs):
                self._asked = None
        self._services.redraw()

    async def _fetch_older(self, cache: OpenedRuns, run: Run) -> None:
        await cache.conversations.more(run)
        self._services.redraw()
