"""Titles on the border of a frame. Setting one makes Textual write all cells of the frame again, its insides too: only a new one is set."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


def set_titles(frame: Widget, title: Content | None = None, subtitle: Content | None = None) -> None:
    """Give a frame its titles; None leaves the one it has."""
    if title is not None and title.markup != frame.border_title:
        frame.border_title = title
    if subtitle is not None and subtitle.markup != frame.border_subtitle:
        frame.border_subtitle = subtitle
