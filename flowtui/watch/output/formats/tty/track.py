"""Draws a value with its interval and a limit on a track, from 0 to a round number. Bars of done work, too."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from flowtui.watch.output.formats.tty.signs import Signs
from flowtui.watch.output.formats.tty.spans import Line
from flowtui.watch.output.terminal import Span

_ROUND: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_AIR: Final = 1.1  # the end of a track lies so far beyond the greatest number


class Estimate(NamedTuple):
    """A value with its interval. `low` or `high` None: not known yet. `value` None: unknown."""

    value: float | None
    low: float | None
    high: float | None


def end_of_track(numbers: list[float | None], *, most: float = math.inf) -> float:
    """Return the round number at which a track ends that shows all `numbers`; at most `most`, such as 1.0 for a share."""
    greatest = max(
        (number for number in numbers if number is not None and math.isfinite(number)), default=0.0
    )
    if greatest <= 0:
        return min(1.0, most)
    wanted = greatest * _AIR
    unit = 10.0 ** math.floor(math.log10(wanted))
    return min(most, next(step * unit for step in _ROUND if step * unit >= wanted * (1 - 1e-9)))


def place_of(number: float, end: float, cells: int) -> int:
    """Return the cell of a number on a track with `cells` cells that ends at `end`."""
    return min(cells - 1, max(0, round(number / end * (cells - 1))))


def track(found: Estimate, limit: float | None, cells: int, signs: Signs, *, end: float, tone: str) -> Line:
    """Return a track from 0 to `end`. `tone` is that of the interval and the value; the rest of the track is quiet."""
    marks = [signs.rail] * cells
    tones = ["quiet"] * cells
    if found.value is not None:
        low = 0 if found.low is None else place_of(found.low, end, cells)
        high = cells - 1 if found.high is None else place_of(found.high, end, cells)
        known = found.low is not None or found.high is not None
        for cell in range(low, high + 1) if known else ():
            marks[cell], tones[cell] = signs.part, tone
        at = place_of(found.value, end, cells)
        marks[at], tones[at] = signs.value, tone
    if limit is not None and limit <= end:
        at = place_of(limit, end, cells)
        marks[at], tones[at] = signs.limit, "head"
    return _spans(marks, tones)


def bar(done: float, total: float, cells: int, tone: str, signs: Signs) -> Line:
    """Return a bar of what is done. It is full only if all is done, and has a cell as soon as something is."""
    full = cells if total <= 0 or done >= total else min(cells - 1, round(done / total * cells))
    full = max(full, 1) if done > 0 else 0 if total > 0 else cells
    return _spans(
        [signs.part] * full + [signs.rail] * (cells - full), [tone] * full + ["quiet"] * (cells - full)
    )


def _spans(marks: list[str], tones: list[str]) -> Line:
    """Return signs with their tones, neighbours of one tone together."""
    line: Line = []
    for mark, tone in zip(marks, tones, strict=True):
        if line and line[-1].tone == tone:
            line[-1] = Span(line[-1].text + mark, tone)
        else:
            line.append(Span(mark, tone))
    return line
