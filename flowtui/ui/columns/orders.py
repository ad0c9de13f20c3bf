"""The orders of the table of runs, chosen from the menu of orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from flowtui.model.columns.path_columns import find_column
from flowtui.model.view.sorting import direction, order_words
from flowtui.model.view.view import SORTABLE, View
from flowtui.ui.base.app_base import AppBase
from flowtui.ui.widgets.order_menu import OrderChoice, OrderEntry, OrderMenu

_LARGEST_FIRST: Final = frozenset({"wait", "time", "tokens"})
"""Columns whose largest values are of interest; others begin in their natural order."""


def choose_order(app: AppBase, view: View, paths: Sequence[str], show: Callable[[View], None]) -> None:
    """Open the menu; `show` gets the view in the chosen order. `paths`: the columns that the user added."""

    def take(chosen: OrderChoice | None) -> None:
        if chosen is not None:
            show(replace(view, sort=chosen.name, descending=is_descending(chosen)))

    app.push_screen(OrderMenu(run_orders(paths), ordered(view.sort, descending=view.descending)), take)


def run_orders(paths: Sequence[str]) -> list[OrderEntry]:
    """Return the orders to choose from. `paths`: the columns that the user added."""
    return [_order(name) for name in (*SORTABLE, *paths)]


def ordered(name: str, *, descending: bool) -> OrderChoice:
    """Return the order of a view; the inverse of `is_descending`."""
    return OrderChoice(name, int(descending != (name in _LARGEST_FIRST)))


def is_descending(chosen: OrderChoice) -> bool:
    """Whether the natural order of the column is reversed in the order that the user chose."""
    return bool(chosen.way) != (chosen.name in _LARGEST_FIRST)


def is_descending_at_first(name: str) -> bool:
    """Whether the natural order of a column is reversed in the order that the menu offers first."""
    return is_descending(OrderChoice(name))


def _order(name: str) -> OrderEntry:
    column, falls = find_column(name), name in _LARGEST_FIRST
    ways = [order_words(column, descending=descending) for descending in (falls, not falls)]
    return OrderEntry(name, ways, direction(column, descending=falls) == "desc")
