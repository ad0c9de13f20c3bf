"""Keeps what was fetched for the runs that somebody opened: the last good value of each, and why the next one failed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from flowtui.errors import FlowtuiError
from flowtui.model.messages.redaction import redact_run
from flowtui.model.run.row import Run, RunKey
from flowtui.source.read.tracing import fetch_evidence
from flowtui.ui.run.conversations import Conversations
from flowtui.ui.run.opened import Loaded, Opened
from flowtui.ui.run.tabs import AGAINST, EVIDENCE, RAW, TALK

if TYPE_CHECKING:
    from flowtui.source.poll.poller import Poller

T = TypeVar("T")

MAX_KEPT: Final = 64

RETRY: Final = 1.0
"""Seconds after which what could not be read is fetched again by itself, once its thread answers."""


class FetchCache(Generic[T]):
    """Fetches one kind of thing for runs, once for each status that a run has: it changes with nothing else."""

    def __init__(self, fetch: Callable[[Run], Awaitable[T]], now: Callable[[], float]) -> None:
        self._fetch = fetch
        self._now = now
        self._kept: OrderedDict[RunKey, tuple[str, T, float]] = OrderedDict()
        self._trouble: dict[RunKey, tuple[str, float]] = {}

    def get(self, run: Run) -> Loaded[T]:
        """Return what is known for a run now."""
        trouble = self._trouble.get(run.key, ("", 0.0))[0]
        kept = self._kept.get(run.key)
        return Loaded(None, trouble) if kept is None else Loaded(kept[1], trouble, kept[2])

    def values(self) -> list[T]:
        """Return everything that is kept, the oldest first."""
        return [value for _, value, _ in self._kept.values()]

    def wanted(self, run: Run, observed: float | None = None) -> bool:
        """Whether a fetch would tell more than what is kept; `observed` is when the run's thread last answered."""
        if run.placeholder:
            return False  # it has no id to ask for
        trouble = self._trouble.get(run.key)
        if trouble is not None and (
            observed is None or observed <= trouble[1] or self._now() - trouble[1] < RETRY
        ):
            return False
        kept = self._kept.get(run.key)
        return kept is None or kept[0] != run.status or trouble is not None

    def forget_trouble(self, key: RunKey) -> None:
        """Let what could not be read be tried again, and what is known be read anew."""
        self._trouble.pop(key, None)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept[key] = ("", kept[1], kept[2])

    async def fetch(self, run: Run) -> None:
        """Fetch for a run; what goes wrong is kept as trouble beside what was known."""
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
"""Which run another one is compared with, and whether somebody marked it."""


class OpenedRuns:
    """Keeps raw runs, evidence and messages; each is fetched when a tab needs it. With `redact`, none holds what is private."""

    def __init__(
        self, poller: Poller, now: Callable[[], float], other: Other, *, redact: bool = False
    ) -> None:
        self.raw = FetchCache(partial(_whole, poller, redact), now)
        self.evidence = FetchCache(lambda run: fetch_evidence(poller, run.key, redact=redact), now)
        self.talk = Conversations(poller.fetch_message_page, now, redact=redact)
        self._other = other

    def get(self, run: Run) -> Opened:
        """Return what is known of a run now."""
        raw = self.raw.get(run)
        other = self._other(run)
        against = None
        if other is not None:
            theirs = self.raw.get(other[0])
            against = Opened(other[0], theirs.value, theirs.trouble)
        return Opened(
            run,
            raw.value,
            raw.trouble,
            self.talk.get(run),
            self.evidence.get(run),
            against,
            other is not None and other[1],
        )

    def wanted(self, run: Run, needs: frozenset[str], observed: float | None = None) -> frozenset[str]:
        """Return which of the needs a fetch would fill; `observed` is when the run's thread last answered."""
        found = set()
        if self.raw.wanted(run, observed):
            found.add(RAW)
        if self.evidence.wanted(run, observed):
            found.add(EVIDENCE)
        if self.talk.wanted(run, observed):
            found.add(TALK)
        other = self._other(run) if AGAINST in needs else None
        if other is not None and self.raw.wanted(other[0], observed):
            found.add(AGAINST)
        return needs & found

    def forget_trouble(self, run: Run) -> None:
        """Let all of a run be fetched anew."""
        self.raw.forget_trouble(run.key)
        self.evidence.forget_trouble(run.key)
        self.talk.forget_trouble(run.key)
        other = self._other(run)
        if other is not None:
            self.raw.forget_trouble(other[0].key)

    async def fetch(self, run: Run, needs: frozenset[str]) -> None:
        """Fetch what is needed of a run, side by side."""
        other = self._other(run)
        calls = {
            RAW: lambda: self.raw.fetch(run),
            EVIDENCE: lambda: self.evidence.fetch(run),
            TALK: lambda: self.talk.fetch(run),
            AGAINST: lambda: self.raw.fetch(other[0] if other is not None else run),
        }
        await asyncio.gather(*(calls[need]() for need in sorted(needs)))


async def _whole(poller: Poller, redact: bool, run: Run) -> dict[str, Any]:
    raw = await poller.fetch_run(run.key)
    return redact_run(raw) if redact else raw
