"""The list of events. When a new event comes, the cursor stays on its event, but at the top it moves to the new event.

Paints only visible lines. Makes no requests: the screen passes the events to `show`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowtui.model.events.event_log import Event
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.keys import bindings
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line

Draw = Callable[[Event, int], Line]
"""Takes an event and a width in cells; returns the event as a line."""


class EventList(ScrollView, can_focus=True):
    """Shows events, the newest first."""

    app: AppBase
    BINDINGS = bindings.bindings(bindings.EVENTS)

    class Moved(Message):
        """Posted when the cursor has moved or the events have changed."""

    class Chosen(Message):
        """Posted when the user wants to open the run of an event."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    def __init__(self) -> None:
        super().__init__()
        self._events: Sequence[Event] = ()
        self._words: tuple[str, ...] = ()
        self._draw: Draw = lambda event, _: ink.line(event.text)
        self._placeholder: Sequence[Line] = ()
        self._cursor = 0
        self._painted: dict[int, Line] = {}

    @property
    def event(self) -> Event | None:
        """The event under the cursor."""
        return self._events[self._cursor] if self._cursor < len(self._events) else None

    @property
    def cells(self) -> int:
        """The width of a line, without the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def following(self) -> bool:
        """Whether the cursor is at the top, so that it moves to each new event."""
        return self._cursor == 0 and self.scroll_offset.y == 0

    def show(
        self,
        found: Sequence[Event],
        draw: Draw,
        *,
        words: Sequence[str] = (),
        placeholder: Sequence[Line] = (),
    ) -> None:
        """Show the events `found`, made to lines by `draw`, with `words` (casefolded) highlighted.

        If `found` is empty, the lines of `placeholder` are shown instead.
        """
        held, line, following = self.event, self._cursor - self.scroll_offset.y, self.following
        same = [*found] == [*self._events] and tuple(words) == self._words
        if not found and self._placeholder != placeholder:
            self.refresh()
        self._events, self._draw, self._placeholder = found, draw, placeholder
        self._words = tuple(words)
        if same:
            self._repaint()
            return
        self.virtual_size = Size(0, len(found))
        self._cursor = 0 if following else self._place(held)
        if not following:
            top = max(0, min(self._cursor - max(0, line), len(found) - 1))
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self.refresh()
        self.post_message(self.Moved())

    def _repaint(self) -> None:
        """Paint again each line whose text has changed, for example because the reason of a failure was fetched."""
        for y, painted in list(self._painted.items()):
            place = self.scroll_offset.y + y
            if place < len(self._events) and self._draw(self._events[place], self.cells) != painted:
                self.refresh(Region(0, y, self.size.width, 1))

    def _place(self, held: Event | None) -> int:
        """Return the index at which the event `held` is now; if it is not in the list any more, the cursor's index."""
        if held is not None and held in self._events:
            return self._events.index(held)
        return min(self._cursor, max(0, len(self._events) - 1))

    # -- moving ------------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Move the cursor down by `step` lines."""
        old, self._cursor = self._cursor, min(max(0, self._cursor + step), max(0, len(self._events) - 1))
        top, page = self.scroll_offset.y, max(1, self.size.height)
        if not top <= self._cursor < top + page:
            y = self._cursor if self._cursor < top else self._cursor - page + 1
            self.scroll_to(y=y, animate=False, force=True, immediate=True)
        for place in (old, self._cursor):
            self.refresh(Region(0, place - self.scroll_offset.y, self.size.width, 1))
        self.post_message(self.Moved())

    def action_page(self, pages: float) -> None:
        """Move the cursor down by `pages` pages."""
        self.action_move(round(pages * max(1, self.size.height - 1)))

    def action_end(self, step: int) -> None:
        """Move the cursor to the newest event (-1) or to the oldest (1)."""
        self.action_move(step * len(self._events))

    def action_open(self) -> None:
        """Open the run of the event under the cursor."""
        if self.event is not None:
            self.post_message(self.Chosen(self.event))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked event; a double click opens its run."""
        position = event.get_content_offset(self)
        if position is None or self.scroll_offset.y + position.y >= len(self._events):
            return
        self.action_move(self.scroll_offset.y + position.y - self._cursor)
        if event.chain > 1:
            self.action_open()

    # -- drawing -----------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return the line `y` of this widget as it is painted."""
        place, cells = self.scroll_offset.y + y, self.cells
        base = self.rich_style
        if not self._events:
            first = max(1, (self.size.height - len(self._placeholder)) // 3)
            found = self._placeholder[y - first] if 0 <= y - first < len(self._placeholder) else ink.BLANK
            pad = max(0, (cells - ink.width(found)) // 2)
            return ink.strip(ink.line(" " * pad, *found), self.app.palette, base, cells)
        if place >= len(self._events):
            return ink.strip(ink.BLANK, self.app.palette, base, cells)
        spans = self._painted[y] = self._draw(self._events[place], cells)
        if self._words:
            spans = tuple(part for span in spans for part in ink.highlight(span.text, span.role, self._words))
        if place == self._cursor:
            base += self.app.palette.cursor_row if self.has_focus else self.app.palette.cursor_row_away
        return ink.strip(spans, self.app.palette, base, cells)
