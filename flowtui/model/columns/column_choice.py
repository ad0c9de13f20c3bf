"""The user's choice of columns: which are shown, in which order and how wide.

The status and run columns always come first and cannot be hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from flowtui.model.columns.columns import COLUMNS, DEFAULT, PRINTED
from flowtui.model.columns.path_columns import MAX_PATHS, is_own, known_names, own_names, path_names

FIXED: Final = ("status", "run")
"""The columns that are always shown, to the left of all others."""

MIN_WIDTH: Final = 4
"""Least width of a column in terminal cells, unless `_NARROWEST` has a greater one."""

MAX_WIDTH: Final = 200
"""Greatest width of a column in terminal cells."""

# Least widths that leave room for the progress bar and the status sign.
_NARROWEST: Final = {"time": 10, "status": 6}
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """Which columns the table shows, in which order and how wide."""

    order: tuple[str, ...]
    """The names of all columns from the left, including hidden ones and own columns."""
    shown: frozenset[str]
    """The names of the columns in the table."""
    widths: Mapping[str, int] = field(default_factory=dict)
    """Column name → the width that the user chose, in terminal cells.

    A column without such a width is as wide as its widest text, up to `Column.width`.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the shown columns, from the left."""
        return tuple(name for name in self.order if name in self.shown)

    @property
    def exported(self) -> tuple[str, ...]:
        """The names of the columns of a saved or copied table: those of the commands until the user chooses others.

        Programs read these files: another choice of columns for the screen must not change them.
        """
        return PRINTED if self.names == DEFAULT else self.names

    @property
    def paths(self) -> tuple[str, ...]:
        """The names of the shown path columns, whose cells must be read from the raw runs."""
        return path_names(self.names)

    @property
    def is_default(self) -> bool:
        """Whether the columns and widths are the default ones."""
        return self.names == DEFAULT and not self.widths

    @property
    def explicit(self) -> frozenset[str]:
        """The columns that the user added or resized: on a narrow screen they are hidden last."""
        return frozenset((*(self.shown - frozenset(DEFAULT)), *self.widths))

    def toggled(self, name: str) -> ColumnChoice:
        """Return the choice with a hidden column shown, or a shown one hidden. Fixed columns stay shown."""
        if name in FIXED or name not in self.order:
            return self
        return replace(self, shown=self.shown ^ {name})

    def moved(self, name: str, step: int) -> ColumnChoice:
        """Return the choice with a column moved `step` places to the right, or to the left if `step` is negative.

        Fixed columns stay where they are.
        """
        if name in FIXED or name not in self.order:
            return self
        rest = [other for other in self.order if other != name]
        place = min(max(self.order.index(name) + step, len(FIXED)), len(rest))
        return replace(self, order=(*rest[:place], name, *rest[place:]))

    def widened(self, name: str, step: int, now: int) -> ColumnChoice:
        """Return the choice with a column `step` cells wider, or narrower if `step` is negative.

        `now` is the present width of the column on the screen. It counts if the user has not chosen a width.
        """
        cells = _allowed(name, self.widths.get(name, now) + step)
        return replace(self, widths={**self.widths, name: cells})

    def fitted(self, name: str) -> ColumnChoice:
        """Return the choice without the user's width for a column, which is then as wide as its widest text."""
        return replace(self, widths={other: cells for other, cells in self.widths.items() if other != name})

    def added(self, name: str) -> ColumnChoice:
        """Return the choice with a column shown.

        A new own column goes before NOTE, because NOTE fills the rest of the row.
        """
        if name in self.order:
            return replace(self, shown=self.shown | {name})
        note = self.order.index("note")
        order = (*self.order[:note], name, *self.order[note:])
        return replace(self, order=order, shown=self.shown | {name})

    @property
    def full(self) -> bool:
        """Whether there are MAX_PATHS own columns already, including hidden ones."""
        return len(own_names(self.order)) >= MAX_PATHS

    def removed(self, name: str) -> ColumnChoice:
        """Return the choice without an own column; other columns cannot be removed."""
        if not is_own(name) or name not in self.order:
            return self
        order = tuple(other for other in self.order if other != name)
        return replace(self.fitted(name), order=order, shown=self.shown - {name})


def _allowed(name: str, cells: int) -> int:
    return min(max(cells, _NARROWEST.get(name, MIN_WIDTH)), MAX_WIDTH)


def choose(names: Iterable[str] | None, widths: Mapping[str, int] = _NOTHING) -> ColumnChoice:
    """Return the choice that shows the fixed columns and the columns in `names`.

    If `names` is None, the default columns are shown. Unknown names are ignored. In the order, a hidden column follows
    the column that precedes it in `COLUMNS`. `widths` are the widths that the user chose, in terminal cells by name.
    """
    known = known_names(DEFAULT if names is None else names)
    order = [*FIXED, *(name for name in known if name not in FIXED)]
    shown = frozenset(order)
    all_names = list(COLUMNS)
    for place, name in enumerate(all_names):
        if name not in order:
            order.insert(order.index(all_names[place - 1]) + 1, name)
    fitting = {name: _allowed(name, cells) for name, cells in widths.items() if name in order}
    return ColumnChoice(tuple(order), shown, fitting)
