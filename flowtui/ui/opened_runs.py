"""Whole runs, fetched when somebody opens them, and again when they moved on. A pane never waits for one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

from flowtui.errors import FlowtuiError
from flowtui.model.run import Run, RunKey
from flowtui.ui.sheet import Opened

Fetch = Callable[[RunKey], Awaitable[dict[str, Any]]]

MAX_KEPT: Final = 64

RETRY: Final = 1.0
"""Seconds after which a run that could not be read is fetched again by itself, once its thread answers."""


class OpenedRuns:
    """Keeps the last whole runs. What is heavy on a run changes only with its status, so it is fetched once each."""

    def __init__(self, fetch: Fetch, now: Callable[[], float]) -> None:
        self._fetch = fetch
        self._kept: OrderedDict[RunKey, tuple[str, dict[str, Any]]] = OrderedDict()
        self._trouble: dict[RunKey, tuple[str, float]] = {}
        self._now = now

    def get(self, run: Run) -> Opened:
        """Return what is known of a run now."""
        kept = self._kept.get(run.key)
        return Opened(run, kept[1] if kept else None, self._trouble.get(run.key, ("", 0.0))[0])

    def wanted(self, run: Run, observed: float | None = None) -> bool:
        """Whether a fetch would tell more than what is kept; `observed` is when its thread last answered."""
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
        """Let a run that could not be read be tried again."""
        self._trouble.pop(key, None)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept[key] = ("", kept[1])

    async def fetch(self, run: Run) -> None:
        """Fetch a run; what goes wrong is kept as trouble beside what was known."""
        try:
            raw = await self._fetch(run.key)
        except FlowtuiError as error:
            self._trouble[run.key] = (str(error), self._now())
            return
        self._trouble.pop(run.key, None)
        self._kept[run.key] = (run.status, raw)
        self._kept.move_to_end(run.key)
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
