"""What the dashboard remembers between two starts, for each profile: a small JSON file in the state directory.

No error here stops the dashboard: a broken file is renamed, and if the file cannot be written, nothing is remembered.
The file holds no key and no data from the API. If two processes write to it, the last one wins.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

from flowtui.config.files.config_file import DEFAULT_PROFILE
from flowtui.config.files.private_files import FILE, make_folder, write_atomically
from flowtui.config.files.user_dirs import state_folder
from flowtui.config.values.views import SavedView, read_view

_VERSION: Final = 1
_MAX_BYTES: Final = 1 << 20
_MAX_BROKEN: Final = 9  # most broken files that are renamed and kept
_WIDTH_MAX: Final = 400
_NUMBER_MAX: Final = 10_000
_CHANGING: Final = Lock()  # two threads that change the file at once would each lose what the other writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered for one profile. None means that nothing is remembered for this field.

    `widths`: column -> its width in cells.
    `view`: the name of the saved view that was shown last.
    `views`: name -> view that was saved in the dashboard.
    `view_numbers`: name of a view -> its place in the menu.
    `trouble`: why an existing file could not be used, not display-safe; "" if it was used or is missing.
    """

    theme: str | None = None
    sort: str | None = None
    descending: bool | None = None
    columns: tuple[str, ...] | None = None
    widths: Mapping[str, int] = field(default_factory=dict)
    view: str | None = None
    views: Mapping[str, SavedView] = field(default_factory=dict)
    view_numbers: Mapping[str, int] = field(default_factory=dict)
    trouble: str = field(default="", compare=False)


def memory_path() -> Path:
    """Return the path of the file."""
    return state_folder() / "state.json"


def recall(profile: str = DEFAULT_PROFILE, path: Path | None = None) -> Memory:
    """Return what is remembered for a profile. Missing and invalid values are left out.

    A broken file is renamed. If other users can read the file, they lose this right.
    """
    document, trouble = _read_or_set_aside(path or memory_path())
    own = _table(_table(document.get("profiles")).get(profile))
    # Versions without profiles stored the theme at the top.
    theme = _text(own.get("theme")) or _text(document.get("theme"))
    descending = own.get("descending")
    return Memory(
        theme=theme,
        sort=_text(own.get("sort")),
        descending=descending if isinstance(descending, bool) else None,
        columns=_texts(own.get("columns")),
        widths=_numbers(own.get("widths"), _WIDTH_MAX),
        view=_text(own.get("view")),
        views=_views(own.get("views")),
        view_numbers=_numbers(own.get("view_numbers"), _NUMBER_MAX),
        trouble=trouble,
    )


def remember(profile: str = DEFAULT_PROFILE, *, path: Path | None = None, **changes: Any) -> bool:
    """Change what is remembered for a profile; return whether the file could be written.

    `changes`: fields of `Memory` with their new values, except `views`, `view_numbers` and `trouble`. With None a field is
    forgotten. The file is replaced in one step, and only the user can read it.
    """
    unknown = set(changes) - (set(Memory.__slots__) - {"views", "view_numbers", "trouble"})
    if unknown:
        raise TypeError(f"nothing to remember: {', '.join(sorted(unknown))}")
    return _change(profile, path, lambda own: {**own, **changes})


def save_view(
    profile: str, view: SavedView, *, numbers: Mapping[str, int] | None = None, path: Path | None = None
) -> bool:
    """Save a view. It replaces the view of the same name. Returns whether the file could be written.

    `numbers`: name of each view -> its new place in the menu; None: the places stay as they are.

    Raises:
        TableError: a view cannot have this name.
    """
    view = read_view(view.name, view.as_table())

    def with_it(own: dict[str, Any]) -> dict[str, Any]:
        return {
            **own,
            **_renumbered(numbers),
            "views": {**_table(own.get("views")), view.name: view.as_table()},
        }

    return _change(profile, path, with_it)


def delete_view(
    profile: str, name: str, *, numbers: Mapping[str, int] | None = None, path: Path | None = None
) -> bool:
    """Delete a view. Return True if it existed and the file could be written, else False. `numbers`: see `save_view`."""
    if name not in recall(profile, path).views:
        return False

    def without(own: dict[str, Any]) -> dict[str, Any]:
        views = {other: view for other, view in _table(own.get("views")).items() if other != name}
        return {**own, **_renumbered(numbers), "views": views}

    return _change(profile, path, without)


def _renumbered(numbers: Mapping[str, int] | None) -> dict[str, Any]:
    return {} if numbers is None else {"view_numbers": dict(numbers)}


def _change(profile: str, path: Path | None, change: Any) -> bool:
    path = path or memory_path()
    with _CHANGING:
        document = _read_or_set_aside(path)[0]
        profiles = _table(document.get("profiles"))
        changed = change(_table(profiles.get(profile)))
        own = {name: value for name, value in changed.items() if value is not None}
        return _write(path, {**document, "profiles": {**profiles, profile: own}, "v": _VERSION})


def _read_or_set_aside(path: Path) -> tuple[dict[str, Any], str]:
    """Return the file's content, and ""; if the file is missing, {} and ""; if it cannot be used, {} and why.

    A broken file is renamed.
    """
    try:
        # Non-blocking: if there is a named pipe instead of a file, this would else wait for a writer.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            content = file.read(_MAX_BYTES + 1)
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                path.chmod(FILE)
        import json  # noqa: PLC0415  only if there is a file: the first frame waits for this

        value = json.loads(content) if len(content) <= _MAX_BYTES else None
    except (FileNotFoundError, NotADirectoryError):
        return {}, ""
    except OSError as error:
        return {}, f"{path} cannot be read: {error.strerror}"
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and value.get("v") == _VERSION:
        return value, ""
    return {}, _set_aside(path)


def _set_aside(path: Path) -> str:
    """Rename a broken file. Return a message that says so."""
    names = [path.with_suffix(f".broken{number or ''}.json") for number in range(_MAX_BROKEN)]
    free = next((name for name in names if not os.path.lexists(name)), None)
    try:
        # If all names are taken, replace the oldest: repeated damage must not fill the disk.
        place = free or min(names, key=lambda name: name.lstat().st_mtime)
        path.replace(place)
    except OSError as error:
        return f"{path} is broken and cannot be set aside: {error.strerror}"
    return f"{path} was broken and is now {place.name}: its content is not used"


def _write(path: Path, document: Mapping[str, Any]) -> bool:
    import json  # noqa: PLC0415  after the first frame

    try:
        content = json.dumps(document).encode()
        if len(content) > _MAX_BYTES:
            return False
        make_folder(path.parent, own=path == memory_path())
        write_atomically(path, content)
    except (OSError, ValueError):  # disk full, no permission, or text that UTF-8 cannot encode
        return False
    return True


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        return None
    return tuple(value)


def _numbers(value: Any, most: int) -> dict[str, int]:
    """Return the entries of a table that are whole numbers from 1 to `most`."""
    return {
        name: number
        for name, number in _table(value).items()
        if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= most
    }


def _views(value: Any) -> dict[str, SavedView]:
    views = {}
    for name, written in _table(value).items():
        with suppress(ValueError):  # skips a view that this version cannot read
            views[name] = read_view(name, written)
    return views
