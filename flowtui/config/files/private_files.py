"""Files and folders that only their owner can read (modes 0600 and 0700), whatever the umask is.

All files that flowtui writes are created with these functions. They block, and raise OSError, or ValueError if a NUL is
in the path; the caller turns either into a message.
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
    """Create a folder and its missing parents, each for its owner only.

    `own`: whether only flowtui uses the folder. If so, other users lose their rights to it even if it exists already.
    """
    for parent in (*reversed(path.parents), path):
        with suppress(FileExistsError):
            if not parent.is_dir():
                parent.mkdir(mode=FOLDER)
                parent.chmod(FOLDER)  # a strict umask may have removed rights of the owner
    if not path.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(path))
    if own and os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        with suppress(OSError):  # it belongs to another user, who may read it anyway
            path.chmod(FOLDER)


def reason(error: OSError | ValueError) -> str:
    """Return for a message why a path could not be read or written. A ValueError means that the path is invalid."""
    return getattr(error, "strerror", None) or "its path is not valid"


def chmod_command(path: Path, *, mode: str = "600") -> str:
    """Return the shell command that sets the permissions of a file or folder to `mode`; by default only its owner has any."""
    from shlex import quote  # noqa: PLC0415  only for an error

    return f"chmod {mode} {quote(str(path))}"


def folder_open_to_all(path: Path) -> Path | None:
    """Return the folder of `path` if every user can replace files in this folder, else None.

    If `path` is a link, the folder of the link's target is checked as well.
    """
    for folder in dict.fromkeys((path.absolute().parent, path.resolve().parent)):
        with suppress(OSError):
            mode = folder.stat().st_mode
            if os.name == "posix" and mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
                return folder
    return None


def create_private(path: Path) -> int:
    """Create a file and return its descriptor for writing. Raises FileExistsError if there is a file or a link already."""
    return _private(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, FILE))


def append_private(path: Path) -> int:
    """Open a file for appending, or create it; return its descriptor. Other users lose their rights to an existing file."""
    return _private(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE))


def write_atomically(path: Path, content: bytes, *, sure: bool = False, mode: int = FILE) -> None:
    """Replace a file in one step, so that readers see the old or the new content.

    `sure`: whether to return only after the content is on the disk. `mode`: the permissions of the new file.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.unlink(missing_ok=True)  # a killed process may have left it behind
        with os.fdopen(create_private(draft), "wb") as file:
            file.write(content)
            if sure:
                file.flush()
                os.fsync(file.fileno())  # a full disk may fail only here
            if mode != FILE:
                os.chmod(draft, mode)  # noqa: PTH101  of the draft, never of a link's target
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _private(descriptor: int) -> int:
    """Set the mode of a regular file to 0600; return the descriptor. A strict umask may have removed rights of the owner."""
    if os.name == "posix" and stat.S_ISREG(os.fstat(descriptor).st_mode):
        with suppress(OSError):
            os.fchmod(descriptor, FILE)
    return descriptor
