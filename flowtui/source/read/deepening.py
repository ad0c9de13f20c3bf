"""Decides when the runs are read that the first observation of a thread left out. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class Deepening:
    """Which threads are read further back. `wanted`: those for which this was requested."""

    def __init__(self) -> None:
        self.wanted: set[str] = set()
        self._going: set[str] = set()

    def want(self, keys: Iterable[str]) -> list[str]:
        """Note that the user needs all runs of these threads; return the threads for which this is new."""
        news = [key for key in keys if key not in self.wanted]
        self.wanted.update(news)
        return news

    def now(self, key: str, *, cheap: bool) -> bool:
        """Whether to read a thread further back although the user did not request it.

        `cheap`: whether few requests are made. Then one thread at a time is, as its pages use a connection for a while.
        """
        if not cheap or self._going - {key}:
            return False
        self._going.add(key)
        return True

    def ended(self, key: str, *, short: bool = True) -> None:
        """Note that an observation of a thread has ended. `short`: whether wanted runs are still left out."""
        self._going.discard(key)
        if not short:
            self.wanted.discard(key)
