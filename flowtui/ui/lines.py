"""A pane of lines: scrolls, paints only what is visible, and repaints only the lines that changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowtui.ui import ink, keys
from flowtui.ui.ink import Line
from flowtui.ui.theme import Palette


class Lines(ScrollView, can_focus=True):
    """Shows a list of lines. Owners call `show`; what is equal to the last list costs a comparison."""

    BINDINGS = keys.bindings(keys.PANE)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._lines: Sequence[Line] = ()

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        palette: Palette = self.app.palette  # type: ignore[attr-defined]
        return palette

    @property
    def text(self) -> str:
        """What the pane says, without colours."""
        return "\n".join("".join(span.text for span in spans) for spans in self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; the scroll position stays where it can."""
        old, self._lines = self._lines, lines
        if len(old) != len(lines):
            self.virtual_size = Size(0, len(lines))
            self.refresh()
            return
        top = self.scroll_offset.y
        for y in range(min(self.size.height, len(lines) - top)):
            if old[top + y] != lines[top + y]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Return the line at `y` of the window."""
        place = self.scroll_offset.y + y
        spans = self._lines[place] if place < len(self._lines) else ink.BLANK
        return ink.strip(spans, self.palette, self.rich_style, self.size.width)

    def action_page_down(self) -> None:
        """Scroll a page, without an animation that would only cost time over ssh."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Scroll a page back."""
        self.scroll_page_up(animate=False)

    def action_scroll_down(self) -> None:
        """Scroll a line."""
        self.scroll_relative(y=1, animate=False)

    def action_scroll_up(self) -> None:
        """Scroll a line back."""
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_home(self) -> None:
        """Scroll to the start."""
        self.scroll_home(animate=False)

    def action_scroll_end(self) -> None:
        """Scroll to the end."""
        self.scroll_end(animate=False)
