"""Marks: names for moments, such as that of a deployment, by profile. A small JSON file of its own in the state directory.

A pipeline rests on them, so unlike what the dashboard remembers nothing is lost in silence: what cannot be written
raises, what cannot be read is set aside and said. Two writers at once wait for each other. Holds no key, asks no
clock but for how long to wait.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from flowtui.config.file import DEFAULT_PROFILE
from flowtui.config.homes import state_folder
from flowtui.config.private_files import append, make_folder, write_whole
from flowtui.errors import ConfigError, UsageError

MOST: Final = 500
"""Marks kept a profile: the newest."""

AGENT: Final = "agent:"
"""How the name begins of a mark that an agent's last deployment is."""

_VERSION: Final = 1
_MAX_BYTES: Final = 1 << 20
_NAME_MAX: Final = 80
_ASIDE: Final = 99  # broken files kept beside each other
_LOCK_WAIT: Final = 5.0  # seconds
_LOCK_AGAIN: Final = 0.02  # seconds
_YEAR_10000: Final = 253402300800.0


class Mark(NamedTuple):
    """A moment with a name: `at` and when it was `made`, both UTC epoch seconds."""

    name: str
    at: float
    made: float


class Written(NamedTuple):
    """What became of the marks. `before` is the one that had the name, None where none had.

    `aside` is where a broken file was put, `dropped` how many old marks had to go.
    """

    before: Mark | None
    aside: Path | None = None
    dropped: int = 0


def marks_path() -> Path:
    """Return where the file is."""
    return state_folder() / "marks.json"


def mark_name(name: str) -> str:
    """Return a name that a mark can have.

    Raises:
        UsageError: it is none: empty, too long, not printable, with spaces at its ends, or an agent's.
    """
    if not name or name != name.strip() or len(name) > _NAME_MAX or not name.isprintable():
        raise UsageError(
            f"{name[:40]!r} is no name for a mark",
            hint=f"It is one line of 1 to {_NAME_MAX} characters, such as release-42",
        )
    if name.startswith(AGENT):
        raise UsageError(f"A name that begins with {AGENT} is an agent's", hint="`flowtui marks` lists them")
    return name


def read_marks(profile: str = DEFAULT_PROFILE, path: Path | None = None) -> dict[str, Mark]:
    """Return the marks of a profile by name, the newest last; changes nothing.

    Raises:
        ConfigError: the file cannot be read, or is not what we wrote.
    """
    path = path or marks_path()
    document = _read(path)
    if document is None:
        raise ConfigError(
            f"{path} is broken and no mark can be read", hint="The next `flowtui mark` sets it aside"
        )
    return _marks(document, profile)


def set_mark(profile: str, name: str, at: float, *, made: float, path: Path | None = None) -> Written:
    """Keep a mark, instead of one that has its name.

    Raises:
        UsageError: no mark can have this name.
        ConfigError: it cannot be written; then what is there is as it was.
    """
    name = mark_name(name)
    path = path or marks_path()
    with _locked(path):
        document, aside = _read_or_set_aside(path)
        known = _marks(document, profile)
        before = known.pop(name, None)
        known[name] = Mark(name, at, made)
        kept = sorted(known.values(), key=lambda mark: (mark.name == name, mark.at))[-MOST:]
        _write(path, _with(document, profile, kept))
    return Written(before, aside, len(known) - len(kept))


def delete_mark(profile: str, name: str, *, path: Path | None = None) -> Written:
    """Forget a mark; `before` is None where there was none of this name.

    Raises:
        ConfigError: the file cannot be read or written; then what is there is as it was.
    """
    path = path or marks_path()
    with _locked(path):
        known = read_marks(profile, path)
        before = known.pop(name, None)
        if before is not None:
            _write(path, _with(_read(path) or {}, profile, list(known.values())))
    return Written(before)


# -- the file --------------------------------------------------------------------------------------------------


def _marks(document: Mapping[str, Any], profile: str) -> dict[str, Mark]:
    own = _table(_table(document.get("profiles")).get(profile))
    marks = [
        Mark(name, float(value["at"]), float(value["made"]))
        for name, value in own.items()
        if isinstance(value, dict) and _is_time(value.get("at")) and _is_time(value.get("made"))
    ]
    return {mark.name: mark for mark in sorted(marks, key=lambda mark: mark.at) if mark.name.isprintable()}


def _with(document: Mapping[str, Any], profile: str, marks: list[Mark]) -> dict[str, Any]:
    known = _marks(document, profile)
    # What we cannot read is not ours to throw away.
    strange = {
        name: value
        for name, value in _table(_table(document.get("profiles")).get(profile)).items()
        if name not in known
    }
    own = strange | {mark.name: {"at": mark.at, "made": mark.made} for mark in marks}
    return {
        **document,
        "v": _VERSION,
        "profiles": {**_table(document.get("profiles")), profile: own},
    }


def _read(path: Path) -> dict[str, Any] | None:
    """Return the document, {} where there is no file, None where it is broken. Raises ConfigError: it cannot be read."""
    try:
        # A named pipe in its place is not waited for.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot read the marks in {path}: {_reason(error)}", hint="Check who owns it and its folder"
        ) from None
    try:
        value = json.loads(content) if len(content) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    version = value.get("v")
    if isinstance(version, int) and version > _VERSION:
        raise ConfigError(
            f"{path} was written by a newer flowtui", hint="Use that one, or move the file away"
        )
    return value if version == _VERSION and isinstance(value.get("profiles"), dict) else None


def _read_or_set_aside(path: Path) -> tuple[dict[str, Any], Path | None]:
    document = _read(path)
    if document is not None:
        return document, None
    names = (path.with_suffix(f".broken{number or ''}.json") for number in range(_ASIDE))
    free = next((name for name in names if not os.path.lexists(name)), None)
    if free is None:
        raise ConfigError(f"{path} is broken, as many before it", hint="Look at what writes there")
    try:
        path.replace(free)
    except OSError as error:
        raise ConfigError(f"{path} is broken and cannot be set aside: {_reason(error)}") from None
    return {}, free


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Write the file whole: at each moment it is the old one or the new one, readable by its owner alone."""
    try:
        content = json.dumps(document, indent=1).encode()
        if len(content) > _MAX_BYTES:
            raise ConfigError(
                f"{path} would get too long", hint="Delete marks with `flowtui mark --delete NAME`"
            )
        write_whole(path, content, sure=True)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot write the mark to {path}: {_reason(error)}",
            hint="Nothing was changed; see XDG_STATE_HOME",
        ) from None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other writers out, those of other processes too; the lock goes with the process that has it."""
    try:
        make_folder(path.parent, own=path == marks_path())
        lock = append(path.with_suffix(".lock"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot write marks in {path.parent}: {_reason(error)}", hint="See XDG_STATE_HOME"
        ) from None
    try:
        _take(lock, path)
        yield
    finally:
        os.close(lock)


def _take(lock: int, path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415  not on every system; there a file that is written whole has to do
    except ImportError:
        return
    until = time.monotonic() + _LOCK_WAIT
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise ConfigError(
                    f"Another process has held {path.with_suffix('.lock')} for {_LOCK_WAIT:g}s",
                    hint="See which flowtui hangs there, and try again",
                ) from None
            time.sleep(_LOCK_AGAIN)
        except OSError:
            return  # a file system without locks
        else:
            return


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "its path is not valid"


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _YEAR_10000
