"""The panel over the top right corner that shows what flowtui measures of itself. Repaints only lines that changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line


class MeterPanel(Widget):
    """Shows lines. Takes neither focus nor keys."""

    def __init__(self, lines: Sequence[Line], closes: str) -> None:
        super().__init__()
        self._lines = lines
        self.border_title = "flowtui itself, since this opened"
        self.border_subtitle = f"{closes} closes"

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines in place of as many others."""
        before, self._lines = self._lines, lines
        for y, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        spans = self._lines[y] if y < len(self._lines) else ink.BLANK
        return ink.strip(spans, self.app.palette, self.rich_style, self.size.width)  # type: ignore[attr-defined]
