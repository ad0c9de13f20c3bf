"""Everything that was fetched of opened runs, by what the tab in sight needs. Never fetches what nobody looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from flowtui.model.messages.redaction import redact_run
from flowtui.model.run.row import Run
from flowtui.source.read.tracing import fetch_evidence
from flowtui.ui.run.conversations import Conversations
from flowtui.ui.run.fetch_cache import Kept
from flowtui.ui.run.opened import Opened
from flowtui.ui.run.tabs import AGAINST, EVIDENCE, RAW, TALK

if TYPE_CHECKING:
    from flowtui.source.poll.poller import Poller

Other = Callable[[Run], tuple[Run, bool] | None]
"""Which run another one is compared with, and whether the user selected it."""


class OpenedRuns:
    """Keeps raw runs, evidence and messages; each is fetched when a tab needs it. With `redact`, none holds what is private."""

    def __init__(
        self, poller: Poller, now: Callable[[], float], other: Other, *, redact: bool = False
    ) -> None:
        self.raw = Kept(partial(_whole, poller, redact), now)
        self.evidence = Kept(lambda run: fetch_evidence(poller, run.key, redact=redact), now)
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
