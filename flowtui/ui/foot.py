"""The line at the bottom: the keys that help most where one is. Made from the key definitions. Pure."""

from __future__ import annotations

from flowtui.ui.ink import Line, Span
from flowtui.ui.keys import KEYS


def foot_line(places: tuple[str, ...], notice: str = "") -> Line:
    """Return the footer for the parts of the screen that take keys now; a notice stands first."""
    spans: list[Span] = [Span(" ")]
    if notice:
        spans += [Span(notice, "warn"), Span("   ")]
    for place in places:
        for key in KEYS:
            if key.where == place and key.foot:
                spans += [Span(key.shown, "key"), Span(f" {key.foot}   ", "dim")]
    return tuple(spans)
