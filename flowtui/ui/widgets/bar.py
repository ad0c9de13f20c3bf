"""A one-line widget, such as the header or the footer. It repaints only the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.keys.footer import Foot, Spot
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line


class Bar(Widget):
    """One line of spans, cut to the width. A click on a hint of `show_foot` presses its key."""

    app: AppBase
    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._line: Line = ink.BLANK
        self._hovered: Spot | None = None
        self.spots: Sequence[Spot] = ()
        """The parts of the line that can be clicked."""

    @property
    def text(self) -> str:
        """The text of the bar, without colours."""
        return "".join(span.text for span in self._line)

    def show(self, spans: Line) -> None:
        """Show a line."""
        self.show_foot(Foot(spans))

    def show_foot(self, foot: Foot) -> None:
        """Show a line of hints, which can be clicked."""
        old, self._line = self._line, foot.line
        if (cells := ink.changed(old, foot.line, self.size.width)) is not None:
            self.refresh(Region(cells[0], 0, cells[1] - cells[0], 1))
        if foot.spots != self.spots:
            self.spots = foot.spots
            self._hover(None)

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        spans = self._line if y == 0 else ink.BLANK
        strip = ink.strip(spans, self.app.palette, self.rich_style, self.size.width)
        if self._hovered is None:
            return strip
        first, end, _ = self._hovered
        lit = Segment.apply_style(strip.crop(first, end), post_style=self.app.palette.cursor_row)
        return Strip.join([strip.crop(0, first), Strip(lit), strip.crop(end, self.size.width)])

    # -- the mouse ---------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        """Press the key of the clicked hint."""
        spot = self._spot_at(event.get_content_offset(self))
        if spot is not None:
            event.stop()
            self.app.press(spot.press)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight the hint under the pointer."""
        self._hover(self._spot_at(event.get_content_offset(self)))

    def on_leave(self) -> None:
        """Highlight nothing."""
        self._hover(None)

    def _spot_at(self, offset: Offset | None) -> Spot | None:
        if offset is None:
            return None
        return next((spot for spot in self.spots if spot.first <= offset.x < spot.end), None)

    def _hover(self, spot: Spot | None) -> None:
        old, self._hovered = self._hovered, spot
        if spot != old:
            for each in filter(None, (old, spot)):
                self.refresh(Region(each.first, 0, each.end - each.first, 1))
