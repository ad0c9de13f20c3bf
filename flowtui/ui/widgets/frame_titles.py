"""Titles on the border of a frame.

Textual repaints a whole frame, contents included, when its title is set. `set_titles` repaints the border line alone,
and only for a new title.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from flowtui.ui.paint import ink

CORNERS: Final = 6
"""Cells of a frame's border that a title cannot use."""

_BETWEEN: Final = "  ·  "
_WORTH: Final = 24  # cells of a cause: cut shorter, it means nothing


def set_titles(frame: Widget, title: Content | None = None, subtitle: Content | None = None) -> None:
    """Set the title and the subtitle of a frame; None leaves the current one."""
    if title is not None and title.markup != frame.border_title:
        frame._border_title = _in_one_line(title)  # noqa: SLF001  a public setter repaints all
        _write(frame, 0)
    if subtitle is not None and subtitle.markup != frame.border_subtitle:
        frame._border_subtitle = _in_one_line(subtitle)  # noqa: SLF001
        _write(frame, frame.outer_size.height - 1)


def _in_one_line(title: Content) -> Content:
    return title.expand_tabs(4).split()[0]


def _write(frame: Widget, line: int) -> None:
    """Repaint one line of a frame, its border included."""
    left, top = frame.content_offset
    frame.refresh(Region(-left, line - top, frame.outer_size.width, 1))


def trouble_text(cause: str, parts: Sequence[str], cells: int) -> str:
    """Return the text for the lower border of a frame `cells` wide: the cause of an error, then `parts`.

    The parts are never cut. The cause is cut to the room they leave; if that is less than `_WORTH` cells, the cause is
    left out.
    """
    rest = _BETWEEN.join(parts)
    room = cells - CORNERS - (cell_len(rest) + len(_BETWEEN) if rest else 0)
    if not cause or (rest and room < min(_WORTH, cell_len(cause))):
        return rest
    shown = ink.cut(cause, max(1, room))
    return _BETWEEN.join([shown, *parts])
