"""Which columns a table has, in which order and how wide: what somebody chose, as one value. Pure.

Status and run come first and stay: a row without them is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from flowtui.model.columns.columns import COLUMNS, DEFAULT
from flowtui.model.columns.path_columns import MAX_PATHS, is_path, known_names, path_names

FIXED: Final = ("status", "run")
"""The columns that are always there, first."""

MIN_WIDTH: Final = 4
"""Cells of the narrowest column."""

MAX_WIDTH: Final = 200
"""Cells of the widest column."""

_NARROWEST: Final = {"time": 10, "status": 6}  # the bar of a running run, and the sign of a status
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """`order` has every column there is, own ones too, `shown` those that the table has; `widths` are cells by name.

    A column without a width is as wide as its texts take.
    """

    order: tuple[str, ...]
    shown: frozenset[str]
    widths: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the table, in its order."""
        return tuple(name for name in self.order if name in self.shown)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that have to be read from raw runs."""
        return path_names(self.names)

    @property
    def is_default(self) -> bool:
        """Whether nobody chose anything."""
        return self.names == DEFAULT and not self.widths

    @property
    def explicit(self) -> frozenset[str]:
        """The columns that somebody asked for by name or by width: they yield last where it gets narrow."""
        return frozenset((*(self.shown - frozenset(DEFAULT)), *self.widths))

    def toggled(self, name: str) -> ColumnChoice:
        """Return the choice with a column shown, or not."""
        if name in FIXED or name not in self.order:
            return self
        return replace(self, shown=self.shown ^ {name})

    def moved(self, name: str, step: int) -> ColumnChoice:
        """Return the choice with a column `step` places further down."""
        if name in FIXED or name not in self.order:
            return self
        rest = [other for other in self.order if other != name]
        place = min(max(self.order.index(name) + step, len(FIXED)), len(rest))
        return replace(self, order=(*rest[:place], name, *rest[place:]))

    def widened(self, name: str, step: int, now: int) -> ColumnChoice:
        """Return the choice with a column that is `now` cells wide `step` cells wider."""
        cells = self.widths.get(name, now) + step
        cells = min(max(cells, _NARROWEST.get(name, MIN_WIDTH)), MAX_WIDTH)
        return replace(self, widths={**self.widths, name: cells})

    def fitted(self, name: str) -> ColumnChoice:
        """Return the choice with a column as wide as its texts take."""
        return replace(self, widths={other: cells for other, cells in self.widths.items() if other != name})

    def added(self, name: str) -> ColumnChoice:
        """Return the choice with a column shown; one that is new stands before the note, which takes what is left."""
        if name in self.order:
            return replace(self, shown=self.shown | {name})
        note = self.order.index("note")
        order = (*self.order[:note], name, *self.order[note:])
        return replace(self, order=order, shown=self.shown | {name})

    @property
    def full(self) -> bool:
        """Whether there is room for no other own column."""
        return len(path_names(self.order)) >= MAX_PATHS

    def removed(self, name: str) -> ColumnChoice:
        """Return the choice without an own column."""
        if not is_path(name) or name not in self.order:
            return self
        order = tuple(other for other in self.order if other != name)
        return replace(self.fitted(name), order=order, shown=self.shown - {name})


def choose(names: Iterable[str] | None, widths: Mapping[str, int] = _NOTHING) -> ColumnChoice:
    """Return the choice of these columns, None for the default ones; names that there is no column for are left out.

    The others stand where they would by default: each after the one before it.
    """
    known = known_names(DEFAULT if names is None else names)
    order = [*FIXED, *(name for name in known if name not in FIXED)]
    shown = frozenset(order)
    all_names = list(COLUMNS)
    for place, name in enumerate(all_names):
        if name not in order:
            order.insert(order.index(all_names[place - 1]) + 1, name)
    fitting = {
        name: min(max(cells, _NARROWEST.get(name, MIN_WIDTH)), MAX_WIDTH)
        for name, cells in widths.items()
        if name in order
    }
    return ColumnChoice(tuple(order), shown, fitting)
