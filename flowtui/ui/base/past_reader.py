"""Reads the history for screens and controllers: in a thread, one read at a time, so that keys never wait for a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from flowtui.errors import HistoryError

if TYPE_CHECKING:  # the first frame is painted before the model is imported
    from flowtui.model.history.past import Past
    from flowtui.store.history import History
    from flowtui.ui.base.services import Services

T = TypeVar("T")


class PastReader:
    """Reads from a history, after `connect`.

    `trouble`: why the last read failed, display-safe; "" if it did not. `grown`: how often more of the past became readable:
    who read it before then, reads it again.
    """

    def __init__(self, services: Services) -> None:
        self.trouble = ""
        self.grown = 0
        self._services = services
        self._history: History | None = None
        self._waiting: dict[str, tuple[Callable[[Past], Any], Callable[[Any], None]]] = {}
        self._busy = False

    def connect(self, history: History | None) -> None:
        """Read from this history from now on; None: there is none."""
        self._history = history

    @property
    def ready(self) -> bool:
        """Whether there is something to read. It may come later: a file of another key is first to be claimed."""
        return self.past is not None

    @property
    def past(self) -> Past | None:
        """The history, to be read in a thread; None if there is nothing to read."""
        return None if self._history is None else self._history.past

    def ask(self, name: str, read: Callable[[Past], T], take: Callable[[T | None], None]) -> None:
        """Call `read` in a thread, then `take` with its result; with None if nothing can be read.

        `name`: of several reads with the same name that have not begun yet, only the newest is made.
        """
        self._waiting[name] = (read, take)
        if not self._busy:
            self._busy = True
            self._services.start(self._read_all, "past")

    async def _read_all(self) -> None:
        try:
            while self._waiting:
                read, take = self._waiting.pop(next(iter(self._waiting)))
                take(await self._read(read))
        finally:
            self._busy = False

    async def _read(self, read: Callable[[Past], T]) -> T | None:
        past = self.past
        if past is None:
            return None
        try:
            found = await asyncio.to_thread(read, past)
        except HistoryError as error:
            self.trouble = str(error)
            return None
        self.trouble = ""
        return found
