"""Tokens of the rows shown: sums with what they cover, and the pace as a sparkline."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Sparkline

from flowtui import formatting
from flowtui.model.pace import SPAN
from flowtui.model.stats import Totals
from flowtui.ui import ink
from flowtui.ui.ink import Line, Span
from flowtui.ui.lines import Lines


def totals_lines(totals: Totals, cells: int) -> list[Line]:
    """Return the sums, `cells` wide. A sum says how many runs it covers; what nobody reported is —."""
    rows = (("prompt", totals.prompt), ("completion", totals.completion), ("total", totals.total))
    lines = [
        ink.spread(
            [Span(name, "dim")],
            [Span(formatting.count(value), "strong" if name == "total" else "text")],
            cells,
        )
        for name, value in rows
    ]
    said = (
        f"{totals.reported:,} of {totals.runs:,} runs reported",
        f"{totals.reported:,} of {totals.runs:,} reported",
        f"{totals.reported:,}/{totals.runs:,} reported",
    )
    fitting = next((text for text in said if len(text) <= cells), said[-1])
    return [*lines, ink.line((fitting, "dim"))]


def pace_line(per_minute: int | None) -> Line:
    """Return the tokens of the last minute in a line; None while nothing has been seen."""
    return ink.line((formatting.short_count(per_minute), "strong"), (" tokens/min", "dim"))


class TotalsPane(Vertical):
    """Sums above, the pace of the last ten minutes below."""

    DEFAULT_CSS = """
    TotalsPane > Sparkline { height: 2; }
    TotalsPane > Lines { height: auto; }
    """

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield Lines(id="sums")
        yield Sparkline([0.0] * 2, summary_function=max)
        yield Lines(id="pace")

    def on_mount(self) -> None:
        """Keys have nothing to do here."""
        for lines in self.query(Lines):
            lines.can_focus = False
        self.query_one("#sums").styles.height = 4
        self.query_one("#pace").styles.height = 1

    @property
    def text(self) -> str:
        """What the pane says, without colours."""
        return "\n".join(lines.text for lines in self.query(Lines))

    @property
    def bins(self) -> int:
        """How many bars the sparkline has room for."""
        return max(2, self.size.width)

    def show(self, totals: Totals, per_minute: int | None, bins: Sequence[int]) -> None:
        """Show the sums and the pace."""
        self.query_one("#sums", Lines).show(totals_lines(totals, max(10, self.size.width)))
        self.query_one("#pace", Lines).show([pace_line(per_minute)])
        spark = self.query_one(Sparkline)
        data = [float(value) for value in bins]
        if list(spark.data or ()) != data:
            spark.data = data
        spark.tooltip = f"tokens in the last {SPAN / 60:.0f} minutes"
