"""Which file holds the history of a profile, an address, a team and a key."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from flowtui.config.files.plain_key import Secret
from flowtui.config.files.user_dirs import state_folder
from flowtui.config.memory.addresses import address_of
from flowtui.config.memory.installation_key import installation_key, key_path
from flowtui.config.settings import Settings
from flowtui.text import safe_text

try:
    # The same as in `hashlib`, which also loads OpenSSL: the first frame waits for this.
    from _blake2 import blake2s
except ImportError:
    from hashlib import blake2s

_FOLDER: Final = "history"
_END: Final = ".db"
_ASIDE: Final = ".broken"
WAL: Final = "-wal"
"""The end of the name of the file with what is not in the history's file yet."""
BESIDE: Final = (WAL, "-shm")
"""The ends of the names of the files that SQLite keeps beside a file."""


class Place(NamedTuple):
    """Where the history of one profile, address, team and key is."""

    folder: Path
    scope: str
    """Tells profiles, addresses and teams apart: hexadecimal digits."""
    key: str
    """Tells keys apart: hexadecimal digits of a digest that only this installation can compute."""
    profile: str
    address: str
    salt: bytes
    """The installation's key."""
    own: bool
    """Whether only flowtui uses the folder."""

    @property
    def file(self) -> Path:
        """The file."""
        return self.folder / f"{self.scope}-{self.key}{_END}"

    @property
    def other_keys(self) -> list[Path]:
        """The files of the same profile, address and team that other keys wrote, the latest first. Never raises."""
        found: list[tuple[float, Path]] = []
        with suppress(OSError, ValueError):
            paths = self.folder.glob(f"{self.scope}-*{_END}")
            found.extend((path.stat().st_mtime, path) for path in paths if path != self.file)
        return [path for _, path in sorted(found, reverse=True)]


def place_of(settings: Settings, key: Secret, *, make_salt: bool) -> Place | None:
    """Return where the history of these settings and this key is. Blocks.

    None if keys cannot be told apart, since the installation has no key of its own: with `make_salt` because it cannot be
    written, else because nothing was written yet.
    """
    if not make_salt and not key_path().is_file():
        return None
    salt = installation_key()
    if not key_path().is_file():
        return None
    address = address_of(settings.base_url)
    scope = _digest(salt, "scope", settings.profile, address, settings.team or "")
    folder = (
        state_folder() / _FOLDER
        if settings.remember_path is None
        else Path(settings.remember_path).expanduser()
    )
    digest = _digest(salt, "key", key.get_secret_value())
    return Place(folder, scope, digest, settings.profile, address, salt, own=settings.remember_path is None)


def belonging(path: Path) -> list[Path]:
    """Return the file of a history and the files that SQLite keeps beside it, as far as they exist."""
    found = [path, *(path.with_name(path.name + end) for end in BESIDE)]
    return [each for each in found if each.exists() or each.is_symlink()]


def aside(path: Path) -> Path:
    """Return the name that a file gets if it cannot be read."""
    return path.with_name(path.name + _ASIDE)


def set_aside_files(path: Path) -> list[Path]:
    """Return the files that were set aside because they could not be read."""
    return belonging(aside(path))


def size_of(paths: Iterable[Path]) -> int:
    """Return how many bytes these files have together; a missing one has none."""
    size = 0
    for path in paths:
        with suppress(OSError):
            size += path.stat().st_size
    return size


def shown(path: Path) -> str:
    """Return a path for people: display-safe, with ~ for the home folder."""
    with suppress(RuntimeError, ValueError):
        return safe_text(Path("~") / path.relative_to(Path.home()))
    return safe_text(path)


def _digest(salt: bytes, *parts: str) -> str:
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2s(told, key=salt[:32], digest_size=8).hexdigest()
