"""An application that writes only the cells that changed, for the sake of slow lines.

Textual finds out which cells to paint again, but writes from the left edge of their widget up to them: in a table of
one widget nearly the whole line. Owns nothing but that; never decides what is painted.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.filter import ANSIToTruecolor, LineFilter
from textual.messages import Update
from textual.screen import Screen
from textual.strip import Strip


class PartialUpdate(ChopsUpdate):
    """Textual's update of parts of lines, cut on the left as well as on the right."""

    def render_segments(self, console: Console) -> str:
        """Return what the terminal gets."""
        written: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                start, shown = _part(strip, max(x, left) - x, min(end, right) - x)
                written += (f"\x1b[{y + 1};{x + start + 1}H", shown.render(console))
        return "".join(written)


def _part(strip: Strip, start: int, stop: int) -> tuple[int, Strip]:
    """Return some cells of a strip, and where they start: no character is cut in two, rather one more is written.

    The strip's own `crop` costs twice as much, for all the strips it may need.
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
    """Return `cells`, moved off the middle of a wide character: to where it starts, or with `after` where it ends."""
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
    """A screen that may be under a window: what changes in it is painted once, and nothing else is.

    Textual takes what it has handed to the window for changed again. The whole of the screen is among that from the
    day the window opened, so that each tick under a window would send all cells of the terminal.
    """

    def _compositor_refresh(self) -> None:
        behind = self.app._background_screens  # noqa: SLF001  there is no public list of what is seen
        if self not in behind:
            super()._compositor_refresh()
            return
        changed = tuple(self._compositor._dirty_regions)  # noqa: SLF001  what Textual's own method does it with
        self._compositor._dirty_regions.clear()  # noqa: SLF001
        if changed:
            for between in behind[behind.index(self) + 1 :]:
                between._set_dirty(*changed)  # noqa: SLF001  it keeps a picture of what is under it
            window = self.app.screen
            window._set_dirty(*changed)  # noqa: SLF001  its `refresh` forgets what else of it was to be painted
            window.post_message(Update(window))


class PartialPaintApp(App[int]):
    """Base of the application."""

    _painted = False

    def on_first_paint(self) -> None:
        """Something was painted for the first time: what may wait for that can begin."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what lines go through: not what makes true colours of ANSI ones, since no theme and no line has such.

        It would look through all lines of every widget of which one is painted.
        """
        return [each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if type(renderable) is ChopsUpdate:
            renderable = PartialUpdate(renderable.chops, renderable.spans, renderable.chop_ends)
        super()._display(screen, renderable)
        if not self._painted and renderable is not None and not self._batch_count:
            self._painted = True
            self.on_first_paint()
