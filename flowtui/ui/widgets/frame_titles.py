"""Titles on the border of a frame. Set as Textual sets them, one makes all cells of the frame be written again, its insides too: here the line is, and only for a new one."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget


def set_titles(frame: Widget, title: Content | None = None, subtitle: Content | None = None) -> None:
    """Give a frame its titles; None leaves the one it has."""
    if title is not None and title.markup != frame.border_title:
        frame._border_title = _in_one_line(title)  # noqa: SLF001  see above
        _write(frame, 0)
    if subtitle is not None and subtitle.markup != frame.border_subtitle:
        frame._border_subtitle = _in_one_line(subtitle)  # noqa: SLF001
        _write(frame, frame.outer_size.height - 1)


def _in_one_line(title: Content) -> Content:
    return title.expand_tabs(4).split()[0]


def _write(frame: Widget, line: int) -> None:
    """Have a line of a frame, border included, written again."""
    left, top = frame.content_offset
    frame.refresh(Region(-left, line - top, frame.outer_size.width, 1))
