"""The threads that were restored from the history and that this start has not observed yet. Pure.

A restored thread is requested only once the list of threads has shown it. If the list, read whole, does not show it, it is
gone: deleted, or one of more threads than are read. Its rows stay as they were last known, and it is never requested.
"""

from __future__ import annotations

from collections.abc import Iterable


class RestoredThreads:
    """Restored threads, by raw id, in the order in which they were restored. Times are UTC epoch seconds of the local clock.

    `observed`: when an earlier start last observed each thread that still waits for its first observation and is not gone.
    `listed`: those of them that the list of threads has shown.
    `gone`: the threads that the whole list did not show.
    `all`: all that were restored since the start.
    """

    def __init__(self) -> None:
        self.observed: dict[str, float] = {}
        self.listed: dict[str, None] = {}
        self.gone: set[str] = set()
        self.all: set[str] = set()
        self._newly_listed: dict[str, None] = {}

    def __contains__(self, key: str) -> bool:
        return key in self.observed

    def __len__(self) -> int:
        return len(self.observed)

    @property
    def oldest(self) -> float | None:
        """The earliest time of a last observation; None if no thread waits for its first one."""
        return min(self.observed.values(), default=None)

    def add(self, key: str, observed: float) -> None:
        """Note a restored thread."""
        self.observed[key] = observed
        self.all.add(key)

    def askable(self, key: str) -> bool:
        """Whether a thread may be requested: it is not restored, or the list shows it."""
        return key not in self.gone and (key not in self.observed or key in self.listed)

    def seen(self, key: str) -> None:
        """Note that this start has observed the runs of a thread."""
        self.observed.pop(key, None)
        self.listed.pop(key, None)
        self._newly_listed.pop(key, None)
        self.gone.discard(key)

    def on_list(self, key: str, observed: float | None) -> None:
        """Note that the list shows a thread. `observed`: when it was last observed, if it is restored."""
        if key in self.gone and observed is not None:
            self.gone.discard(key)
            self.observed[key] = observed
        if key in self.observed and key not in self.listed:
            self.listed[key] = self._newly_listed[key] = None

    def not_on_list(self, shown: Iterable[str]) -> list[str]:
        """Note that the list, read whole, shows only these threads; return the restored ones that are gone."""
        gone = [key for key in self.observed.keys() - set(shown) if key not in self.listed]
        for key in gone:
            del self.observed[key]
        self.gone.update(gone)
        return gone

    def take_listed(self) -> list[str]:
        """Return the threads that the list has shown first since the last call."""
        new, self._newly_listed = list(self._newly_listed), {}
        return new
