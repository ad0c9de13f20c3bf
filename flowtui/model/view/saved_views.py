"""Saved views: the built-in ones, the list of all, and the conversion between a `View` and a `SavedView`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from flowtui.config.values.views import SavedView
from flowtui.model.columns.path_columns import known_names
from flowtui.model.query.tree import Compare, written
from flowtui.model.view.groups import GROUPINGS, Grouping
from flowtui.model.view.view import Only, View

Origin = Literal["own", "config", "built in"]

_PROBLEMS: Final = "has:error or has:finding or status:unknown"

BUILT_IN: Final = (
    SavedView(name="all", filter="", sort="age", group="thread"),
    SavedView(name="active", filter="status:active"),
    SavedView(name="problems", filter=_PROBLEMS),
    SavedView(name="failed in the last hour", filter="status:failed ended>now-1h", sort="age"),
    SavedView(name="waiting", filter="status:queued", sort="wait", descending=True),
    SavedView(name="most tokens", filter="", sort="tokens", descending=True),
)
"""The views that need no configuration."""

DIGITS: Final = 9
"""The number of views that have a digit key."""

_ONLY: Final[Mapping[Only, str]] = {"all": "", "active": "status:active", "problems": _PROBLEMS}


class ListedView(NamedTuple):
    """A view in the menu of views."""

    view: SavedView
    """The view."""
    origin: Origin
    """Where the view comes from. In the menu, the user can change only views of origin `own`."""
    number: int = 0
    """The number of the view in the menu; up to 9 it is the digit key that shows the view."""


def list_views(
    configured: Mapping[str, SavedView] | None,
    remembered: Mapping[str, SavedView],
    numbers: Mapping[str, int] | None = None,
) -> tuple[ListedView, ...]:
    """Return all views by number: those of the config file, the built-in ones and the user's own.

    `configured` are the views of the config file, `remembered` the user's own. Of several views with the same name only
    one is listed: the user's own or, if there is none, that of the config file.

    `numbers` are the earlier numbers of own views. They keep these numbers, so that a digit key always shows the same
    view. A new own view gets the number after the greatest one. If that is no digit, it gets the first free digit.
    """
    fixed = {name: ListedView(view, "config") for name, view in (configured or {}).items()}
    for view in BUILT_IN:
        fixed.setdefault(view.name, ListedView(view, "built in"))
    found = [
        ListedView(remembered[name], "own", number) if name in remembered else each._replace(number=number)
        for number, (name, each) in enumerate(fixed.items(), 1)
    ]
    taken = {each.number for each in found}
    own = [name for name in remembered if name not in fixed]
    for name in sorted(own, key=lambda name: name not in (numbers or {})):  # those with a number come first
        number = (numbers or {}).get(name, 0)
        if number <= len(fixed) or number in taken:
            number = _next(taken)
        taken.add(number)
        found.append(ListedView(remembered[name], "own", number))
    return tuple(sorted(found, key=lambda each: each.number))


def _next(taken: set[int]) -> int:
    """Return the number for a new view: the one after the greatest taken number.

    If that is no digit, return the first free digit if there is one.
    """
    behind = max(taken, default=0) + 1
    return behind if behind <= DIGITS else next((n for n in range(1, DIGITS + 1) if n not in taken), behind)


def own_numbers(views: Iterable[ListedView]) -> dict[str, int]:
    """Return the numbers of the user's own views, by name."""
    return {each.view.name: each.number for each in views if each.origin == "own"}


def apply_saved_view(saved: SavedView, view: View) -> View:
    """Return the current view changed by a saved one; what the saved view does not set stays as it is."""
    changed = view
    if saved.filter is not None:
        changed = replace(changed, text=saved.filter, only="all")
    if saved.sort is not None and known_names((saved.sort,)):
        changed = replace(changed, sort=saved.sort, descending=bool(saved.descending))
    elif saved.descending is not None:
        changed = replace(changed, descending=saved.descending)
    if saved.thread is not None:
        return replace(changed, group=Grouping("thread", saved.thread))
    by = next((each for each in GROUPINGS if each == saved.group), None)
    return replace(changed, group=Grouping(by)) if by is not None else changed


def save_view(name: str, view: View, columns: tuple[str, ...] | None = None) -> SavedView:
    """Return a view to be saved under a name. What the user chose with keys becomes part of the filter.

    `columns` are the columns that the saved view will show. With None, it will leave the columns as they are.
    """
    by, member = view.group
    of_group = ""
    if by != "thread" and member is not None:
        of_group = written(Compare(by, "=", member)) if member else f"not has:{by}"
    conditions = [text for text in (_ONLY[view.only], of_group, view.text.strip()) if text]
    whole = conditions if len(conditions) < 2 else [f"({text})" for text in conditions]
    return SavedView(
        name=name,
        filter=" ".join(whole),
        sort=view.sort,
        descending=view.descending,
        columns=columns,
        group=by,
        thread=member if by == "thread" else None,
    )
