"""Writes only the changed cells to the terminal, for slow connections.

Textual knows which cells to repaint, but writes each line from the left edge of the widget: in a table, which is one
widget, nearly the whole line. What the user sees is the same with this module; only fewer bytes are written.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual._context import visible_screen_stack
from textual.content import Content
from textual.geometry import Region, Size
from textual.messages import Update
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget


class PartialUpdate(ChopsUpdate):
    """Textual's update of parts of lines, but without the cells to the left of each change."""

    def render_segments(self, console: Console) -> str:
        """Return the characters and control sequences for the terminal."""
        written: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                start, shown = _part(strip, max(x, left) - x, min(end, right) - x)
                written += (f"\x1b[{y + 1};{x + start + 1}H", shown.render(console))
        return "".join(written)


def _part(strip: Strip, start: int, stop: int) -> tuple[int, Strip]:
    """Return (first cell, strip) for cells `start` to `stop` of a strip; a wide character at an edge is kept whole.

    Textual's own `Strip.crop` costs twice as much, because it keeps its results.
    """
    if start <= 0 and stop >= strip.cell_length:
        return 0, strip
    parts: list[Segment] = []
    at, first = 0, start
    for segment in strip:
        if at >= stop:
            break
        after = at + segment.cell_length
        if after > start:
            part, begins = segment, at
            if at < start:
                cut = _edge(segment.text, start - at)
                part, first = segment.split_cells(cut)[1], at + cut
                begins = first
            if after > stop:
                part = part.split_cells(_edge(part.text, stop - begins, after=True))[0]
            parts.append(part)
        at = after
    return first, Strip(parts)


def _edge(text: str, cells: int, *, after: bool = False) -> int:
    """Return the position `cells`; if it is inside a wide character, the start of that, or its end if `after`."""
    if text.isascii():
        return cells
    at = 0
    for character in text:
        width = cell_len(character)
        if at < cells < at + width:
            return at + width if after else at
        at += width
        if at >= cells:
            break
    return cells


class PartialPaintScreen(Screen[None]):
    """A screen that repaints only its changes while a dialog covers it.

    Textual repaints the whole terminal for each change of a covered screen: 4,826 characters instead of 39 for one cell
    at 40 by 12. Below two dialogs it also leaves old cells.
    """

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        # Textual would only scroll if both are due: parts that come or go would have their places one frame later.
        super()._refresh_layout(size, scroll and not self._layout_required)

    def _compositor_refresh(self) -> None:
        behind = self.app._background_screens  # noqa: SLF001  no public list of the visible screens exists
        if self not in behind:
            super()._compositor_refresh()
            return
        changed = tuple(self._compositor._dirty_regions)  # noqa: SLF001  as in Textual's own method
        self._compositor._dirty_regions.clear()  # noqa: SLF001
        if changed:
            for between in behind[behind.index(self) + 1 :]:
                between._set_dirty(*changed)  # noqa: SLF001  that screen caches what is below it
            dialog = self.app.screen
            dialog._set_dirty(*changed)  # noqa: SLF001  `refresh` would drop its other pending regions
            dialog.post_message(Update(dialog))


class PartialPaintDialog(ModalScreen[ScreenResultType]):
    """A translucent dialog that is also painted correctly below another one.

    Textual keeps a list of the screens below, from which each translucent screen takes its next one while it renders. A
    dialog that is rendered from its cache takes none. The dialog below it would then find itself in the list, and paint
    an opaque background instead of what is below both.
    """

    def render(self) -> RenderableType:
        """Render the background: the screen below, tinted."""
        below = visible_screen_stack.get([])
        while below and below[-1] is self:
            below.pop()
        return super().render()


def set_titles(frame: Widget, title: Content | None = None, subtitle: Content | None = None) -> None:
    """Set the title and the subtitle of a frame; None leaves the current one.

    Only the border line of a new title is repainted. Textual would repaint the whole frame, contents included.
    """
    if title is not None and title.markup != frame.border_title:
        frame._border_title = _in_one_line(title)  # noqa: SLF001  the public setter repaints all
        _repaint_line(frame, 0)
    if subtitle is not None and subtitle.markup != frame.border_subtitle:
        frame._border_subtitle = _in_one_line(subtitle)  # noqa: SLF001
        _repaint_line(frame, frame.outer_size.height - 1)


def _in_one_line(title: Content) -> Content:
    return title.expand_tabs(4).split()[0]


def _repaint_line(frame: Widget, line: int) -> None:
    """Repaint one line of a frame, its border included."""
    left, top = frame.content_offset
    frame.refresh(Region(-left, line - top, frame.outer_size.width, 1))
