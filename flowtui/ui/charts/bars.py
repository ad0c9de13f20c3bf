"""Bars in one line: a length, shares of a whole, a value against its usual range. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowtui.model.run.row import CANCELLED, FAILED
from flowtui.ui.charts.columns import is_known
from flowtui.ui.charts.signs import ChartSigns
from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

_HUGE: Final = 1e300
"""Shares of amounts beyond it are taken as if the amounts were this large: sums of such numbers are infinite."""


class Part(NamedTuple):
    """A part of a whole. `kind`: `completed`, `failed`, `cancelled` or `plain`, see `theme.AREAS`."""

    amount: float | None
    kind: str
    quiet: bool = False
    """Drawn less bright, for failures that are as usual."""

    @property
    def role(self) -> str:
        """The colour."""
        return f"area-{self.kind}{'-quiet' if self.quiet and self.kind == FAILED else ''}"


def _amount(value: float | None) -> float:
    if value is None or not is_known(value) or value <= 0:
        return 0.0
    return float(min(value, _HUGE))


def filled(value: float | None, whole: float | None, cells: int) -> int:
    """Return how many of `cells` cells a value fills, if `whole` fills all: at least one if it is above 0."""
    amount, all_of_it = _amount(value), _amount(whole)
    if not amount or cells <= 0:
        return 0
    return cells if amount >= all_of_it else max(1, min(cells, math.floor(amount / all_of_it * cells + 0.5)))


def length_bar(
    value: float | None, whole: float | None, cells: int, signs: ChartSigns, role: str = "bar"
) -> Line:
    """Return a value as a part of a track, of which `whole` fills all."""
    part = filled(value, whole, cells)
    return ink.joined([(signs.band, role)] * part + [(signs.track, "track")] * max(0, cells - part))


def share_cells(amounts: Sequence[float | None], cells: int) -> list[int]:
    """Return how many cells each amount gets. They fill `cells`, unless there is nothing to share.

    Cells are given by largest remainder, but what is above 0 gets at least one. If there are fewer cells than such
    amounts, the largest ones get one each.
    """
    known = [_amount(amount) for amount in amounts]
    most = max(known, default=0.0)
    cells = max(0, cells)
    if not most or not cells:
        return [0] * len(known)
    parts = [amount / most for amount in known]  # sums of huge amounts would be infinite
    order = sorted(range(len(parts)), key=lambda place: (-parts[place], place))
    some = [place for place in order if known[place]][:cells]
    given = [0] * len(parts)
    for place in some:
        given[place] = 1
    whole = math.fsum(parts[place] for place in some)
    exact = {place: parts[place] / whole * cells for place in some}
    for place in some:
        given[place] = max(1, math.floor(exact[place]))
    by_rest = sorted(some, key=lambda place: (given[place] - exact[place], place))
    spare = cells - sum(given)
    for place in by_rest[: max(0, spare)]:
        given[place] += 1
    while sum(given) > cells:  # the cells of small amounts are taken from those that have most too many
        place = max(
            (place for place in some if given[place] > 1), key=lambda place: given[place] - exact[place]
        )
        given[place] -= 1
    return given


def share_bar(parts: Sequence[Part], cells: int, signs: ChartSigns) -> Line:
    """Return a bar of exactly `cells` cells in which each part has its share; a track if there is nothing to share."""
    given = share_cells([part.amount for part in parts], cells)
    if not any(given):
        return ink.joined([(signs.track, "track")] * max(0, cells))
    made = [(_sign(part.kind, signs), part.role) for part in parts]
    return ink.joined(each for each, count in zip(made, given, strict=True) for _ in range(count))


def _sign(kind: str, signs: ChartSigns) -> str:
    return {FAILED: signs.failed_share, CANCELLED: signs.cancelled_share}.get(kind, signs.share)


def legend(parts: Sequence[tuple[str, str]], cells: int, signs: ChartSigns) -> Line:
    """Return the line that explains the (kind, word) pairs of a bar with shares. Only the signs have colours."""
    spans: list[Span] = []
    for kind, word in parts:
        entry = [Span(_sign(kind, signs), f"area-{kind}"), Span(f" {word}", "dim")]
        if spans:
            entry.insert(0, Span("   ", "dim"))
        if ink.width((*spans, *entry)) <= cells:
            spans += entry
    return tuple(spans)


def band(
    value: float | None,
    usual: tuple[float, float] | None,
    top: float,
    cells: int,
    signs: ChartSigns,
    *,
    grows: bool = False,
) -> Line:
    """Return a value as a dot on a track from 0 to `top`, with its usual range as a band; None: not known.

    In its range the dot is plain, outside it is in the colour of warnings. `grows`: the value may become larger, so that a
    small one is plain too.
    """
    if cells <= 0:
        return ink.BLANK
    made = [(signs.track, "track")] * cells
    if usual is not None and all(map(is_known, usual)):
        first, last = sorted((_place(usual[0], top, cells), _place(usual[1], top, cells)))
        made[first : last + 1] = [(signs.band, "dim")] * (last + 1 - first)
    if value is not None and is_known(value):
        low = grows and usual is not None and value < min(usual)
        warns = is_unusual(value, usual) and not low
        made[_place(value, top, cells)] = (signs.dot, "warn" if warns else "strong")
    return ink.joined(made)


def is_unusual(value: float | None, usual: tuple[float, float] | None) -> bool:
    """Return whether a known value is outside its known usual range."""
    if value is None or usual is None or not all(map(is_known, (value, *usual))):
        return False
    return not min(usual) <= value <= max(usual)


def _place(value: float, top: float, cells: int) -> int:
    amount, whole = _amount(value), _amount(top)
    return cells - 1 if amount >= whole > 0 else math.floor(amount / whole * cells) if whole else 0
