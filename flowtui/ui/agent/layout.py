"""How the page of an agent is laid out on a screen of some size. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

FRAME: Final = 4
"""Lines of the header, the footer, and the upper and lower border of the frame."""

_TWO_COLUMNS: Final = 130  # least width for reasons beside runs
_TINY: Final = (70, 16)  # below this width, or with fewer lines inside the frame, numbers have small trends
_MARGIN: Final = 2
_LABEL: Final = 12  # cells left of a chart: its name and its scale


class Layout(NamedTuple):
    """The layout of the page.

    `failed`, `time`, `tokens`, `cost`: the lines of each chart; in a `tiny` layout each number is one line with a small
    trend. `spaced`: whether a blank line is between two charts. `two`: whether reasons and runs are side by side. `label`,
    `chart`, `words`: the cells of a chart's name, of the chart, and of the words beside it. `notes`: the most lines of
    reasons and changes above the runs.
    """

    tiny: bool
    failed: int
    time: int
    tokens: int
    cost: int
    spaced: bool
    two: bool
    label: int
    chart: int
    words: int
    notes: int

    def height(self, *, priced: bool) -> int:
        """Return how many lines the charts have, with names above and times below. `priced`: there is a cost."""
        if self.tiny:
            return 5 if priced else 4
        rows = [self.failed, self.time, self.tokens, *([self.cost] if priced else [])]
        return sum(rows) + (len(rows) if self.spaced else 0) + 2


_CHARTS: Final = ((5, 4, 3, 2, True), (4, 3, 2, 2, False), (3, 3, 2, 1, False), (2, 2, 1, 1, False))
_LEAST: Final = (12, 14, 12, 9)  # lines that each of these leaves below the charts, at least


def layout(width: int, height: int, *, priced: bool) -> Layout:
    """Return the layout for a screen of this size."""
    inside, lines = width - 2 - 2 * _MARGIN, height - FRAME
    two = width >= _TWO_COLUMNS
    if width < _TINY[0] or lines < _TINY[1]:
        chart = max(13, min(49, inside - 41))
        return Layout(
            True,
            1,
            1,
            1,
            1,
            spaced=False,
            two=two,
            label=7,
            chart=chart,
            words=max(0, inside - 8 - chart),
            notes=max(0, (lines - 12) // 2),
        )
    words = 41 if two else 38 if inside >= 100 else 22
    for rows, least in zip(_CHARTS, _LEAST, strict=True):
        found = Layout(
            False, *rows, two=two, label=_LABEL, chart=inside - _LABEL - 2 - words, words=words, notes=0
        )
        left = lines - 1 - found.height(priced=priced)
        if left >= (least if two or rows[4] is False else least + 8):
            break
    return found._replace(notes=left if two else max(3, left // 2))
