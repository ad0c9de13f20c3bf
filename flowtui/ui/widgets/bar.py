"""A one-line widget, such as the header or the footer. It repaints only the cells that changed."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line


class Bar(Widget):
    """One line of spans, cut to the width."""

    app: AppBase
    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._line: Line = ink.BLANK

    @property
    def text(self) -> str:
        """The text of the bar, without colours."""
        return "".join(span.text for span in self._line)

    def show(self, spans: Line) -> None:
        """Show a line."""
        old, self._line = self._line, spans
        if (cells := ink.changed(old, spans, self.size.width)) is not None:
            self.refresh(Region(cells[0], 0, cells[1] - cells[0], 1))

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        spans = self._line if y == 0 else ink.BLANK
        return ink.strip(spans, self.app.palette, self.rich_style, self.size.width)
