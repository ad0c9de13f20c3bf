"""The base class of the screens over a time range: a reader reads and keeps the answer while the screen is open."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Generic, TypeVar

from flowtui.model.state.snapshot import Update
from flowtui.ui.base import messages
from flowtui.ui.base.answer_reader import AnswerReader
from flowtui.ui.base.garbage import SEARCHES
from flowtui.ui.base.painted import painted
from flowtui.ui.widgets.framed_screen import MovableScreen

Reader = TypeVar("Reader", bound=AnswerReader)


class AnswerScreen(MovableScreen, Generic[Reader]):
    """Has a reader from `prepare` on."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._reader: Reader | None = None
        self._opening = ExitStack()

    @property
    def answered(self) -> bool:
        """Whether all that was asked for is read."""
        return self._reader is not None and self._reader.complete

    def put_off_searches(self) -> None:
        """Search for no garbage until the screen is open: that would take as long as reading does."""
        self._opening.enter_context(SEARCHES.put_off())

    def new_reader(self) -> Reader:
        """Return the reader of this screen, which calls `tick` when there is more to draw."""
        raise NotImplementedError

    async def _drawn_once(self) -> None:
        """Return after the next paint."""
        await painted(self)

    def _ask(self) -> None:
        """Have the reader read what is shown, if that was not done yet, or if the time range has moved on."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Begin to read, while the widgets are laid out."""
        self._reader = self.new_reader()
        self.post_message(messages.AgentsNeeded())
        self.post_message(messages.MarksNeeded())
        self._ask()
        self.call_after_refresh(self._opening.close)

    def on_unmount(self) -> None:
        """Forget what was read."""
        self._opening.close()
        if self._reader is not None:
            self._reader.close()

    def update(self, update: Update) -> None:
        """Take an update, and draw."""
        if self._reader is not None:
            self._reader.update(update)
        if self._drawn and self.is_current:
            super().update(update)
