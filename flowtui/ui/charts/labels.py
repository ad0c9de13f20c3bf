"""Texts on one line, each at a cell of a chart, that never overlap. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from rich.cells import cell_len

from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Line, Span

Place = Literal["before", "after", "around"]
"""Where a text goes: it ends at its cell, begins there, or has it in its middle."""

_LEAST: Final = 4
"""The fewest cells to which a text is cut; for less room it is left out."""

_MOVES: Final = 3


class Labels:
    """A line of `cells` cells. The most important text is put first; a later one takes the room that is left."""

    def __init__(self, cells: int) -> None:
        self._cells = max(0, cells)
        self._free = [True] * self._cells
        self._texts: dict[int, tuple[str, str]] = {}

    def put(
        self,
        text: str,
        role: str,
        cell: int,
        places: Sequence[Place],
        *,
        gap: int = 1,
        least: int = 0,
        exact: bool = False,
    ) -> bool:
        """Write a display-safe text at a cell, and return whether there was room.

        The first of `places` with room is taken; `gap` cells stay free on both sides. A text is moved by up to two cells,
        and at an end of the line inwards, unless it must be `exact`. If there is room nowhere, the text is cut to what is
        free next to the cell, but not to fewer than `least` cells; with 0 it is never cut.
        """
        wide = cell_len(text)
        if not 0 <= cell < self._cells or not wide:
            return False
        for place in places:
            for move in range(1 if exact else _MOVES):
                wanted = _start(place, cell, wide) + (-move if place == "before" else move)
                start = min(max(0, wanted), self._cells - wide)
                if start >= 0 and (start == wanted or not exact) and self._room(start, wide, gap):
                    self._write(text, role, start)
                    return True
        return bool(least) and self._put_cut(text, role, cell, gap, max(least, _LEAST))

    def take(self, cell: int, text: str, role: str) -> None:
        """Write a text of one cell where it must be, such as a sign; what was put there before is lost."""
        if 0 <= cell < self._cells:
            self._write(text, role, cell)

    def line(self) -> Line:
        """Return the line; it ends with its last text."""
        cells: list[Span] = []
        at = 0
        for start, (text, role) in sorted(self._texts.items()):
            if start > at:
                cells.append(Span(" " * (start - at), "text"))
            cells.append(Span(text, role))
            at = start + cell_len(text)
        return tuple(cells)

    def _room(self, start: int, wide: int, gap: int) -> bool:
        return all(self._free[max(0, start - gap) : start + wide + gap])

    def _write(self, text: str, role: str, start: int) -> None:
        self._texts[start] = (text, role)
        self._free[start : start + cell_len(text)] = [False] * cell_len(text)

    def _put_cut(self, text: str, role: str, cell: int, gap: int, least: int) -> bool:
        """Write as much of the text as fits between its neighbours; it covers its cell."""
        first, last = cell, cell
        if not self._room(cell, 1, gap):
            return False
        while first > 0 and self._room(first - 1, 1, gap):
            first -= 1
        while last + 1 < self._cells and self._room(last + 1, 1, gap):
            last += 1
        if last - first + 1 < min(least, cell_len(text)):
            return False
        said = ink.cut(text, last - first + 1)
        self._write(said, role, min(max(first, cell - cell_len(said) + 1), last - cell_len(said) + 1))
        return True


def _start(place: Place, cell: int, wide: int) -> int:
    if place == "before":
        return cell - wide + 1
    return cell if place == "after" else cell - wide // 2
