"""Views by name: those that are built in, and the way from a view on the screen to one that is kept, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from flowtui.config.views import SavedView
from flowtui.model.groups import GROUPINGS, Grouping
from flowtui.model.own_columns import known_names
from flowtui.model.query_tree import Compare, written
from flowtui.model.view import Only, View

Origin = Literal["own", "config", "built in"]

BUILT_IN: Final = (
    SavedView(name="all", filter="", sort="age", group="thread"),
    SavedView(name="active", filter="status:active"),
    SavedView(name="problems", filter="has:error or has:finding or status:unknown"),
    SavedView(name="failed in the last hour", filter="status:failed ended>now-1h", sort="age"),
    SavedView(name="waiting", filter="status:queued", sort="wait", descending=True),
    SavedView(name="most tokens", filter="", sort="tokens", descending=True),
)
"""The views that are always there."""

_ONLY: Final[Mapping[Only, str]] = {
    "all": "",
    "active": "status:active",
    "problems": BUILT_IN[2].filter or "",
}


class Listed(NamedTuple):
    """A view and where it comes from: only somebody's own ones can be changed here."""

    view: SavedView
    origin: Origin


def listed(
    configured: Mapping[str, SavedView] | None, remembered: Mapping[str, SavedView]
) -> tuple[Listed, ...]:
    """Return all views, one of each name: somebody's own, those of the config file, those that are built in."""
    found: dict[str, Listed] = {view.name: Listed(view, "own") for view in remembered.values()}
    for view in (configured or {}).values():
        found.setdefault(view.name, Listed(view, "config"))
    for view in BUILT_IN:
        found.setdefault(view.name, Listed(view, "built in"))
    return tuple(found.values())


def shown_by(saved: SavedView, view: View) -> View:
    """Return what a kept view shows; of what it does not speak of, the view as it is now holds."""
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


def kept_as(name: str, view: View, columns: tuple[str, ...] | None = None) -> SavedView:
    """Return a view as it is kept under a name: what only keys chose becomes part of its filter.

    `columns` None leaves the columns as they are then.
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
