"""The header of a screen over the dashboard: profile, host, freshness, and what that screen adds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from flowtui import formatting
from flowtui.model.state.health import LOADING, Health
from flowtui.model.state.snapshot import Snapshot
from flowtui.ui.base.host_label import HostLabel
from flowtui.ui.paint import ink
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.freshness_words import health_words


def screen_header(
    label: HostLabel,
    snapshot: Snapshot | None,
    *,
    now: float,
    glyphs: Glyphs,
    zone: tzinfo | None,
    cells: int,
    notes: Sequence[Span] = (),
    right: Sequence[Span] = (),
) -> Line:
    """Return a header of `cells` cells.

    `notes` come after the freshness, `right` is at the right end, before the clock. If there is no room, parts are left
    out in this order: host, clock, profile, freshness. Without `right`, the clock is left out last, and the freshness
    stays.
    """
    health = snapshot.health(now) if snapshot is not None else Health(LOADING, "", None)
    word = health_words(health, now)
    state = [Span(f"  {glyphs.live} {word.text}", word.role), *notes]
    clock = [Span(f" {formatting.clock(now, zone)} ", "dim")]
    brand, badge = label.brand, label.brand[:1]
    for left, tail in (
        ([*brand, *label.host_spans, *state], [*right, *clock]),
        ([*brand, *state], [*right, *clock]),
        ([*brand, *state], right or clock),
        ([*badge, *state], right or clock),
    ):
        if ink.width((*left, *tail)) + 1 <= cells:
            return ink.spread(left, tail, cells)
    return ink.spread(badge, right or state, cells)
