"""The two lists of the agent page: its reasons and changes, and its runs. The screen binds the keys."""

from __future__ import annotations

from collections.abc import Sequence

from flowtui.model.run.row import RunKey
from flowtui.ui.agent.rows import Note
from flowtui.ui.widgets.cursor_list import CursorList


class AgentRuns(CursorList[RunKey], inherit_bindings=False):
    """The runs of the agent: active ones first, then the newest."""


class AgentNotes(CursorList[int], inherit_bindings=False):
    """The reasons and changes. Titles and remarks are lines as well, but the cursor goes past them."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._notes: Sequence[Note] = ()

    @property
    def note(self) -> Note | None:
        """The line under the cursor; None if nothing can be chosen."""
        found = self._notes[self.place] if self.place < len(self._notes) else None
        return found if found is not None and found.what is not None else None

    def show(self, notes: Sequence[Note]) -> None:
        """Show these lines."""
        held = self.note
        self._notes = notes
        self.show_entries(range(len(notes)), lambda place: notes[place].line)
        if held is None or self.note is None:
            first = next((place for place, note in enumerate(notes) if note.what is not None), 0)
            if first != self.place:
                self.go(first)

    def go(self, place: int) -> None:
        """Move the cursor to the line at `place`; if it is a title, on to the next line in the direction of the move."""
        turn = 1 if place >= self.place else -1
        places = [at for at, note in enumerate(self._notes) if note.what is not None]
        onward = [at for at in places[::turn] if (at - place) * turn >= 0]
        if places:
            super().go(onward[0] if onward else places[-1 if turn > 0 else 0])

    def clicked(self, place: int, clicks: int) -> None:
        """Move the cursor to a clicked line that can be chosen."""
        if self._notes[place].what is not None:
            super().clicked(place, clicks)
