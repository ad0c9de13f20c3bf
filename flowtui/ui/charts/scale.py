"""The top of a scale: a round number that never shrinks while the user looks. Pure."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from flowtui.ui.charts.columns import is_known
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

Unit = Literal["count", "seconds", "share", "amount"]
"""`count`: whole numbers. `share`: 0 to 1. `amount`: other numbers, such as money."""

_ROUND: Final = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TIMES: Final = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45),
    *(60 * minutes for minutes in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45)),
    *(3600 * hours for hours in (1, 2, 3, 4, 6, 8, 12, 18)),
)  # seconds
_DAY: Final = 86_400.0
_LEAST: Final[Mapping[Unit, float]] = {"count": 1.0, "seconds": 1.0, "share": 0.05, "amount": 0.01}
_LARGEST: Final = sys.float_info.max


def largest(*series: Iterable[float | None]) -> float:
    """Return the largest value that is known and finite; 0 if there is none."""
    found = 0.0
    for values in series:
        for value in values:
            if value is not None and is_known(value) and value > found and value != math.inf:
                found = _number(value)
    return found


def round_top(value: float, unit: Unit = "amount") -> float:
    """Return the round number at or above a value to which a scale goes; a share never goes beyond 1.

    For 0 and for what is not finite, it is the smallest one: 1 run, 1 second, 5 %, 0.01.
    """
    number = _number(value)
    least = _LEAST[unit]
    if not math.isfinite(number) or number <= least:
        return least
    if unit == "share" and number >= 1:
        return 1.0
    if unit == "seconds" and number <= _TIMES[-1]:
        return float(next(time for time in _TIMES if time >= number))
    if unit == "seconds":
        return min(_rounded(number / _DAY, whole=True) * _DAY, _LARGEST)
    return _rounded(number, whole=unit == "count")


def _rounded(number: float, *, whole: bool) -> float:
    power = math.floor(math.log10(number))
    for step in _ROUND:
        # Written as text, 0.3 is 0.3 and not 0.30000000000000004.
        top = float(f"{step:g}e{power}")
        if top >= number and not (whole and top % 1):
            return min(top, _LARGEST)
    return min(float(f"1e{power + 1}"), _LARGEST)


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return _LARGEST


class Split(NamedTuple):
    """How the lines of a chart with columns up and down are divided. Each line is worth the same."""

    up: int
    """How many lines are above."""
    down: int
    """How many lines are below."""
    top: float
    """What fills the lines above, a round number."""

    @property
    def rows(self) -> tuple[int, int]:
        """The lines above and below."""
        return self.up, self.down

    @property
    def bottom(self) -> float:
        """What fills the lines below."""
        return self.top / self.up * self.down if self.up else self.top


def split(up: float, down: float, rows: int, unit: Unit = "count") -> Split:
    """Return how to divide `rows` lines so that the largest column up and the largest one down fit at one scale.

    There is always a line for each, from two lines on.
    """
    if rows < 2:
        return Split(max(0, rows), 0, round_top(up, unit))
    best = min(range(1, rows), key=lambda below: (max(up / (rows - below), down / below), below))
    above = rows - best
    return Split(above, best, round_top(max(up, down / best * above), unit))


class Scales:
    """The scales of one screen. They grow with the data and never shrink, until the user looks at something else."""

    def __init__(self) -> None:
        self._tops: dict[str, float] = {}
        self._splits: dict[str, tuple[Split, float, float]] = {}

    def forget(self) -> None:
        """Start again, because the user looks at something else: another time range, another agent."""
        self._tops.clear()
        self._splits.clear()

    def top(self, name: str, value: float, unit: Unit = "amount") -> float:
        """Return the top of the scale called `name`, on which `value` is the largest one now."""
        self._tops[name] = max(self._tops.get(name, 0.0), round_top(value, unit))
        return self._tops[name]

    def split(self, name: str, up: float, down: float, rows: int, unit: Unit = "count") -> Split:
        """Return how the lines of the chart called `name` are divided; see the function `split`."""
        kept = self._splits.get(name)
        if kept is not None:
            found, most_up, most_down = kept
            up, down = max(up, most_up), max(down, most_down)
            if sum(found.rows) == rows and up <= found.top and down <= found.bottom:
                return found
        self._splits[name] = (split(up, down, rows, unit), up, down)
        return self._splits[name][0]


def scale_column(words: Mapping[int, str], rows: int, cells: int) -> list[Line]:
    """Return the texts beside a chart of `rows` lines, such as `{0: "40%", 3: "0"}`, to the right in `cells` cells."""
    return [(Span(ink.fit(words.get(row, ""), cells, "right"), "dim"),) for row in range(rows)]
