"""The line at the bottom: the keys that help most where one is. Made from the key definitions. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from flowtui.ui.keys.bindings import KEYS
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span


def footer_line(
    places: tuple[str, ...], cells: int, notice: str = "", *, remapped: Mapping[str, str] | None = None
) -> Line:
    """Return the footer for the parts of the screen that take keys now, whole entries only; a notice stands first.

    The way to the help is the last to go. `remapped` are keys that somebody changed, by id.
    """
    entries = [
        (Span((remapped or {}).get(key.id, key.shown), "key"), Span(f" {key.foot}", "dim"))
        for place in places
        for key in KEYS
        if key.where == place and key.foot
    ]
    spans: list[Span] = [Span(" ")]
    if notice:
        spans += [Span(notice, "warn"), Span("   ")]
    while len(entries) > 1 and ink.width(spans) + sum(ink.width(entry) + 3 for entry in entries) - 2 > cells:
        entries.pop(-2)
    for entry in entries:
        spans += [*entry, Span("   ")]
    return tuple(spans)
