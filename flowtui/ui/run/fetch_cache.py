"""Keeps what was fetched for the runs that somebody opened: the last good value of each, and why the next one failed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from flowtui.errors import FlowtuiError
from flowtui.model.run.row import Run, RunKey
from flowtui.ui.run.opened import Loaded

T = TypeVar("T")

MAX_KEPT: Final = 64

RETRY: Final = 1.0
"""Seconds after which what could not be read is fetched again by itself, once its thread answers."""


class Kept(Generic[T]):
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
