"""Token totals as lines. A sum says how many runs it covers; what nobody reported is —. Pure."""

from __future__ import annotations

from flowtui import formatting
from flowtui.model.stats import Totals
from flowtui.ui import ink
from flowtui.ui.ink import Line, Span


def totals_lines(totals: Totals, cells: int) -> list[Line]:
    """Return the totals of the rows shown, `cells` wide."""
    rows = (("prompt", totals.prompt), ("completion", totals.completion), ("total", totals.total))
    lines = [
        ink.spread(
            [Span(name, "dim")],
            [Span(formatting.count(value), "strong" if name == "total" else "text")],
            cells,
        )
        for name, value in rows
    ]
    return [*lines, ink.line((f"{totals.reported:,} of {totals.runs:,} runs reported", "dim"))]
