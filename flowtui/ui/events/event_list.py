"""The list of events, the newest first."""

from __future__ import annotations

from rich.style import Style

from flowtui.model.events.event_log import Event
from flowtui.ui.keys import bindings
from flowtui.ui.widgets.cursor_list import CursorList


class EventList(CursorList[Event], inherit_bindings=False):
    """Shows events. The cursor's line is marked also while the user types a search."""

    BINDINGS = bindings.bindings(bindings.EVENTS)

    def cursor_style(self) -> Style:
        """Return the style of the cursor's line."""
        return super().cursor_style() if self.has_focus else self.app.palette.cursor_row_away
