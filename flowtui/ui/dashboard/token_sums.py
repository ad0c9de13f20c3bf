"""The token sums of the rows as lines: how many runs they cover, cost, wasted tokens. Pure."""

from __future__ import annotations

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.run.cost import Total, Waste
from flowtui.model.stats.live_tokens import LiveSum
from flowtui.model.stats.thread_totals import Sums
from flowtui.model.stats.totals import Totals
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span


def totals_lines(found: Totals, cells: int, *, live: LiveSum | None = None) -> list[Line]:
    """Return lines with the token sums, and below them how many runs reported usage. Without any report a sum is —.

    `live`: what spans show of runs without a report, on a line of its own; None: no such line.
    """
    parts = [("prompt", found.prompt), ("completion", found.completion)]
    lines = [
        ink.spread(
            [Span(name, "dim")],
            [Span(formatting.count(value), "strong" if name == "total" else "text")],
            cells,
        )
        for name, value in (*parts, ("total", found.total))
    ]
    said = _covered(found.reported, found.runs, " runs reported", cells)
    lines.append(ink.line((said, "dim")))
    if live is not None:
        number = UNKNOWN if live.tokens is None else f"{formatting.count(live.tokens)}+"
        lines.append(
            ink.spread([Span("from spans", "dim")], [Span(number, "text" if live.runs else "dim")], cells)
        )
    return lines


def sum_lines(found: Sums, live: LiveSum | None, cells: int) -> list[Line]:
    """Return all lines of these sums; `live`: see `totals_lines`."""
    priced = [] if found.costs is None else [cost_line(found.costs.total, cells)]
    return [
        *totals_lines(found.totals, cells, live=live),
        *priced,
        waste_line(found.waste, found.totals.total, cells),
    ]


def _covered(part: int, whole: int, words: str, cells: int) -> str:
    """Return a text such as `57 of 61 runs reported`, or the shortest form of it, such as `57/61 reported`, to fit `cells`."""
    said = (f"{part:,} of {whole:,}{words}", f"{part:,} of {whole:,}{words.removeprefix(' runs')}")
    last = f"{part:,}/{whole:,}{words.removeprefix(' runs')}"
    return next((text for text in said if len(text) <= cells), last)


def cost_line(total: Total, cells: int) -> Line:
    """Return the cost of the runs, and how many of them it includes: only runs with usage whose model has a price."""
    amount = total.text()
    runs = total.priced + total.unpriced + total.unreported
    room = cells - len(amount) - 1
    said = _covered(total.priced, runs, " runs", room)
    return ink.spread(
        [Span(amount, "strong" if total.amount is not None else "dim")], [Span(said, "dim")], cells
    )


def waste_line(found: Waste, total: int | None, cells: int) -> Line:
    """Return the line of wasted tokens: those of failed and cancelled runs, and their share of `total`, those of all runs.

    The number is a minimum (≥) if some of these runs reported no usage.
    """
    share = f" {formatting.percent(found.tokens / total)}" if found.tokens and total else ""
    number = formatting.count(found.tokens)
    if found.unreported and found.tokens is not None:
        number = f"≥{number}"
    return ink.spread(
        [Span("wasted", "dim"), Span(share, "text")],
        [Span(number, "text" if found.tokens else "dim")],
        cells,
    )
