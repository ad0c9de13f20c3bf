"""Writes what the user chooses to the state file, in the background. A failure is reported once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from flowtui.config.memory.memory import Memory, memory_path, remember
from flowtui.text import safe_text
from flowtui.ui.base.messages import ChoiceMade
from flowtui.ui.base.services import Services, Stoppable


class StateFile:
    """The part of the state file for one profile. `memory` is what was read of it."""

    def __init__(self, services: Services, profile: str, memory: Memory) -> None:
        self._services, self._profile = services, profile
        self._waiting: Stoppable | None = None
        self._turn = asyncio.Lock()  # the last choice is written last
        self._trouble, self._warned = memory.trouble, set[str]()

    def report_trouble(self) -> None:
        """Warn if the file exists but cannot be used."""
        if self._trouble:
            self._warn(self._trouble)

    def handle(self, message: ChoiceMade) -> None:
        """Write a choice; if it has `after`, once no such choice has been made for so many seconds."""
        write = partial(
            self._services.start,
            partial(self._write, partial(remember, self._profile, **message.values)),
            "memory",
        )
        if not message.after:
            write()
            return
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self._services.after(message.after, write)

    async def _write(self, change: Callable[[], bool]) -> None:
        async with self._turn:
            written = await asyncio.to_thread(change)
        if not written:
            self._warn(f"{memory_path()} cannot be written: what you choose holds until you quit")

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._services.say(safe_text(text), severity="warning", timeout=8)
