"""Reads the marks of a server when flowtui connects, and sets marks. Draws nothing.

Files are read and written in a thread. An error is shown as a message and has no other effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from typing import Final

from flowtui import formatting
from flowtui.config.memory.marks import AGENT, MarkChange, Owner, read_marks, set_mark
from flowtui.errors import FlowtuiError
from flowtui.model.state.marks import Mark
from flowtui.model.state.snapshot import Snapshot
from flowtui.text import safe_text
from flowtui.ui.base.messages import MarkRequest, MarksNeeded
from flowtui.ui.base.services import Services

_A_DAY: Final = 20 * 3600.0  # seconds up to which a time of day is unambiguous


def time_words(at: float, now: float, zone: tzinfo | None) -> str:
    """Return a time of day; if it is more than 20 hours from `now`, with its date."""
    return (formatting.timestamp if abs(now - at) > _A_DAY else formatting.clock)(at, zone)


def mark_message(mark: Mark, written: MarkChange, now: float, zone: tzinfo | None) -> str:
    """Return the message after a mark was set; `written` says what that changed in the file of marks."""
    said = [f"Marked {mark.name} at {time_words(mark.at, now, zone)}"]
    if written.previous is not None:
        said.append(f"it was at {time_words(written.previous.at, now, zone)} before")
    if written.dropped:
        said.append(f"{written.dropped:,} of the oldest marks were dropped")
    if written.set_aside is not None:
        said.append(f"the file of marks was broken and is now {safe_text(str(written.set_aside))}")
    return "; ".join(said)


class DeployMarks:
    """The marks of one server and account.

    `owner` returns these; None while they are not known, as in the demo until its server runs. `changed` is called when
    other marks were read.
    """

    def __init__(
        self,
        services: Services,
        owner: Callable[[], Owner | None],
        zone: tzinfo | None,
        changed: Callable[[], None],
    ) -> None:
        self.marks: tuple[Mark, ...] = ()
        """Named moments, such as deployments, in epoch seconds of the local clock; the newest last."""
        self._services, self._owner, self._zone, self._changed = services, owner, zone, changed

    def with_deployments(self, snapshot: Snapshot | None) -> list[Mark]:
        """Return the user's marks, and a mark for the last deployment of each agent; the newest last."""
        deployed = () if snapshot is None else snapshot.deployments
        return sorted([*self.marks, *(Mark(each.at, f"{AGENT}{each.label}") for each in deployed)])

    def handle(self, message: MarkRequest) -> None:
        """Read the marks, or set one at this moment."""
        if isinstance(message, MarksNeeded):
            self.read()
        else:
            self._mark_now(message.name)

    def read(self) -> None:
        """Read the marks of this server in a worker."""
        if (owner := self._owner()) is not None:
            self._services.start(partial(self._read, owner), "marks", exclusive=True)

    async def _read(self, owner: Owner) -> None:
        try:
            found = await asyncio.to_thread(read_marks, owner)
        except FlowtuiError as error:
            self._services.say(str(error), severity="warning", timeout=6)
            return
        marks = tuple(Mark(mark.at, safe_text(mark.name)) for mark in found.values())
        if owner == self._owner() and marks != self.marks:
            self.marks = marks
            self._changed()

    def _mark_now(self, name: str) -> None:
        if (owner := self._owner()) is None:
            self._services.say("The demo has not started yet", severity="warning", timeout=3)
            return
        # The local clock, as in `flowtui mark`: `flowtui watch` uses the time of a mark unchanged.
        self._services.start(partial(self._set, owner, name, self._services.now()), "setting")

    async def _set(self, owner: Owner, name: str, at: float) -> None:
        try:
            written = await asyncio.to_thread(partial(set_mark, owner, name, at, made=at))
        except FlowtuiError as error:
            self._services.say(str(error), severity="error", timeout=8)
            return
        said = mark_message(Mark(at, safe_text(name)), written, at, self._zone)
        self._services.say(said, timeout=4 if written.set_aside is None else 10)
        self.read()
