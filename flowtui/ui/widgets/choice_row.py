"""A row of choices with the chosen one marked, such as time ranges: `time  30m  1h  2h`. Each can be clicked. Pure.

A screen draws `spans` as a part of its line, and asks `place_at` for a click. The choices are the same on all screens that show the
same thing: `TIMES` are the names of time ranges up to now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from flowtui.ui.paint import ink
from flowtui.ui.paint.ink import Span

TIMES: Final = {"30m": 1_800.0, "1h": 3_600.0, "2h": 7_200.0, "6h": 21_600.0, "24h": 86_400.0}
"""Names of time ranges up to now, and their seconds."""

_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """`label`: what is chosen. `chosen`: an index of `names`. `alone`: only the chosen name is shown, for lack of room."""

    label: str
    names: Sequence[str]
    chosen: int
    alone: bool = False

    @classmethod
    def within(cls, cells: int, label: str, names: Sequence[str], chosen: int) -> ChoiceRow:
        """Return a row of at most `cells` cells: with all names, if they fit."""
        row = cls(label, names, chosen)
        return row if row.width <= cells else cls(label, names, chosen, alone=True)

    @property
    def width(self) -> int:
        """Its cells."""
        return ink.width(self.spans)

    @property
    def spans(self) -> list[Span]:
        """The label and the names."""
        spans = [Span(self.label, "dim")]
        for place in self._places:
            role = "tab" if place == self.chosen else "dim"
            spans += [Span(" " * _GAP), Span(self.names[place], role)]
        return spans

    def place_at(self, cell: int) -> int | None:
        """Return the index of the name at a cell of the row, or right beside it; None if there is none.

        A name that is shown alone stands for the next one, the last for the first.
        """
        end = cell_len(self.label)
        for place in self._places:
            begin = end + _GAP
            end = begin + cell_len(self.names[place])
            if begin - 1 <= cell <= end:
                return (place + 1) % len(self.names) if self.alone else place
        return None

    @property
    def _places(self) -> Sequence[int]:
        return [self.chosen] if self.alone else range(len(self.names))
