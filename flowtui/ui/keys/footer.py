"""The footer: the most useful keys of the focused part of the screen. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from flowtui.ui.keys.bindings import KEYS
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span


def footer_line(
    places: tuple[str, ...], cells: int, notice: str = "", *, remapped: Mapping[str, str] | None = None
) -> Line:
    """Return the footer for `places`, the parts of the screen that take keys now; a notice comes first.

    Entries that do not fit are left out, from the right; the last one, the help key, always stays. `remapped`: id → the
    key that the user chose for it.
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
