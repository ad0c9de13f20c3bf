"""The token totals of the rows: sums, how many runs they cover, cost, wasted tokens, and the token rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Sparkline

from flowtui import formatting
from flowtui.formatting import UNKNOWN
from flowtui.model.run.cost import Total, Waste
from flowtui.model.stats.live_tokens import LiveSum
from flowtui.model.stats.thread_totals import Sums
from flowtui.model.stats.token_rate import SPAN
from flowtui.model.stats.totals import Totals
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span
from flowtui.ui.widgets.line_pane import LinePane

_SPARK: Final = 2  # most lines of the sparkline


def totals_lines(
    found: Totals, cells: int, *, brief: bool = False, live: LiveSum | None = None
) -> list[Line]:
    """Return lines with the token sums, and below them how many runs reported usage. Without any report a sum is —.

    `live`: what spans show of runs without a report, on a line of its own; None: no such line.
    If `brief` is True, the lines of prompt and completion tokens are left out.
    """
    parts = [] if brief else [("prompt", found.prompt), ("completion", found.completion)]
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


def unread_lines(cells: int, *, brief: bool = False, priced: bool = False) -> list[Line]:
    """Return the lines for the time before any run was read. They are the same lines, but with — instead of numbers."""
    names = ["total"] if brief else ["prompt", "completion", "total"]
    rest = ["cost", "wasted"] if priced else ["wasted"]

    def line(name: str) -> Line:
        return ink.spread([Span(name, "dim")], [Span(formatting.UNKNOWN, "dim")], cells)

    return [*map(line, names), ink.line(("nothing read yet", "dim")), *map(line, rest)]


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


def pace_line(per_minute: int | None) -> Line:
    """Return the line with the tokens of the last minute; if `per_minute` is None, with — instead."""
    return ink.line((formatting.short_count(per_minute), "strong"), (" tokens/min", "dim"))


def levels(bins: Sequence[int], lines: int) -> list[float]:
    """Return heights for the sparkline's bars, rounded to the steps that `lines` lines can show.

    A smaller change does not change the result, so that nothing is painted again.
    """
    least, steps = min(bins, default=0), 8 * max(1, lines) - 1
    extent = max(bins, default=0) - least or 1
    return [float((value - least) * steps // extent) for value in bins]


class Room(NamedTuple):
    """What fits into the pane. `spark`: how many lines of sparkline; 0 for none.

    `pace`: whether the token rate fits.
    `parts`: whether the lines of prompt and completion tokens fit.
    """

    spark: int
    pace: bool
    parts: bool


def room_for(height: int, lines: int) -> Room:
    """Return what fits into a pane of `height` lines. `lines`: how many lines all sums take.

    Left out first is the sparkline, next the rate, and last the lines of prompt and completion tokens. Without these
    two lines there may be room for the rate again.
    """
    spark = min(_SPARK, height - lines - 1)
    if spark > 0:
        return Room(spark, pace=True, parts=True)
    if height >= lines:
        return Room(0, pace=height > lines, parts=True)
    return Room(0, pace=height > lines - 2, parts=False)


class TotalsPane(Vertical):
    """Shows the sums, and below them the token rate of the last ten minutes as a sparkline."""

    DEFAULT_CSS = "TotalsPane > LinePane { height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.sums = Sums()
        """The sums to show; set before `show`."""
        self.live = LiveSum()
        """What spans show of runs that report no usage yet; set before `show`."""
        self._ever_live = False

    def compose(self) -> ComposeResult:
        yield LinePane(id="sums")
        spark = Sparkline([0.0] * 2, summary_function=max)
        spark.display = False  # until `show`: on an ASCII terminal it never comes
        yield spark
        yield LinePane(id="pace")

    def on_mount(self) -> None:
        """Make sure that the pane never gets the focus, because it has no keys."""
        for lines in self.query(LinePane):
            lines.can_focus = False

    @property
    def text(self) -> str:
        """The text of the pane, without colours."""
        return "\n".join(lines.text for lines in self.query(LinePane) if lines.display)

    @property
    def bins(self) -> int:
        """How many bars the sparkline has."""
        return max(2, self.size.width)

    def show(self, per_minute: int | None, bins: Sequence[int], *, read: bool = True) -> None:
        """Show the sums and the token rate.

        `per_minute`: the tokens of the last minute; None: unknown.
        `bins`: the tokens of each of the equal parts into which the last ten minutes are divided.
        `read`: whether a run was read; if not, every number is shown as unknown.
        """
        found, cells = self.sums, max(10, self.size.width)
        priced = [] if found.costs is None else [cost_line(found.costs.total, cells)]
        rest = [*priced, waste_line(found.waste, found.totals.total, cells)]
        # Once there were live tokens, their line stays, so that the pane does not change its shape with each run.
        self._ever_live = self._ever_live or bool(self.live.runs)
        live = self.live if self._ever_live else None
        room = room_for(self.size.height, len(rest) + 4 + self._ever_live)
        lines = [*totals_lines(found.totals, cells, brief=not room.parts, live=live), *rest]
        if not read:
            lines = unread_lines(cells, brief=not room.parts, priced=bool(priced))
        self._lay_out(room, len(lines))
        self.query_one("#sums", LinePane).show(lines)
        self.query_one("#pace", LinePane).show([pace_line(per_minute)])
        spark = self.query_one(Sparkline)
        spark.visible = read  # a flat line would mean that no tokens were used
        data = levels(bins, spark.size.height)
        if list(spark.data or ()) != data:
            spark.data = data
        spark.tooltip = f"tokens in the last {SPAN / 60:.0f} minutes"

    def _lay_out(self, room: Room, lines: int) -> None:
        self.query_one("#sums").styles.height = lines
        spark, pace = self.query_one(Sparkline), self.query_one("#pace")
        spark.styles.height = max(1, room.spark)
        spark.display = bool(room.spark) and not self.app.has_class("-ascii")
        pace.styles.height = 1
        pace.display = room.pace
