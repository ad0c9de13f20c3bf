"""What the lines of the gate's screen depend on besides the answer: room, characters, time zone. Pure."""

from __future__ import annotations

from datetime import tzinfo
from typing import Final, NamedTuple

from flowtui.model.gate import FAIL, INCONCLUSIVE, PASS
from flowtui.model.run.row import COMPLETED, FAILED, QUEUED
from flowtui.ui.charts.scale import Scales
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint.glyphs import Glyphs
from flowtui.ui.paint.ink import Line, Span

MARGIN: Final = 2
"""Cells left and right of the text."""

WIDE: Final = 104
"""Cells from which a comparison is two lines with columns; below it takes three."""

TWO_COLUMNS: Final = 126
"""Cells from which agents and new failures are side by side."""

TALL: Final = 28
"""Lines from which the banner has empty lines, and sections are apart."""

WORDS: Final = {PASS: "PASS", FAIL: "FAIL", INCONCLUSIVE: "UNDECIDED"}
"""Verdict → its word for people."""

_ROLES: Final = {PASS: "good", FAIL: "bad", INCONCLUSIVE: "warn"}
_SIGNS: Final = {PASS: COMPLETED, FAIL: FAILED, INCONCLUSIVE: QUEUED}


class Style(NamedTuple):
    """`cells`, `height`: the room. `scales`: of the tracks.

    `as_of`: when old data was read (server's clock), so that nothing has a colour; None: the data is live.
    """

    cells: int
    height: int
    signs: ChartSigns
    glyphs: Glyphs
    zone: tzinfo | None
    scales: Scales
    as_of: float | None = None

    @property
    def quiet(self) -> bool:
        """Whether the data is old."""
        return self.as_of is not None

    @property
    def room(self) -> int:
        """The cells between the margins."""
        return max(20, self.cells - 2 * MARGIN)

    @property
    def wide(self) -> bool:
        """Whether a comparison is shown in columns."""
        return self.cells >= WIDE

    @property
    def tall(self) -> bool:
        """Whether there is room for empty lines."""
        return self.height >= TALL

    def role(self, verdict: str) -> str:
        """Return the colour of a verdict."""
        return "dim" if self.quiet else _ROLES[verdict]

    def banner(self, verdict: str) -> str:
        """Return the name of the verdict's banner, see `theme.BANNERS`."""
        return "quiet" if self.quiet else _ROLES[verdict]

    def sign(self, verdict: str) -> str:
        """Return the sign of a verdict."""
        return self.glyphs.status[_SIGNS[verdict]]


def indented(line: Line, cells: int = MARGIN) -> Line:
    """Return a line behind the margin."""
    return (Span(" " * cells), *line)
