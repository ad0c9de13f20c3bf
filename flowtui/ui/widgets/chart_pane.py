"""Several lines that do not scroll, such as charts. It repaints only the cells that changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line


class ChartPane(Widget):
    """Shows lines, cut to its size. For charts with text beside them, the lines have both."""

    app: AppBase
    DEFAULT_CSS = "ChartPane { height: 1fr; }"

    class Resized(Message):
        """The pane has another size, for which its lines are to be made anew."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()

    @property
    def text(self) -> str:
        """The text of all lines, without colours."""
        return "\n".join("".join(span.text for span in line) for line in self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines instead of those before."""
        old, self._lines = self._lines, lines
        width, height = self.size
        regions = []
        for y in range(min(height, max(len(old), len(lines)))):
            cells = ink.changed(_at(old, y), _at(lines, y), width)
            if cells is not None:
                regions.append(Region(cells[0], y, cells[1] - cells[0], 1))
        if regions:
            self.refresh(*regions)

    def on_resize(self) -> None:
        """Have the lines made anew, instead of with the next second."""
        self.post_message(self.Resized())

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`."""
        return ink.strip(_at(self._lines, y), self.app.palette, self.rich_style, self.size.width)


def _at(lines: Sequence[Line], y: int) -> Line:
    return lines[y] if y < len(lines) else ink.BLANK
