"""Saved views: filter, sort order, columns and grouping under a name, from `[views]` or saved in the dashboard.

Only types are checked here. The model checks whether the filter is valid and the columns exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowtui.config.values import tables
from flowtui.config.values.kinds import Kind
from flowtui.config.values.tables import Reader, TableError

_NAME_MAX: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A saved view. A field that is None changes nothing when the view is shown; the filter "" shows all runs.

    `group` is what the left list groups by. `thread` is the raw id of the thread to choose.
    """

    name: str
    filter: str | None = None
    sort: str | None = None
    descending: bool | None = None
    columns: tuple[str, ...] | None = None
    group: str | None = None
    thread: str | None = None

    def as_table(self) -> dict[str, Any]:
        """Return the view as a table for a file. The name and the fields that are None are left out."""
        table = {name: getattr(self, name) for name in _FIELDS}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in table.items()
            if value is not None
        }


_FIELDS: Final[Mapping[str, Reader]] = {
    "filter": tables.any_text,
    "sort": tables.nonempty_text,
    "descending": tables.boolean,
    "columns": tables.text_list,
    "group": tables.nonempty_text,
    "thread": tables.nonempty_text,
}


def read_views(written: Any) -> dict[str, SavedView]:
    """Return the views in a table, by name.

    Raises:
        TableError: a view is wrong.
    """
    return {
        view_name(name): SavedView(name=name, **found)
        for name, found in tables.entries(written, _view).items()
    }


def read_view(name: str, written: Any) -> SavedView:
    """Return one view. Raises TableError if its name or a value is wrong."""
    return SavedView(name=view_name(name), **_view(written))


def _view(written: Any) -> dict[str, Any]:
    return tables.fields(written, _FIELDS)


def view_name(name: str) -> str:
    """Return `name` if it is one printable line of 1 to 60 characters, else raise TableError."""
    if not name.strip() or len(name) > _NAME_MAX or not name.isprintable():
        raise TableError(f"the name of a view is one line of 1 to {_NAME_MAX} characters")
    return name


def _shown(value: Mapping[str, SavedView]) -> dict[str, Any]:
    return {name: view.as_table() for name, view in value.items()}


VIEWS: Final = Kind(dict[str, Any], read_views, show=_shown)
"""`[views]`: name -> view."""
