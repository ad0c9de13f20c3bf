"""Marks: named moments, such as deployments, of one profile at one address. Stored in a file of their own.

A mark is used only for the server that it was made for. Pipelines rely on marks, so none is lost silently: ConfigError
is raised if the file cannot be written; a broken file is renamed, and the caller is told. Reads no key and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from flowtui.config.memory import marks_file
from flowtui.config.memory.addresses import address_of
from flowtui.config.memory.marks_file import Document
from flowtui.config.settings import Settings
from flowtui.config.values.kinds import is_loopback
from flowtui.errors import ConfigError, UsageError

MAX_MARKS: Final = 500
"""Most marks that are kept for one address of a profile; the oldest are removed first."""

MAX_LOCAL_ADDRESSES: Final = 20
"""Most addresses on this machine for which a profile keeps marks: each simulator and demo has a new port."""

AGENT: Final = "agent:"
"""Marks whose names begin with this are not stored: each stands for the last deployment of an agent."""

_NAME_MAX: Final = 80
_YEAR_10000: Final = 253402300800.0


UNKNOWN: Final = "an address that older versions did not keep"
"""Shown instead of an address for marks without one."""


class Mark(NamedTuple):
    """A named moment. `at` is the moment, and `made` is when the user set the mark, both in UTC epoch seconds."""

    name: str
    at: float
    made: float


class Owner(NamedTuple):
    """What marks belong to: a profile, on the server at `address` (see `address_of`).

    `adopts_old`: whether this owner takes over the marks of the profile that older versions stored without an address.
    """

    profile: str
    address: str
    adopts_old: bool = False


class MarkChange(NamedTuple):
    """The result of setting or deleting a mark.

    `previous`: the mark that had this name before; None if there was none.
    `set_aside`: the new path of the file if it was broken and therefore renamed; else None.
    `dropped`: how many old marks were removed to make room.
    """

    previous: Mark | None
    set_aside: Path | None = None
    dropped: int = 0


def owner_of(settings: Settings) -> Owner:
    """Return the owner of the marks that these settings use.

    The owner takes over marks without an address, unless the settings' address was given by `--base-url` (for one call
    only) or is on this machine (a simulator).
    """
    passing = settings.sources.get("base_url", "").startswith("--") or is_loopback(settings.base_url)
    return Owner(settings.profile, address_of(settings.base_url), adopts_old=not passing)


def mark_name(name: str) -> str:
    """Return `name` if a mark may have it.

    Raises:
        UsageError: the name is empty, too long, not printable, has spaces at its ends, or begins with `agent:`.
    """
    if not name or name != name.strip() or len(name) > _NAME_MAX or not name.isprintable():
        raise UsageError(
            f"{name[:40]!r} is no name for a mark",
            hint=f"It is one line of 1 to {_NAME_MAX} characters, such as release-42",
        )
    if name.startswith(AGENT):
        raise UsageError(
            f"Names that begin with {AGENT} are reserved for agents", hint="`flowtui marks` lists them"
        )
    return name


def read_marks(owner: Owner, path: Path | None = None) -> dict[str, Mark]:
    """Return the owner's marks by name, the newest last. Writes the file only if the owner takes over old marks.

    Raises:
        ConfigError: the file cannot be read, or is broken.
    """
    path = path or marks_file.marks_path()
    document = _read_valid(path)
    if _has_old_marks(document, owner):
        try:
            with marks_file.locked(path):
                document = _with_old_marks(_read_valid(path), owner)
                marks_file.write_document(path, document)
        except ConfigError:  # the file cannot be written, but it can be read
            document = _with_old_marks(document, owner)
    return _marks(document, owner)


def marks_of_other_addresses(owner: Owner, path: Path | None = None) -> dict[str, dict[str, Mark]]:
    """Return address -> name -> mark for all other addresses of the owner's profile; "" is the unknown address. Only reads.

    Raises:
        ConfigError: see `read_marks`.
    """
    document = _read_valid(path or marks_file.marks_path())
    others = [name for name in marks_file.addresses_of(document, owner.profile) if name != owner.address]
    found = {name: _marks(document, Owner(owner.profile, name)) for name in sorted(others)}
    return {name: marks for name, marks in found.items() if marks}


def other_addresses_hint(owner: Owner, name: str, path: Path | None = None) -> str:
    """Return a hint with the other addresses for which a mark of this name was made; "" if there are none. Not display-safe.

    Raises:
        ConfigError: see `read_marks`.
    """
    others = marks_of_other_addresses(owner, path)
    found = [address or UNKNOWN for address, marks in others.items() if name in marks]
    return f"A mark of this name was made for {', '.join(found[:3])}" if found else ""


def set_mark(owner: Owner, name: str, at: float, *, made: float, path: Path | None = None) -> MarkChange:
    """Save a mark. It replaces the owner's mark of the same name. `at` and `made`: see `Mark`.

    Raises:
        UsageError: a mark cannot have this name.
        ConfigError: the file cannot be read or written, or is from a newer flowtui. The file is then unchanged.
    """
    name = mark_name(name)
    path = path or marks_file.marks_path()
    with marks_file.locked(path):
        document, aside = marks_file.read_or_set_aside(path)
        document = _with_old_marks(document, owner)
        known = _marks(document, owner)
        before = known.pop(name, None)
        known[name] = Mark(name, at, made)
        kept = sorted(known.values(), key=lambda mark: (mark.name == name, mark.at))[-MAX_MARKS:]
        document, forgotten = _without_oldest_local(_with(document, owner, kept), owner)
        marks_file.write_document(path, document)
    return MarkChange(before, aside, len(known) - len(kept) + forgotten)


def delete_mark(owner: Owner, name: str, *, path: Path | None = None) -> MarkChange:
    """Delete a mark. If the owner has no mark of this name, `previous` is None in the result.

    Raises:
        ConfigError: the file cannot be read or written. The file is then unchanged.
    """
    path = path or marks_file.marks_path()
    with marks_file.locked(path):
        document = _with_old_marks(_read_valid(path), owner)
        known = _marks(document, owner)
        before = known.pop(name, None)
        if before is not None:
            marks_file.write_document(path, _with(document, owner, list(known.values())))
    return MarkChange(before)


# -- in the document -------------------------------------------------------------------------------------------


def _read_valid(path: Path) -> Document:
    document = marks_file.read_document(path)
    if document is None:
        raise ConfigError(
            f"{path} is broken and no mark can be read", hint="The next `flowtui mark` sets it aside"
        )
    return document


def _has_old_marks(document: Mapping[str, Any], owner: Owner) -> bool:
    """Return whether there are old marks for the owner to take over. Only marks whose names are still free are taken over."""
    here = marks_file.table_of(document, owner.profile, owner.address)
    return owner.adopts_old and any(
        name not in here for name in _marks(document, Owner(owner.profile, marks_file.NO_ADDRESS))
    )


def _with_old_marks(document: Document, owner: Owner) -> Document:
    if not _has_old_marks(document, owner):
        return document
    old = marks_file.table_of(document, owner.profile, marks_file.NO_ADDRESS)
    here = marks_file.table_of(document, owner.profile, owner.address)
    taken = set(_marks(document, Owner(owner.profile, marks_file.NO_ADDRESS))) - set(here)
    moved = {name: old[name] for name in taken}
    rest = {name: value for name, value in old.items() if name not in taken}
    document = marks_file.with_table(document, owner.profile, marks_file.NO_ADDRESS, rest)
    return marks_file.with_table(document, owner.profile, owner.address, moved | here)


def _marks(document: Mapping[str, Any], owner: Owner) -> dict[str, Mark]:
    marks = [
        Mark(name, float(value["at"]), float(value["made"]))
        for name, value in marks_file.table_of(document, owner.profile, owner.address).items()
        if isinstance(value, dict) and _is_time(value.get("at")) and _is_time(value.get("made"))
    ]
    return {mark.name: mark for mark in sorted(marks, key=lambda mark: mark.at) if mark.name.isprintable()}


def _with(document: Mapping[str, Any], owner: Owner, marks: list[Mark]) -> Document:
    """Return the document with `marks` as all of the owner's marks. Entries that this version cannot read are kept."""
    there, known = marks_file.table_of(document, owner.profile, owner.address), _marks(document, owner)
    strange = {name: value for name, value in there.items() if name not in known}
    own = {
        mark.name: {**marks_file.as_table(there.get(mark.name)), "at": mark.at, "made": mark.made}
        for mark in marks
    }
    return marks_file.with_table(document, owner.profile, owner.address, strange | own)


def _without_oldest_local(document: Document, owner: Owner) -> tuple[Document, int]:
    """Remove the marks of some addresses on this machine; return the document and how many marks were removed.

    Kept are the marks of the owner's address, and of the addresses with the newest marks, `MAX_LOCAL_ADDRESSES` in all.
    If the owner's address is on another machine, nothing is removed.
    """
    if not _is_local(owner.address):
        return document, 0
    here = {
        name: marks
        for name in marks_file.addresses_of(document, owner.profile)
        if name != owner.address
        and _is_local(name)
        and (marks := _marks(document, Owner(owner.profile, name)))
    }
    newest = sorted(here, key=lambda name: max(mark.made for mark in here[name].values()))
    gone = 0
    for name in newest[: -(MAX_LOCAL_ADDRESSES - 1)]:
        document = marks_file.with_table(document, owner.profile, name, {})
        gone += len(here[name])
    return document, gone


def _is_local(address: str) -> bool:
    try:
        return is_loopback(address)
    except ValueError:  # the file was edited: this is not an address
        return False


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _YEAR_10000
