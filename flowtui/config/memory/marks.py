"""Marks: names for moments, such as that of a deployment, of one profile at one address. Kept in a file of their own.

A mark says when something happened to the server that it was made for, so no other address ever sees it. A pipeline
rests on marks: unlike what the dashboard remembers nothing is lost in silence: what cannot be written raises, what
cannot be read is set aside and said. Holds no key, asks no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from flowtui.config.memory.marks_file import (
    NO_ADDRESS,
    Document,
    addresses_of,
    locked,
    marks_path,
    read_document,
    read_or_set_aside,
    table_of,
    with_table,
    write_document,
)
from flowtui.config.values.kinds import is_loopback
from flowtui.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from flowtui.config.settings import Settings

MAX_MARKS: Final = 500
"""Marks kept for one address of a profile: the newest."""

MAX_LOCAL_ADDRESSES: Final = 20
"""Addresses of this machine that a profile keeps marks for: a simulator or a demo has another port each time."""

AGENT: Final = "agent:"
"""How the name begins of a mark that an agent's last deployment is."""

_NAME_MAX: Final = 80
_YEAR_10000: Final = 253402300800.0
_PORTS: Final = {"https": 443, "http": 80}


UNKNOWN: Final = "an address that older versions did not keep"
"""What is said where a mark has no address."""


class Mark(NamedTuple):
    """A moment with a name: `at` and when it was `made`, both UTC epoch seconds."""

    name: str
    at: float
    made: float


class Owner(NamedTuple):
    """Whose marks: those of `profile` that were made for the server at `address` (see `address_of`).

    `adopts_old`: marks of the profile from before marks had addresses become this owner's.
    """

    profile: str
    address: str
    adopts_old: bool = False


class MarkChange(NamedTuple):
    """What became of the marks. `before` is the one that had the name, None where none had.

    `aside` is where a broken file was put, `dropped` how many old marks had to go.
    """

    previous: Mark | None
    set_aside: Path | None = None
    dropped: int = 0


def address_of(base_url: str) -> str:
    """Return an API's address in the one way in which marks name it: in small letters, without a port that is usual."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}{parts.path.rstrip('/')}"


def owner_of(settings: Settings) -> Owner:
    """Return whose marks hold with these settings.

    Old marks are taken over at the address that is configured: not at one that an option names for once, nor at one
    on this machine, which is a simulator's.
    """
    passing = settings.sources.get("base_url", "").startswith("--") or is_loopback(settings.base_url)
    return Owner(settings.profile, address_of(settings.base_url), adopts_old=not passing)


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


def read_marks(owner: Owner, path: Path | None = None) -> dict[str, Mark]:
    """Return the owner's marks by name, the newest last. Writes nothing, but that an owner with `adopts_old` takes over old marks.

    Raises:
        ConfigError: the file cannot be read, or is not what we wrote.
    """
    path = path or marks_path()
    document = _readable(path)
    if _inherits(document, owner):
        try:
            with locked(path):
                document = _inherited(_readable(path), owner)
                write_document(path, document)
        except ConfigError:  # a file that cannot be written can still be read
            document = _inherited(document, owner)
    return _marks(document, owner)


def marks_of_other_addresses(owner: Owner, path: Path | None = None) -> dict[str, dict[str, Mark]]:
    """Return the marks of the owner's profile that are of other addresses, by address; "" is not known. Changes nothing.

    Raises:
        ConfigError: see `read_marks`.
    """
    document = _readable(path or marks_path())
    others = [name for name in addresses_of(document, owner.profile) if name != owner.address]
    found = {name: _marks(document, Owner(owner.profile, name)) for name in sorted(others)}
    return {name: marks for name, marks in found.items() if marks}


def other_addresses_hint(owner: Owner, name: str, path: Path | None = None) -> str:
    """Return a sentence that says for which other addresses a mark of this name was made, "" for none; not display-safe.

    Raises:
        ConfigError: see `read_marks`.
    """
    found = [
        address or UNKNOWN
        for address, marks in marks_of_other_addresses(owner, path).items()
        if name in marks
    ]
    return f"A mark of this name was made for {', '.join(found[:3])}" if found else ""


def set_mark(owner: Owner, name: str, at: float, *, made: float, path: Path | None = None) -> MarkChange:
    """Keep a mark, instead of one of the same owner that has its name.

    Raises:
        UsageError: no mark can have this name.
        ConfigError: it cannot be written; then what is there is as it was.
    """
    name = mark_name(name)
    path = path or marks_path()
    with locked(path):
        document, aside = read_or_set_aside(path)
        document = _inherited(document, owner)
        known = _marks(document, owner)
        before = known.pop(name, None)
        known[name] = Mark(name, at, made)
        kept = sorted(known.values(), key=lambda mark: (mark.name == name, mark.at))[-MAX_MARKS:]
        document, forgotten = _without_old_ports(_with(document, owner, kept), owner)
        write_document(path, document)
    return MarkChange(before, aside, len(known) - len(kept) + forgotten)


def delete_mark(owner: Owner, name: str, *, path: Path | None = None) -> MarkChange:
    """Forget a mark; `before` is None where the owner has none of this name.

    Raises:
        ConfigError: the file cannot be read or written; then what is there is as it was.
    """
    path = path or marks_path()
    with locked(path):
        document = _inherited(_readable(path), owner)
        known = _marks(document, owner)
        before = known.pop(name, None)
        if before is not None:
            write_document(path, _with(document, owner, list(known.values())))
    return MarkChange(before)


# -- in the document -------------------------------------------------------------------------------------------


def _readable(path: Path) -> Document:
    document = read_document(path)
    if document is None:
        raise ConfigError(
            f"{path} is broken and no mark can be read", hint="The next `flowtui mark` sets it aside"
        )
    return document


def _inherits(document: Mapping[str, Any], owner: Owner) -> bool:
    """Whether old marks are there that become the owner's; of two of one name the owner's own one stays."""
    here = table_of(document, owner.profile, owner.address)
    return owner.adopts_old and any(
        name not in here for name in _marks(document, Owner(owner.profile, NO_ADDRESS))
    )


def _inherited(document: Document, owner: Owner) -> Document:
    if not _inherits(document, owner):
        return document
    old = table_of(document, owner.profile, NO_ADDRESS)
    here = table_of(document, owner.profile, owner.address)
    taken = set(_marks(document, Owner(owner.profile, NO_ADDRESS))) - set(here)
    moved = {name: old[name] for name in taken}
    rest = {name: value for name, value in old.items() if name not in taken}
    document = with_table(document, owner.profile, NO_ADDRESS, rest)
    return with_table(document, owner.profile, owner.address, moved | here)


def _marks(document: Mapping[str, Any], owner: Owner) -> dict[str, Mark]:
    marks = [
        Mark(name, float(value["at"]), float(value["made"]))
        for name, value in table_of(document, owner.profile, owner.address).items()
        if isinstance(value, dict) and _is_time(value.get("at")) and _is_time(value.get("made"))
    ]
    return {mark.name: mark for mark in sorted(marks, key=lambda mark: mark.at) if mark.name.isprintable()}


def _with(document: Mapping[str, Any], owner: Owner, marks: list[Mark]) -> Document:
    """Return a document in which these are the owner's marks; what we cannot read is not ours to throw away."""
    there, known = table_of(document, owner.profile, owner.address), _marks(document, owner)
    strange = {name: value for name, value in there.items() if name not in known}
    own = {mark.name: {**_fields(there.get(mark.name)), "at": mark.at, "made": mark.made} for mark in marks}
    return with_table(document, owner.profile, owner.address, strange | own)


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _without_old_ports(document: Document, owner: Owner) -> tuple[Document, int]:
    """Return a document with marks for the newest addresses of this machine alone, and how many marks had to go."""
    if not _is_here(owner.address):
        return document, 0
    here = {
        name: marks
        for name in addresses_of(document, owner.profile)
        if name != owner.address
        and _is_here(name)
        and (marks := _marks(document, Owner(owner.profile, name)))
    }
    newest = sorted(here, key=lambda name: max(mark.made for mark in here[name].values()))
    gone = 0
    for name in newest[: -(MAX_LOCAL_ADDRESSES - 1)]:
        document = with_table(document, owner.profile, name, {})
        gone += len(here[name])
    return document, gone


def _is_here(address: str) -> bool:
    try:
        return is_loopback(address)
    except ValueError:  # who wrote the file, wrote what is no address
        return False


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _YEAR_10000
