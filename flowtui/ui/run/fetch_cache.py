"""Fetches details of opened runs and keeps them. If a later fetch fails, the error is kept beside the last good value."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, Generic, TypeVar

from flowtui.errors import FlowtuiError
from flowtui.model.feed import Feed
from flowtui.model.messages.conversation import Neighbours
from flowtui.model.messages.opened import Loaded, Opened
from flowtui.model.messages.redaction import redact_run
from flowtui.model.run.row import Run, RunKey
from flowtui.source.read.tracing import fetch_evidence
from flowtui.ui.run.conversations import Conversations
from flowtui.ui.run.tabs import AGAINST, CONVERSATION, EVIDENCE, LAST_COMPLETED, RAW

T = TypeVar("T")

MAX_KEPT: Final = 64

RETRY: Final = 1.0
"""Seconds after which a failed fetch may be repeated, if the run's thread has been observed again by then."""


class FetchCache(Generic[T]):
    """Fetches one kind of detail. A fetched detail is good until the status of its run changes."""

    def __init__(self, fetch: Callable[[Run], Awaitable[T]], now: Callable[[], float]) -> None:
        self._fetch = fetch
        self._now = now
        self._kept: OrderedDict[RunKey, tuple[str, T, float]] = OrderedDict()
        self._trouble: dict[RunKey, tuple[str, float]] = {}

    def get(self, run: Run) -> Loaded[T]:
        """Return the detail fetched for a run, and the error of the last fetch."""
        trouble = self._trouble.get(run.key, ("", 0.0))[0]
        kept = self._kept.get(run.key)
        return Loaded(None, trouble) if kept is None else Loaded(kept[1], trouble, kept[2])

    def values(self) -> list[T]:
        """Return all kept values, in the order in which they were fetched."""
        return [value for _, value, _ in self._kept.values()]

    def needs_fetch(self, run: Run, observed: float | None = None) -> bool:
        """Return whether a fetch may bring something new.

        `observed` is when the run's thread was last observed; None: never. After an error the answer is False until the
        thread has been observed again and a second has passed.
        """
        if run.placeholder:
            return False  # a run without an id cannot be fetched
        trouble = self._trouble.get(run.key)
        if trouble and (observed is None or observed <= trouble[1] or self._now() - trouble[1] < RETRY):
            return False
        kept = self._kept.get(run.key)
        return kept is None or kept[0] != run.status or trouble is not None

    def allow_refetch(self, key: RunKey) -> None:
        """Make `needs_fetch` return True for this run, even if its detail is known or the last fetch failed."""
        self._trouble.pop(key, None)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept[key] = ("", kept[1], kept[2])

    async def fetch(self, run: Run) -> None:
        """Fetch the detail of a run; an error is kept beside the last good value."""
        try:
            value = await self._fetch(run)
        except FlowtuiError as error:
            self._trouble[run.key] = (str(error), self._now())
            while len(self._trouble) > MAX_KEPT:
                self._trouble.pop(next(iter(self._trouble)))
            return
        self._trouble.pop(run.key, None)
        self._kept[run.key] = (run.status, value, self._now())
        self._kept.move_to_end(run.key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)


Other = Callable[[Run], tuple[Run, bool] | None]
"""Takes a run; returns the run to compare it with, and whether the user selected that run. None: there is no such run."""


class OpenedRuns:
    """Fetches and keeps raw runs, evidence of failures, and messages, when a tab needs them.

    `beside`: returns when the runs next to a run were created; None if unknown. `last`: returns the last run of the same
    agent before a run that completed. `redact`: hide private texts.
    """

    def __init__(
        self,
        feed: Feed,
        now: Callable[[], float],
        other: Other,
        beside: Callable[[Run], Neighbours | None] = lambda _run: None,
        last: Callable[[Run], Run | None] = lambda _run: None,
        *,
        redact: bool = False,
    ) -> None:
        self.raw = FetchCache(partial(_whole, feed, redact), now)
        self.evidence = FetchCache(lambda run: fetch_evidence(feed, run.key, redact=redact), now)
        self.conversations = Conversations(feed.fetch_message_page, now, redact=redact)
        self._kinds: dict[str, FetchCache[Any] | Conversations] = {
            RAW: self.raw,
            EVIDENCE: self.evidence,
            CONVERSATION: self.conversations,
        }
        self._other, self._last = other, last
        self._beside = beside

    def get(self, run: Run) -> Opened:
        """Return a run with all details that were fetched for it."""
        raw, evidence = self.raw.get(run), self.evidence.get(run)
        talk = self.conversations.get(run, self._beside(run))
        last = self._compared(self._last(run))
        if (other := self._other(run)) is None:
            return Opened(run, raw.value, raw.trouble, talk, evidence, last_completed=last)
        against = self._compared(other[0])
        return Opened(run, raw.value, raw.trouble, talk, evidence, against, other[1], last_completed=last)

    def _compared(self, run: Run | None) -> Opened | None:
        """Return a run that another one is compared with, as far as it was fetched."""
        if run is None:
            return None
        found = self.raw.get(run)
        return Opened(run, found.value, found.trouble)

    def _compared_with(self, run: Run, needs: frozenset[str]) -> dict[str, Run]:
        """Return the runs that `run` is compared with, for those of `needs` that ask for one."""
        found: dict[str, Run] = {}
        if AGAINST in needs and (other := self._other(run)) is not None:
            found[AGAINST] = other[0]
        if LAST_COMPLETED in needs and (last := self._last(run)) is not None:
            found[LAST_COMPLETED] = last
        return found

    def needs_fetch(self, run: Run, needs: frozenset[str], observed: float | None = None) -> frozenset[str]:
        """Return those of `needs` (kinds of details, see `tabs.py`) for which a fetch may bring something new.

        `observed` is when the run's thread was last observed; None: never.
        """
        found = {kind for kind, cache in self._kinds.items() if cache.needs_fetch(run, observed)}
        for kind, other in self._compared_with(run, needs).items():
            if self.raw.needs_fetch(other, observed):
                found.add(kind)
        return needs & found

    def allow_refetch(self, run: Run) -> None:
        """Let all details of a run be fetched again, and also the runs that it is compared with."""
        for cache in self._kinds.values():
            cache.allow_refetch(run.key)
        for other in self._compared_with(run, frozenset({AGAINST, LAST_COMPLETED})).values():
            self.raw.allow_refetch(other.key)

    async def fetch(self, run: Run, needs: frozenset[str]) -> None:
        """Fetch the details `needs` of a run, all at the same time."""
        calls = [self._kinds[kind].fetch(run) for kind in sorted(needs - {AGAINST, LAST_COMPLETED})]
        others = {other.key: other for other in self._compared_with(run, needs).values()}
        calls += map(self.raw.fetch, others.values())
        await asyncio.gather(*calls)


async def _whole(feed: Feed, redact: bool, run: Run) -> dict[str, Any]:
    raw = await feed.fetch_run(run.key)
    return redact_run(raw) if redact else raw
