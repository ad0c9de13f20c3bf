"""An application that writes only the cells that changed, for the sake of slow lines.

Textual finds out which cells to paint again, but writes from the left edge of their widget up to them: in a table of
one widget nearly the whole line. Owns nothing but that; never decides what is painted.
"""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip


class TightUpdate(ChopsUpdate):
    """Textual's update of parts of lines, cut on the left as well as on the right."""

    def render_segments(self, console: Console) -> str:
        """Return what the terminal gets."""
        written: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                start, stop = max(x, left), min(end, right)
                shown = strip if (start, stop) == (x, end) else _part(strip, start - x, stop - x)
                written += (f"\x1b[{y + 1};{start + 1}H", shown.render(console))
        return "".join(written)


def _part(strip: Strip, start: int, stop: int) -> Strip:
    """Return some cells of a strip. Its own `crop` does the same at twice the cost, for all the strips it may need."""
    parts: list[Segment] = []
    at = 0
    for segment in strip:
        if at >= stop:
            break
        after = at + segment.cell_length
        if after > start:
            part = segment if at >= start else segment.split_cells(start - at)[1]
            parts.append(part if after <= stop else part.split_cells(stop - max(at, start))[0])
        at = after
    return Strip(parts)


class TightApp(App[int]):
    """Base of the application."""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if type(renderable) is ChopsUpdate:
            renderable = TightUpdate(renderable.chops, renderable.spans, renderable.chop_ends)
        super()._display(screen, renderable)
