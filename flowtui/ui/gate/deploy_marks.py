"""Reads the marks of a server when flowtui connects, and sets marks. Draws nothing.

Files are read and written in a thread. An error is shown as a message and has no other effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from flowtui import formatting
from flowtui.errors import FlowtuiError
from flowtui.model.state.marks import Mark
from flowtui.text import safe_text
from flowtui.ui.events.notifier import NotifyingApp

if TYPE_CHECKING:
    from datetime import tzinfo

    from textual.worker import Worker

    from flowtui.config.memory.marks import MarkChange, Owner
    from flowtui.ui.app.app import FlowtuiApp

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


class MarkingApp(NotifyingApp):
    """Base of the application: reads and sets marks."""

    marks: Sequence[Mark] = ()
    """Named moments, such as deployments, in epoch seconds of the local clock; the newest last."""
    _demo: bool

    @property
    def all_marks(self) -> list[Mark]:
        """The user's marks, and a mark for the last deployment of each agent; the newest last."""
        from flowtui.config.memory.marks import AGENT  # noqa: PLC0415  after the first frame

        snapshot = cast("FlowtuiApp", self).dashboard.newest
        deployed = () if snapshot is None else snapshot.deployments
        return sorted([*self.marks, *(Mark(each.at, f"{AGENT}{each.label}") for each in deployed)])

    @property
    def _marks_owner(self) -> Owner | None:
        """The owner (server and account) of the marks; None in the demo until its server runs, as the address is always new."""
        from flowtui.config.memory.marks import owner_of  # noqa: PLC0415  after the first frame

        return None if self._demo and self.connection is None else owner_of(self.server_settings)

    def read_marks(self) -> None:
        """Read the marks of this server in a worker."""
        if (owner := self._marks_owner) is None:
            return
        work: Worker[None] = self.run_worker(partial(self._read_marks, owner), group="marks", exclusive=True)
        del work  # exists only for its annotation: mypy cannot infer the type from a callable

    async def _read_marks(self, owner: Owner) -> None:
        from flowtui.config.memory.marks import read_marks  # noqa: PLC0415  after the first frame

        try:
            found = await asyncio.to_thread(read_marks, owner)
        except FlowtuiError as error:
            self.notify(str(error), severity="warning", timeout=6, markup=False)
            return
        if owner == self._marks_owner:
            self._show_marks([Mark(mark.at, safe_text(mark.name)) for mark in found.values()])

    def forget_marks(self) -> None:
        """Drop the marks, as another server is shown now."""
        self.workers.cancel_group(self, "marks")
        self.marks = ()

    def _show_marks(self, marks: Sequence[Mark]) -> None:
        if self.leaving or tuple(marks) == tuple(self.marks):
            return
        self.marks = tuple(marks)
        app = cast("FlowtuiApp", self)
        if app.dashboard.is_mounted:
            app.dashboard.redraw()
        app.show_timeline()
        app.show_gate()

    def set_mark(self, name: str) -> None:
        """Set a mark at this moment, and show a message about it."""
        if (owner := self._marks_owner) is None:
            self.notify("The demo has not started yet", severity="warning", timeout=3, markup=False)
            return
        # The local clock, as in `flowtui mark`: `flowtui watch` uses the time of a mark unchanged.
        work: Worker[None] = self.run_worker(
            partial(self._set_mark, owner, name, self.now()), group="setting"
        )
        del work

    async def _set_mark(self, owner: Owner, name: str, at: float) -> None:
        from flowtui.config.memory.marks import set_mark  # noqa: PLC0415  on first use

        try:
            written = await asyncio.to_thread(partial(set_mark, owner, name, at, made=at))
        except FlowtuiError as error:
            self.notify(str(error), severity="error", timeout=8, markup=False)
            return
        said = mark_message(Mark(at, safe_text(name)), written, at, self.zone)
        self.notify(said, timeout=4 if written.set_aside is None else 10, markup=False)
        self.read_marks()
