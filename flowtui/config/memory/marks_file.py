"""The file of marks: profile -> address -> name -> mark. It is read and written as a whole; writers hold a lock.

```
{"v": 2, "profiles": {"default": {"https://flow.seekr.com": {"release-42": {"at": 1794000000, "made": 1794000002}}}}}
```
Version 1 of the format had no addresses: marks from it have the address "" until an owner takes them over. Entries that
this version of flowtui cannot read are kept unchanged.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from flowtui.config.files.private_files import append_private, make_folder, reason, write_atomically
from flowtui.config.files.user_dirs import state_folder
from flowtui.errors import ConfigError

NO_ADDRESS: Final = ""
"""The address of marks that were stored without one, by version 1."""

_VERSION: Final = 2
_MAX_BYTES: Final = 1 << 20
_MAX_BROKEN: Final = 99  # most broken files that are renamed and kept
_LOCK_WAIT: Final = 5.0  # seconds
_LOCK_RETRY: Final = 0.02  # seconds between two attempts

Document = dict[str, Any]


def marks_path() -> Path:
    """Return the path of the file."""
    return state_folder() / "marks.json"


def read_document(path: Path) -> Document | None:
    """Return the file's content in the newest format; {} if the file is missing, None if it is broken. Only reads.

    Raises:
        ConfigError: the file cannot be read, or was written by a newer flowtui.
    """
    try:
        # Non-blocking: if there is a named pipe instead of a file, this would else wait for a writer.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot read the marks in {path}: {reason(error)}", hint="Check who owns it and its folder"
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
            f"{path} was written by a newer flowtui", hint="Use that version, or move the file away"
        )
    known = version in (1, _VERSION) and not isinstance(version, bool)
    if not known or not isinstance(value.get("profiles"), dict):
        return None
    return value if version == _VERSION else _with_addresses(value)


def _with_addresses(document: Document) -> Document:
    """Return a document of version 1 in the format of version 2. Its marks get the address "", which means unknown."""
    profiles = {name: {NO_ADDRESS: own} for name, own in document["profiles"].items()}
    return {**document, "v": _VERSION, "profiles": profiles}


def table_of(document: Mapping[str, Any], profile: str, address: str) -> dict[str, Any]:
    """Return name -> entry for an address of a profile, including entries that are no marks."""
    return as_table(addresses_of(document, profile).get(address))


def addresses_of(document: Mapping[str, Any], profile: str) -> dict[str, Any]:
    """Return address -> its entries for a profile."""
    return as_table(as_table(document.get("profiles")).get(profile))


def with_table(document: Mapping[str, Any], profile: str, address: str, table: Mapping[str, Any]) -> Document:
    """Return the document with `table` as the entries for an address of a profile; without the address if it is empty."""
    addresses = {**addresses_of(document, profile), address: dict(table)}
    if not table:
        del addresses[address]
    profiles = {**as_table(document.get("profiles")), profile: addresses}
    return {**document, "v": _VERSION, "profiles": profiles}


def read_or_set_aside(path: Path) -> tuple[Document, Path | None]:
    """Return the document and None. If the file is broken, rename it, and return {} and the file's new path.

    Raises:
        ConfigError: the file cannot be read, or is broken and cannot be renamed.
    """
    document = read_document(path)
    if document is not None:
        return document, None
    names = (path.with_suffix(f".broken{number or ''}.json") for number in range(_MAX_BROKEN))
    free = next((name for name in names if not os.path.lexists(name)), None)
    if free is None:
        raise ConfigError(
            f"{path} is broken, as {_MAX_BROKEN} earlier ones were", hint="Find out what writes there"
        )
    try:
        path.replace(free)
    except OSError as error:
        raise ConfigError(f"{path} is broken and cannot be set aside: {reason(error)}") from None
    return {}, free


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file in one step. Only its owner can read it.

    Raises:
        ConfigError: the file cannot be written. It is then unchanged.
    """
    try:
        content = json.dumps(document, indent=1).encode()
        if len(content) > _MAX_BYTES:
            raise ConfigError(
                f"{path} would get too long", hint="Delete marks with `flowtui mark --delete NAME`"
            )
        write_atomically(path, content, sure=True)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot write the mark to {path}: {reason(error)}",
            hint="Nothing was changed; see XDG_STATE_HOME",
        ) from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock inside the context, so that no other process writes marks. If this process dies, the lock is released.

    Raises:
        ConfigError: the folder cannot be written, or another process has held the lock for 5 s.
    """
    try:
        make_folder(path.parent, own=path == marks_path())
        lock = append_private(path.with_suffix(".lock"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot write marks in {path.parent}: {reason(error)}", hint="See XDG_STATE_HOME"
        ) from None
    try:
        _take(lock, path)
        yield
    finally:
        os.close(lock)


def _take(lock: int, path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415  not on every system
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
            time.sleep(_LOCK_RETRY)
        except OSError:
            return  # a file system without locks
        else:
            return


def as_table(value: Any) -> dict[str, Any]:
    """Return a value of the document if it is an object, else {}."""
    return value if isinstance(value, dict) else {}
