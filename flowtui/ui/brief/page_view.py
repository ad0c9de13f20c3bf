"""The widget that shows the page of the brief, with a cursor that goes from one place to the next."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from flowtui.ui.brief.items import Page, Stop, Target
from flowtui.ui.keys import bindings
from flowtui.ui.paint.ink import Line
from flowtui.ui.widgets.cursor_list import CursorList, scroll
from flowtui.ui.widgets.movement import clamp, top_for


class PageView(CursorList[int]):
    """Shows lines, of which parts can have the cursor."""

    BINDINGS = bindings.bindings(bindings.PANE, *bindings.MOVES)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._page_shown = Page()
        self._at = 0

    @property
    def stop(self) -> Stop | None:
        """The place of the cursor; None if there is none."""
        stops = self._page_shown.stops
        return stops[self._at] if self._at < len(stops) else None

    @property
    def target(self) -> Target | None:
        """What the cursor is on."""
        return self.stop.target if self.stop is not None else None

    def show_page(self, page: Page, placeholder: Sequence[Line] = ()) -> None:
        """Show a page; without lines, `placeholder`. The cursor stays on what it is on."""
        held, before = self.target, self.stop
        self._page_shown = page
        found = [place for place, stop in enumerate(page.stops) if stop.target == held]
        self._at = found[0] if found else clamp(self._at, len(page.stops))
        lines = page.lines
        self.show_entries(range(len(lines)), lambda place: lines[place], placeholder=placeholder)
        if self.stop != before:
            self._repaint(before)
            self._repaint(self.stop)

    def cursor_style(self) -> Style:
        """Return no style: not the whole line is marked."""
        return Style.null()

    def go(self, place: int) -> None:
        """Move the cursor to the place with this number; beyond the first or last, scroll to the end of the page."""
        before, stops = self.stop, self._page_shown.stops
        self._at = clamp(place, len(stops))
        last, room = max(0, self.count - 1), max(1, self.size.height)
        line = self.stop.line if self.stop is not None else 0
        line = 0 if place <= 0 else last if place >= len(stops) - 1 else line
        top = top_for(line, self.scroll_offset.y, room)
        if top != self.scroll_offset.y:
            scroll(self, top)
        self._repaint(before)
        self._repaint(self.stop)
        self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        """Move the cursor by `step` places."""
        if self._page_shown.stops:
            self.go(self._at + step)
        else:
            self.scroll_relative(y=step, animate=False, force=True, immediate=True)

    def action_page(self, pages: float) -> None:
        """Move the cursor by as many lines as pages have."""
        stop = self.stop
        if stop is None:
            self.action_move(int(pages * self._page))
            return
        wanted = stop.line + pages * self._page
        stops = self._page_shown.stops
        nearest = min(range(len(stops)), key=lambda place: abs(stops[place].line - wanted))
        self.go(len(stops) - 1 if wanted >= self.count else 0 if wanted < 0 else nearest)

    def clicked(self, place: int, clicks: int) -> None:
        """Move the cursor to what was clicked; a second click chooses it."""
        on_line = [number for number, stop in enumerate(self._page_shown.stops) if stop.line == place]
        if not on_line:
            return
        column = self._column
        stops = self._page_shown.stops
        self.go(max(on_line, key=lambda number: (stops[number].first <= column, stops[number].first)))
        if clicks >= self.CLICKS:
            self.post_message(self.Chosen())

    @property
    def _column(self) -> int:
        """The column of the mouse in this widget."""
        return int(self.app.mouse_position.x) - self.content_region.x

    def _repaint(self, stop: Stop | None) -> None:
        """Repaint the line of a place in whole."""
        if stop is not None:
            y = stop.line - self.scroll_offset.y
            if 0 <= y < self.size.height:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`, with the place of the cursor marked."""
        strip = super().render_line(y)
        stop = self.stop
        if stop is None or not self.has_focus or y + self.scroll_offset.y != stop.line:
            return strip
        first, end = stop.first, min(stop.first + stop.cells, self.size.width)
        ground = self.app.palette.cursor_row
        marked = [
            Segment(part.text, ground if part.style is None else part.style + ground)
            for part in strip.crop(first, end)
        ]
        return Strip.join([strip.crop(0, first), Strip(marked), strip.crop(end)])
