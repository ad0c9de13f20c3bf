"""Texts on the edges of a frame: titles of several weights, and a bottom edge with a text at each end.

Textual knows one text for an edge, so the line between two is part of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.style import Style

from flowtui.ui.base.app_base import AppBase
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.frame_titles import CORNERS

_LEAST_EDGE: Final = 3  # cells of the frame's line between both texts


def edge_line(lefts: Sequence[Line], right: Line, cells: int, edge: Span) -> Line:
    """Return the longest of the texts `lefts` that fits at the left end, then the line, then the text of the right end.

    `cells`: the width of the frame. `edge`: a character of its line. Without room for both, only the right text is left.
    """
    end = Span(" ", "text") if right else Span(edge.text, edge.role)
    room = cells - CORNERS - ink.width((end, *right))
    for left in lefts:
        between = room - ink.width(left) - 1
        if left and between >= _LEAST_EDGE:
            return (*left, Span(" ", "text"), Span(edge.text * between, edge.role), end, *right)
    return right


def content_of(app: AppBase, line: Line) -> Content:
    """Return a line for the border of a frame, in the colours of the theme, and bold only where its role is."""
    plain, palette = app.settings.ascii, app.palette
    return Content.assemble(
        *(
            (
                ink.plain(span.text) if plain else span.text,
                Style.from_rich_style(palette[span.role]) + Style(bold=bool(palette[span.role].bold)),
            )
            for span in line
        )
    )
