"""Files and folders that only their owner can read: 0600 and 0700, whatever the umask and whatever was there before.

All that flowtui writes is made here, or as here. Blocks; raises OSError and ValueError, for callers to tell.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

FILE: Final = 0o600
FOLDER: Final = 0o700
_OTHERS: Final = 0o077
_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)


def make_folder(path: Path, *, own: bool = False) -> None:
    """Make a folder and those above it that are missing, each for its owner alone.

    `own`: it is flowtui's, so one that is there already is closed to others, where that can be done.
    """
    for parent in (*reversed(path.parents), path):
        with suppress(FileExistsError):
            if not parent.is_dir():
                parent.mkdir(mode=FOLDER)
                parent.chmod(FOLDER)  # a strict umask may have taken from its owner, too
    if not path.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(path))
    if own and os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        with suppress(OSError):  # another user's: nothing is in it that he may not see
            path.chmod(FOLDER)


def chmod_command(path: Path, *, mode: str = "600") -> str:
    """Return the command that closes a file or a folder to others, to type into a shell."""
    from shlex import quote  # noqa: PLC0415  not before the first frame

    return f"chmod {mode} {quote(str(path))}"


def folder_open_to_all(path: Path) -> Path | None:
    """Return the folder in which anybody can put another file in the place of one, None where nobody can.

    Of a link, both what leads there and where it leads.
    """
    for folder in dict.fromkeys((path.absolute().parent, path.resolve().parent)):
        with suppress(OSError):
            mode = folder.stat().st_mode
            if os.name == "posix" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
                return folder
    return None


def create_private(path: Path) -> int:
    """Make a file that is not there yet, and return it open for writing. Raises FileExistsError, for a link too."""
    return _private(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, FILE))


def append_private(path: Path) -> int:
    """Return a file open for writing at its end, made where it is not there; one that is there becomes private."""
    return _private(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE))


def write_atomically(path: Path, content: bytes, *, sure: bool = False, mode: int = FILE) -> None:
    """Write a file so that at each moment it is the old one or the new one; `sure`: it is on the disk afterwards."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.unlink(missing_ok=True)  # of a process that was killed
        with os.fdopen(create_private(draft), "wb") as file:
            file.write(content)
            if sure:
                file.flush()
                os.fsync(file.fileno())  # a disk that is full may say so only now
            if mode != FILE:
                os.chmod(draft, mode)  # noqa: PTH101  not of what a link leads to
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _private(descriptor: int) -> int:
    """Take from a file what others may do with it, where it is a file: the umask may have taken from its owner, too."""
    if os.name == "posix" and stat.S_ISREG(os.fstat(descriptor).st_mode):
        with suppress(OSError):
            os.fchmod(descriptor, FILE)
    return descriptor
